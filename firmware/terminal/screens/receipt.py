"""The slip of a transaction: data in, elements out, one at a time."""

from terminal.devices.escpos.slip import BIG, CENTRED, DIRECTION, ROW, SEPARATOR
from terminal.screens.bidi import LEFT_TO_RIGHT, RIGHT_TO_LEFT
from terminal.screens.jalali import jalali
from terminal.screens.layout import amount, clean, code, foreign, persian_digits
from terminal.screens.text import reason, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from terminal.devices.escpos.slip import Element
    from terminal.system.config import Config
    from terminal.transactions.outcome import Outcome


# One string each, as `text` has them.
_TIERS = " initial silver gold platinum "
_SALES = " purchase redemption "
_WITHOUT_BALANCE = " would_earn activation "
_FIGURES = (
    "discount points_earned points_spent credit_earned credit_spent points_pending could_spend refund_units "
    "refund_amount net_amount"
)
_BALANCES = "points_balance credit_balance wallet_balance gift_balance"
_ALWAYS = " points_earned points_spent credit_earned points_balance credit_balance "


def receipt(outcome: "Outcome", config: "Config", copy: bool) -> "Iterator[Element]":
    """Elements of the slip, one block for each configured language, in their order.

    Args:
        outcome: what the switch decided.
        config: merchant names, terminal id and languages.
        copy: whether to mark it as a copy, since the first print may already be in somebody's hand.
    """
    for language in config.languages:
        yield from head(config, language)
        if copy:
            yield (BIG, "* " + say(language, "copy") + " *", "")
        yield from _block(outcome, config, language)
    if outcome.approved and outcome.items:
        from terminal.screens.ticket import tickets  # noqa: PLC0415  (only where something was won)

        yield from tickets(outcome, config)


def head(config: "Config", language: str) -> "Iterator[Element]":
    """What a block in this language begins with: its direction, and whose slip it is."""
    if language != config.languages[0]:
        yield (SEPARATOR, "", "")
        yield (SEPARATOR, "", "")
    yield (DIRECTION, RIGHT_TO_LEFT if language == "fa" else LEFT_TO_RIGHT, "")
    merchant = config.merchant_name_fa if language == "fa" else config.merchant_name_en
    if merchant:
        yield (BIG, merchant, "")


def foot(
    config: "Config", local: "tuple[int, int, int, int, int, int]", language: str
) -> "Iterator[Element]":
    """Where and when."""
    yield (ROW, say(language, "terminal"), code(config.terminal_id, language))
    yield (ROW, day_text(local, language), time_text(local, language))


def _block(outcome: "Outcome", config: "Config", language: str) -> "Iterator[Element]":
    if outcome.approved:
        yield (ROW, say(language, outcome.kind), say(language, "approved"))
    else:
        yield (CENTRED, say(language, outcome.kind), "")
        yield (BIG, say(language, "declined"), "")
        yield (CENTRED, reason(language, outcome.response_code), "")
        yield (ROW, say(language, "code"), code(outcome.response_code, language))
    if outcome.amount:
        yield (CENTRED, say(language, "amount"), "")
        yield (BIG, amount(outcome.amount, language), "")
        yield (SEPARATOR, "", "")
    if outcome.offline:
        yield (CENTRED, say(language, "offline_slip"), "")
    elif outcome.approved:
        yield from _loyalty(outcome, language)
        yield (SEPARATOR, "", "")
    yield (ROW, say(language, "card"), code(outcome.card, language))
    if outcome.rrn:
        yield (ROW, say(language, "rrn"), code(outcome.rrn, language))
    yield (ROW, say(language, "stan"), code(outcome.stan, language))
    yield from foot(config, outcome.local, language)
    message = clean(outcome.text_fa if language == "fa" else outcome.text_en)
    if message:
        yield (CENTRED, message, "")


def _loyalty(outcome: "Outcome", language: str) -> "Iterator[Element]":
    if outcome.name:
        yield (ROW, say(language, "member"), foreign(outcome.name))
    if outcome.tier:
        known = " " + outcome.tier + " " in _TIERS
        tier = say(language, "tier_" + outcome.tier) if known else foreign(outcome.tier)
        yield (ROW, say(language, "tier"), tier)
    is_sale = " " + outcome.kind + " " in _SALES
    for name in _FIGURES.split(" "):
        value = getattr(outcome, name)
        # A sale says what was earned and spent, even where that is nothing.
        always = is_sale and " " + name + " " in _ALWAYS
        if value or always or (name == "net_amount" and value is not None):
            yield (ROW, say(language, name), amount(value, language))
    if " " + outcome.kind + " " not in _WITHOUT_BALANCE:
        for name in _BALANCES.split(" "):
            value = getattr(outcome, name)
            if value or " " + name + " " in _ALWAYS:
                yield (ROW, say(language, name), amount(value, language))


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
