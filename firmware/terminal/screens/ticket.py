"""What was won, to be torn off: one ticket for each item of the reply (tag DF33)."""

from terminal.screens.layout import WIDTH, amount, centred, clean, code
from terminal.screens.text import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.system.config import Config
    from terminal.transactions.outcome import Outcome

_ITEMS_LIMIT = 8


def tickets(outcome: "Outcome", config: "Config") -> "list[str]":
    """Lines to follow the receipt: of each item its number and reference, and the sale that it comes from."""
    lines: "list[str]" = []
    for item in outcome.items.split(";")[:_ITEMS_LIMIT]:
        count, _, reference = item.partition("x")
        if not count.isdigit() or not reference:
            continue
        lines.append("- " * (WIDTH // 2))
        for language in config.languages:
            merchant = config.merchant_name_fa if language == "fa" else config.merchant_name_en
            lines += [centred(merchant), centred("*** " + say(language, "ticket") + " ***")]
        lines.append(centred(amount(int(count), config.languages[0]) + " × " + clean(reference)))
        lines.append(centred(code(outcome.rrn, config.languages[0])))
    return lines
