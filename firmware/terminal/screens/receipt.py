"""The slip of a transaction: data in, lines out."""

from terminal.screens.jalali import jalali
from terminal.screens.layout import WIDTH, amount, centred, code, foreign, persian_digits, row, wrapped
from terminal.screens.text import reason, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.system.config import Config
    from terminal.transactions.outcome import Outcome


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
    if outcome.kind != "balance":
        lines += row(say(language, "amount"), amount(outcome.amount, language))
    if outcome.approved:
        _loyalty(lines, outcome, language)
    lines += row(say(language, "card"), code(outcome.card, language))
    if outcome.rrn:
        lines += row(say(language, "rrn"), code(outcome.rrn, language))
    lines += row(say(language, "stan"), code(outcome.stan, language))
    lines += row(say(language, "terminal"), code(config.terminal_id, language))
    lines += row(say(language, "date"), date(outcome, language))
    lines += row(say(language, "time"), _time(outcome, language))
    message = outcome.text_fa if language == "fa" else outcome.text_en
    if message:
        lines += wrapped(message)


def _loyalty(lines: "list[str]", outcome: "Outcome", language: str) -> None:
    if outcome.name:
        lines += row(say(language, "member"), foreign(outcome.name))
    if outcome.tier:
        lines += row(say(language, "tier"), say(language, "tier_" + outcome.tier) or foreign(outcome.tier))
    if outcome.kind != "balance":
        lines += row(say(language, "points_earned"), amount(outcome.points_earned, language))
        lines += row(say(language, "points_spent"), amount(outcome.points_spent, language))
        lines += row(say(language, "credit_earned"), amount(outcome.credit_earned, language))
        if outcome.credit_spent:
            lines += row(say(language, "credit_spent"), amount(outcome.credit_spent, language))
    lines += row(say(language, "points_balance"), amount(outcome.points_balance, language))
    lines += row(say(language, "credit_balance"), amount(outcome.credit_balance, language))


def date(outcome: "Outcome", language: str) -> str:
    """The day of the sale: Jalali in Persian digits, or Gregorian."""
    year, month, day = outcome.local[:3]
    if language == "fa":
        year, month, day = jalali(year, month, day)
        return code(persian_digits("%04d/%02d/%02d" % (year, month, day)), language)
    return "%04d-%02d-%02d" % (year, month, day)


def _time(outcome: "Outcome", language: str) -> str:
    text = "%02d:%02d:%02d" % outcome.local[3:]
    return code(persian_digits(text), language) if language == "fa" else text
