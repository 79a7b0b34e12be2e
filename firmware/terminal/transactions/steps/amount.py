"""How much: keyed in, and confirmed by Enter or by the card."""

from terminal.constant import const
from terminal.screens.layout import amount
from terminal.transactions import events
from terminal.transactions.engine import leave, turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.cards.presented import PresentedCard
    from terminal.devices.misread import Misread
    from terminal.transactions.flow import Flow

_DIGITS_LIMIT = const(12)
_LARGE_LINE = const(2)


def read(flow: "Flow") -> bool:
    """Ask for the amount. Where `keyed` has the "whole" of something, Enter alone takes that."""
    if "amount" in flow.keyed:
        return False
    show(flow)
    return True


def show(flow: "Flow", hint: str = "") -> None:
    """The amount as far as it is keyed in; the last line says what the keys do, or `hint`."""
    shown = amount(_value(flow), flow.language)
    keys = hint or flow.say("keys_amount" if flow.card else "keys_amount_card")
    flow.ask("amount", [flow.say(flow.name), flow.say("key_amount"), shown, keys], large=_LARGE_LINE)


def _value(flow: "Flow") -> int:
    return int(flow.typed or flow.keyed.get("whole") or "0")


def _is_good(flow: "Flow") -> bool:
    least = 0 if flow.kind == "activation" else 1
    return least <= _value(flow) <= flow.config.amount_limit


def _digit(flow: "Flow", digit: str) -> None:
    if len(flow.typed) < _DIGITS_LIMIT:
        flow.typed += digit
    show(flow)


def _clear(flow: "Flow", _: object) -> None:
    flow.typed = flow.typed[:-1]
    show(flow)


def _entered(flow: "Flow", _: object = None) -> None:
    if not _is_good(flow):
        flow.typed = ""
        show(flow, flow.say("amount_wrong"))
        return
    flow.keyed["amount"] = str(_value(flow))
    flow.typed = ""
    flow.go_on()


def _carded(flow: "Flow", card: "PresentedCard") -> None:
    # A card that comes after the amount says that the amount is right; any other only takes its place.
    confirms = flow.card is None and _value(flow) > 0
    flow.card = card
    if confirms:
        _entered(flow)
    else:
        show(flow)


def _card_gone(flow: "Flow", _: object) -> None:
    if flow.card:
        leave(flow)


def _misread(flow: "Flow", misread: "Misread") -> None:
    flow.actions.log("misread", reason=misread.reason)
    show(flow, flow.say("again"))


TABLE = {
    ("amount", events.DIGIT): _digit,
    ("amount", events.CLEAR): _clear,
    ("amount", events.KIND): turn,
    ("amount", events.CARD): _carded,
    ("amount", events.MISREAD): _misread,
    ("amount", events.ENTER): _entered,
    ("amount", events.CANCEL): leave,
    ("amount", events.CARD_OUT): _card_gone,
    ("amount", events.TIMEOUT): leave,
}
