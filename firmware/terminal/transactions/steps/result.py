"""What came out, on the display alone: paper only for who wants it."""

from terminal.constant import const
from terminal.transactions import events
from terminal.transactions.engine import leave

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.transactions.flow import Flow

_LARGE_LINE = const(2)


def show(
    flow: "Flow", lines: "list[str]", entered: "Callable[[Flow], None]", paper: "Callable[[Flow], None]"
) -> None:
    """Show three `lines` and the keys; Enter calls `entered`, the digit 1 prints."""
    flow.scratch.on_enter = entered
    flow.scratch.on_paper = paper
    lines.append(flow.say("keys_result"))
    flow.ask("result", lines, large=_LARGE_LINE)


def _entered(flow: "Flow", _: object) -> None:
    flow.scratch.on_enter(flow)


def _digit(flow: "Flow", digit: str) -> None:
    if digit == "1":
        flow.scratch.on_paper(flow)


TABLE = {
    ("result", events.ENTER): _entered,
    ("result", events.DIGIT): _digit,
    ("result", events.CARD_OUT): leave,
    ("result", events.CANCEL): leave,
    ("result", events.TIMEOUT): leave,
}
