"""One of a few: each has a digit."""

from terminal.screens.layout import persian_digits
from terminal.transactions import events
from terminal.transactions.engine import leave

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.transactions.flow import Flow

_A_LINE = 2


def choose(flow: "Flow", options: "tuple[tuple[str, object], ...]", take: "Callable[..., None]") -> None:
    """Offer up to six texts; `take` gets what goes with the chosen one, Enter chooses the first."""
    flow.scratch.options = options
    flow.scratch.take_option = take
    lines = []
    for first in range(0, 3 * _A_LINE, _A_LINE):
        shown = []
        for at in range(first, min(first + _A_LINE, len(options))):
            digit = str(at + 1)
            shown.append(
                (persian_digits(digit) if flow.language == "fa" else digit) + " " + flow.say(options[at][0])
            )
        lines.append("  ".join(shown))
    lines.append(flow.say("keys_choice"))
    flow.ask("choice", lines)


def _digit(flow: "Flow", digit: str) -> None:
    at = int(digit) - 1
    if 0 <= at < len(flow.scratch.options):
        flow.scratch.take_option(flow, flow.scratch.options[at][1])


def _entered(flow: "Flow", _: object) -> None:
    flow.scratch.take_option(flow, flow.scratch.options[0][1])


TABLE = {
    ("choice", events.DIGIT): _digit,
    ("choice", events.ENTER): _entered,
    ("choice", events.CANCEL): leave,
    ("choice", events.TIMEOUT): leave,
}
