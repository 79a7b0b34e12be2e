"""The slip of a settled day."""

from terminal.screens.layout import WIDTH, amount, centred, code, row
from terminal.screens.receipt import day_text, time_text
from terminal.screens.text import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.system.config import Config
    from terminal.transactions.contract import Totals

# Text, field of the number and field of the amount.
_ROWS = (
    ("totals_debits", 76, 88),
    ("totals_debits_reversed", 77, 89),
    ("totals_credits", 74, 86),
    ("totals_credits_reversed", 75, 87),
)


def totals_slip(
    totals: "Totals", differences: int, config: "Config", local: "tuple[int, int, int, int, int, int]"
) -> "list[str]":
    """Lines of the slip, a block for each configured language.

    Args:
        totals: the day's account.
        differences: how many transactions the switch knows otherwise.
        config: merchant names, terminal id and languages.
        local: the time of printing.
    """
    lines: "list[str]" = []
    for language in config.languages:
        if lines:
            lines.append("-" * WIDTH)
        merchant = config.merchant_name_fa if language == "fa" else config.merchant_name_en
        lines += [centred(merchant), centred(say(language, "settlement"))]
        lines += row(say(language, "business_day"), code(totals.day[:2] + "/" + totals.day[2:], language))
        for text, number, field in _ROWS:
            lines += row(say(language, text), amount(totals.figures[number], language))
            lines += row("", amount(totals.figures[field], language))
        text = "differences" if differences else "in_balance"
        lines += row(say(language, text), amount(differences, language) if differences else "")
        lines += row(say(language, "terminal"), code(config.terminal_id, language))
        lines += row(say(language, "date"), day_text(local, language))
        lines += row(say(language, "time"), time_text(local, language))
    return lines
