"""Return of a sale, whole or in part: the reference number of its receipt, the amount, the card, and yes."""

from terminal.transactions.steps import amount, card, confirm, number
from terminal.transactions.steps.send import send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow import Flow


def _take(flow: "Flow", typed: str) -> bool:
    """Enter alone means the last sale, and then the whole of it unless an amount is keyed in."""
    last = flow.last_outcome()
    if last and last.can_come_back and int(typed or last.rrn) == int(last.rrn):
        typed = last.rrn
        flow.keyed["whole"] = str(last.amount)
    if not typed or not int(typed):
        return False
    flow.keyed["rrn"] = typed
    return True


STEPS = (number.Number("rrn", "key_rrn", 12, _take), amount.read, card.read, confirm.read, send)
TABLES = (number.TABLE, amount.TABLE, card.TABLE, confirm.TABLE)
