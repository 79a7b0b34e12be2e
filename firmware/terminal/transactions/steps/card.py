"""Whose card: presented to any reader, or its number keyed in, or the phone number of its holder."""

from terminal.cards.presented import PresentedCard
from terminal.constant import const
from terminal.devices.entry_mode import KEYED
from terminal.screens.layout import persian_digits
from terminal.transactions import events
from terminal.transactions.engine import leave, turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.devices.misread import Misread
    from terminal.transactions.flow import Flow

_DIGITS_LIMIT = const(19)
_NUMBER_SHORTEST = const(10)


def read(flow: "Flow") -> bool:
    """Ask for the card."""
    if flow.card:
        return False
    flow.typed = ""
    show(flow)
    return True


def show(flow: "Flow", hint: str = "") -> None:
    """Ask for a card; the last line says what the keys do, or `hint`."""
    typed = persian_digits(flow.typed) if flow.language == "fa" else flow.typed
    lines = [flow.say(flow.name), flow.say("present_card"), typed, hint or flow.say("keys_card")]
    flow.ask("card", lines)


def of_typed(text: str) -> "PresentedCard | None":
    """The card of a number keyed in; one that begins with 0 is a phone's. None where it can be neither."""
    from terminal.devices.track2 import luhn_holds  # noqa: PLC0415  (seldom needed)

    if text[:1] == "0":
        from terminal.transactions.steps.phone import international  # noqa: PLC0415  (seldom needed)

        digits = international(text)
        return PresentedCard(digits, KEYED) if digits else None
    if len(text) < _NUMBER_SHORTEST or not luhn_holds(text):
        return None
    return PresentedCard(text, KEYED)


def _carded(flow: "Flow", card: PresentedCard) -> None:
    flow.card = card
    flow.typed = ""
    flow.go_on()


def _digit(flow: "Flow", digit: str) -> None:
    if len(flow.typed) < _DIGITS_LIMIT:
        flow.typed += digit
    show(flow)


def _clear(flow: "Flow", _: object) -> None:
    flow.typed = flow.typed[:-1]
    show(flow)


def _entered(flow: "Flow", _: object) -> None:
    card = of_typed(flow.typed)
    if card:
        _carded(flow, card)
    else:
        flow.typed = ""
        show(flow, flow.say("number_wrong"))


def _misread(flow: "Flow", misread: "Misread") -> None:
    flow.actions.log("misread", reason=misread.reason)
    show(flow, flow.say("again"))


TABLE = {
    ("card", events.CARD): _carded,
    ("card", events.MISREAD): _misread,
    ("card", events.DIGIT): _digit,
    ("card", events.CLEAR): _clear,
    ("card", events.ENTER): _entered,
    ("card", events.KIND): turn,
    ("card", events.CANCEL): leave,
    ("card", events.TIMEOUT): leave,
}
