"""Sales made without a link that the switch then refused: shown one by one, let go when seen."""

from terminal.screens.layout import amount
from terminal.screens.text import reason
from terminal.transactions import events
from terminal.transactions.engine import leave

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow import Flow

_LARGE_LINE = 2


def _show(flow: "Flow", _: object = None) -> bool:
    refused = flow.offline.refused() if flow.offline else []
    if not refused:
        flow.notice("none_refused")
        return True
    stan, code, value, _ = refused[0]
    flow.scratch.refused_stan = stan
    lines = [flow.say("stan") + " %06d" % stan, reason(flow.language, code), amount(value, flow.language)]
    lines.append(flow.say("keys_refused_sale"))
    flow.ask("refused_sale", lines, _LARGE_LINE)
    return True


def _seen(flow: "Flow", _: object) -> None:
    if flow.offline and flow.offline.dismiss(flow.scratch.refused_stan):
        flow.actions.log("refusal_seen", stan="%06d" % flow.scratch.refused_stan, operator=flow.acting[0])
    _show(flow)


_TABLE = {
    ("refused_sale", events.ENTER): _seen,
    ("refused_sale", events.CANCEL): leave,
    ("refused_sale", events.TIMEOUT): leave,
}

STEPS = (_show,)
TABLES = (_TABLE,)
