"""Whether it is right: asked before what can't easily be undone."""

from terminal.constant import const
from terminal.screens.layout import amount
from terminal.transactions import events
from terminal.transactions.engine import leave

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow import Flow

_LARGE_LINE = const(2)


def read(flow: "Flow") -> bool:
    """Show what is going to happen, and wait for Enter."""
    shown = amount(int(flow.keyed["amount"]), flow.language) if "amount" in flow.keyed else ""
    lines = [flow.say(flow.name), flow.say("is_it_right"), shown, flow.say("keys_confirm")]
    flow.ask("confirm", lines, large=_LARGE_LINE)
    return True


def _entered(flow: "Flow", _: object) -> None:
    flow.go_on()


TABLE = {
    ("confirm", events.ENTER): _entered,
    ("confirm", events.CANCEL): leave,
    ("confirm", events.TIMEOUT): leave,
}
