"""A PIN, or a code sent to a phone: the display shows stars, and the digits are wiped."""

from terminal.constant import const
from terminal.transactions import events
from terminal.transactions.engine import leave

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.transactions.engine import Engine

_SHORTEST = const(4)
_LONGEST = const(12)
_LARGE_LINE = const(2)


def read(flow: "Engine", prompt: str, entered: "Callable[..., None]", hint: str = "") -> None:
    """Ask for it under the text `prompt`; `entered(flow)` finds it in `flow.pin`."""
    flow.add_table(TABLE)
    flow.scratch.pin_prompt = prompt
    flow.scratch.on_enter = entered
    flow.wipe_pin()
    _show(flow, hint)


def _show(flow: "Engine", hint: str = "") -> None:
    keys = hint or flow.say("keys_number")
    flow.ask(
        "pin",
        [flow.say(flow.name), flow.say(flow.scratch.pin_prompt), "*" * len(flow.pin), keys],
        large=_LARGE_LINE,
    )


def _digit(flow: "Engine", digit: str) -> None:
    count = len(flow.pin)
    if count < _LONGEST:
        longer = bytearray(count + 1)
        longer[:count] = flow.pin
        longer[count] = ord(digit)
        flow.wipe_pin()
        flow.pin = longer
    _show(flow)


def _clear(flow: "Engine", _: object) -> None:
    flow.wipe_pin()
    _show(flow)


def _entered(flow: "Engine", _: object) -> None:
    if len(flow.pin) < _SHORTEST:
        _clear(flow, None)
    else:
        flow.scratch.on_enter(flow)


TABLE = {
    ("pin", events.DIGIT): _digit,
    ("pin", events.CLEAR): _clear,
    ("pin", events.ENTER): _entered,
    ("pin", events.CANCEL): leave,
    ("pin", events.TIMEOUT): leave,
}
