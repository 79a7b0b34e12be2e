"""A purchase without the card: the phone number stands for it, with a code where the switch wants one."""

from terminal.transactions.steps import amount, card, number
from terminal.transactions.steps.send import send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow import Flow


def _take(flow: "Flow", typed: str) -> bool:
    flow.card = card.of_typed(typed) if typed[:1] == "0" else None
    return flow.card is not None


STEPS = (number.Number("dialled", "key_phone", 17, _take), amount.read, send)
TABLES = (number.TABLE, amount.TABLE)
