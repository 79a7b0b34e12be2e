"""The slip of a settled day."""

from terminal.devices.escpos.slip import BIG, CENTRED, ROW, SEPARATOR
from terminal.screens.layout import amount, code
from terminal.screens.receipt import foot, head
from terminal.screens.text import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from terminal.devices.escpos.slip import Element
    from terminal.system.config import Config
    from terminal.transactions.day_book import DayAccount

# Text, field of the number and field of the amount.
_ROWS = (
    ("totals_debits", 76, 88),
    ("totals_debits_reversed", 77, 89),
    ("totals_credits", 74, 86),
    ("totals_credits_reversed", 75, 87),
)


def totals_slip(
    account: "DayAccount", differences: int, config: "Config", local: "tuple[int, int, int, int, int, int]"
) -> "Iterator[Element]":
    """Elements of the slip, a block for each configured language.

    Args:
        account: the day's.
        differences: how many transactions the switch knows otherwise.
        config: merchant names, terminal id and languages.
        local: the time of printing.
    """
    for language in config.languages:
        yield from head(config, language)
        yield (BIG, say(language, "settlement"), "")
        yield (SEPARATOR, "", "")
        yield (ROW, say(language, "business_day"), code(account.date[:2] + "/" + account.date[2:], language))
        for text, number, field in _ROWS:
            yield (ROW, say(language, text), amount(account.figure(number), language))
            yield (ROW, say(language, "amount"), amount(account.figure(field), language))
        yield (SEPARATOR, "", "")
        if differences:
            yield (ROW, say(language, "differences"), amount(differences, language))
        else:
            yield (CENTRED, say(language, "in_balance"), "")
        yield from foot(config, local, language)
