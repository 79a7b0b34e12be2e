"""What was won, to be torn off: one ticket for each item of the reply (tag DF33)."""

from terminal.constant import const
from terminal.devices.escpos.slip import BIG, QR_CODE, ROW, TEAR
from terminal.screens.layout import amount, clean, code, foreign
from terminal.screens.receipt import foot, head
from terminal.screens.text import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from terminal.devices.escpos.slip import Element
    from terminal.system.config import Config
    from terminal.transactions.outcome import Outcome

_ITEMS_LIMIT = const(8)


def tickets(outcome: "Outcome", config: "Config") -> "Iterator[Element]":
    """Elements to follow the receipt: of each item its number and reference, and the sale that it comes from.

    The code says `vafa-ticket:`, the sale's RRN, a colon, and the item as the switch named it.
    """
    language = config.languages[0]
    for item in outcome.items.split(";")[:_ITEMS_LIMIT]:
        count, _, reference = item.partition("x")
        if not count.isdigit() or not reference:
            continue
        yield (TEAR, "", "")
        yield from head(config, language)
        for each in config.languages:
            yield (BIG, say(each, "ticket"), "")
        yield (BIG, code(amount(int(count), language) + " × " + foreign(reference), language), "")
        yield (QR_CODE, "vafa-ticket:" + outcome.rrn + ":" + clean(item), "")
        yield (ROW, say(language, "rrn"), code(outcome.rrn, language))
        yield from foot(config, outcome.local, language)
