"""The last sale undone: the return of the whole of it, without anything to key in."""

from terminal.transactions.steps import card, confirm
from terminal.transactions.steps.send import send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow import Flow


def _find(flow: "Flow") -> bool:
    last = flow.last_outcome()
    if last is None or not last.can_come_back:
        flow.notice("no_last")
        return True
    flow.keyed["rrn"] = last.rrn
    flow.keyed["amount"] = str(last.amount)
    return False


STEPS = (_find, card.read, confirm.read, send)
TABLES = (card.TABLE, confirm.TABLE)
