"""Out of work for a technician who brings keys: only when nothing is open that another key could not read."""

from terminal.transactions import events
from terminal.transactions.engine import leave

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow import Flow


def _ask(flow: "Flow") -> bool:
    if flow._journal.open_sales() or (flow.offline and flow.offline.waiting):
        flow.notice("unsettled")
    else:
        flow.ask("confirm", [flow.say("keys"), flow.say("ask_keys"), "", flow.say("keys_confirm")])
    return True


def _stop(flow: "Flow", _: object) -> None:
    flow.actions.serve_keys()
    flow.notice("keys")


STEPS = (_ask,)
TABLES = (
    {
        ("confirm", events.ENTER): _stop,
        ("confirm", events.CANCEL): leave,
        ("confirm", events.TIMEOUT): leave,
    },
)
