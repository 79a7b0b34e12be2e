"""Any number that is keyed in: of a receipt, of a telephone, of an operator; or money."""

from terminal.constant import const
from terminal.screens.layout import amount, persian_digits
from terminal.transactions import events
from terminal.transactions.engine import leave

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.transactions.flow import Flow

_LARGE_LINE = const(2)


class Number:
    """The step that asks for one.

    Args:
        name: where `keyed` keeps it.
        prompt: the text that asks for it.
        longest: digits.
        take: checks what was keyed in, stores it and returns True; False: it is asked for again.
        is_money: shown with separators.
    """

    def __init__(
        self,
        name: str,
        prompt: str,
        longest: int,
        take: "Callable[[Flow, str], bool]",
        is_money: bool = False,
    ) -> None:
        self.name = name
        self.longest = longest
        self.take = take
        self._prompt = prompt
        self._is_money = is_money

    def __call__(self, flow: "Flow") -> bool:
        if self.name in flow.keyed:
            return False
        flow.typed = ""
        flow.scratch.entry = self
        self.show(flow)
        return True

    def show(self, flow: "Flow", hint: str = "") -> None:
        """What is keyed in so far; the last line says what the keys do, or `hint`."""
        shown = flow.typed
        if self._is_money:
            shown = amount(int(shown or "0"), flow.language)
        elif flow.language == "fa":
            shown = persian_digits(shown)
        keys = hint or flow.say("keys_number")
        flow.ask("number", [flow.say(flow.name), flow.say(self._prompt), shown, keys], large=_LARGE_LINE)


def _digit(flow: "Flow", digit: str) -> None:
    if len(flow.typed) < flow.scratch.entry.longest:
        flow.typed += digit
    flow.scratch.entry.show(flow)


def _clear(flow: "Flow", _: object) -> None:
    flow.typed = flow.typed[:-1]
    flow.scratch.entry.show(flow)


def _entered(flow: "Flow", _: object) -> None:
    if flow.scratch.entry.take(flow, flow.typed):
        flow.typed = ""
        flow.go_on()
    else:
        flow.typed = ""
        flow.scratch.entry.show(flow, flow.say("number_wrong"))


TABLE = {
    ("number", events.DIGIT): _digit,
    ("number", events.CLEAR): _clear,
    ("number", events.ENTER): _entered,
    ("number", events.CANCEL): leave,
    ("number", events.TIMEOUT): leave,
}
