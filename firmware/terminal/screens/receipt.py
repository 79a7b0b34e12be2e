"""The slip of a transaction: data in, lines out."""

from terminal.screens.jalali import jalali
from terminal.screens.layout import WIDTH, amount, centred, code, foreign, persian_digits, row, wrapped
from terminal.screens.text import reason, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.system.config import Config
    from terminal.transactions.outcome import Outcome


_TIERS = ("initial", "silver", "gold", "platinum")
_SALES = ("purchase", "redemption")
_WITHOUT_BALANCE = ("would_earn", "activation")
_FIGURES = (
    "discount",
    "points_earned",
    "points_spent",
    "credit_earned",
    "credit_spent",
    "points_pending",
    "could_spend",
    "refund_units",
    "refund_amount",
    "net_amount",
)
_BALANCES = ("points_balance", "credit_balance", "wallet_balance", "gift_balance")
_ALWAYS = ("points_earned", "points_spent", "credit_earned", "points_balance", "credit_balance")


def receipt(outcome: "Outcome", config: "Config", copy: bool) -> "list[str]":
    """Lines of the slip, one block for each configured language, in their order.

    Args:
        outcome: what the switch decided.
        config: merchant names, terminal id and languages.
        copy: whether to mark it as a copy, since the first print may already be in somebody's hand.
    """
    lines: "list[str]" = []
    for language in config.languages:
        if lines:
            lines.append("-" * WIDTH)
        _block(lines, outcome, config, copy, language)
    if outcome.approved and outcome.items:
        from terminal.screens.ticket import tickets  # noqa: PLC0415  (only where something was won)

        lines += tickets(outcome, config)
    return lines


def _block(lines: "list[str]", outcome: "Outcome", config: "Config", copy: bool, language: str) -> None:
    merchant = config.merchant_name_fa if language == "fa" else config.merchant_name_en
    if merchant:
        lines.append(centred(merchant))
    if copy:
        lines.append(centred("*** " + say(language, "copy") + " ***"))
    lines.append(centred(say(language, outcome.kind)))
    if outcome.approved:
        lines.append(centred(say(language, "approved")))
    else:
        lines.append(centred(say(language, "declined")))
        lines.append(centred(reason(language, outcome.response_code)))
        lines += row(say(language, "code"), code(outcome.response_code, language))
    if outcome.amount:
        lines += row(say(language, "amount"), amount(outcome.amount, language))
    if outcome.offline:
        lines += wrapped(say(language, "offline_slip"))
    elif outcome.approved:
        _loyalty(lines, outcome, language)
    lines += row(say(language, "card"), code(outcome.card, language))
    if outcome.rrn:
        lines += row(say(language, "rrn"), code(outcome.rrn, language))
    lines += row(say(language, "stan"), code(outcome.stan, language))
    lines += row(say(language, "terminal"), code(config.terminal_id, language))
    lines += row(say(language, "date"), day_text(outcome.local, language))
    lines += row(say(language, "time"), time_text(outcome.local, language))
    message = outcome.text_fa if language == "fa" else outcome.text_en
    if message:
        lines += wrapped(message)


def _loyalty(lines: "list[str]", outcome: "Outcome", language: str) -> None:
    if outcome.name:
        lines += row(say(language, "member"), foreign(outcome.name))
    if outcome.tier:
        known = outcome.tier in _TIERS
        lines += row(
            say(language, "tier"), say(language, "tier_" + outcome.tier) if known else foreign(outcome.tier)
        )
    is_sale = outcome.kind in _SALES
    for name in _FIGURES:
        value = getattr(outcome, name)
        # A sale says what was earned and spent, even where that is nothing.
        if value or (is_sale and name in _ALWAYS) or (name == "net_amount" and value is not None):
            lines += row(say(language, name), amount(value, language))
    if outcome.kind not in _WITHOUT_BALANCE:
        for name in _BALANCES:
            value = getattr(outcome, name)
            if value or name in _ALWAYS:
                lines += row(say(language, name), amount(value, language))


def day_text(local: "tuple[int, int, int, int, int, int]", language: str) -> str:
    """The day of a local time: Jalali in Persian digits, or Gregorian."""
    year, month, day = local[:3]
    if language == "fa":
        year, month, day = jalali(year, month, day)
        return code(persian_digits("%04d/%02d/%02d" % (year, month, day)), language)
    return "%04d-%02d-%02d" % (year, month, day)


def time_text(local: "tuple[int, int, int, int, int, int]", language: str) -> str:
    """The time of day of a local time."""
    text = "%02d:%02d:%02d" % local[3:]
    return code(persian_digits(text), language) if language == "fa" else text
