"""A card that is lost or worn out gives way to one of the stock; what was on it goes along."""

from terminal.transactions import events
from terminal.transactions.engine import leave
from terminal.transactions.steps import card, confirm
from terminal.transactions.steps.send import send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.cards.presented import PresentedCard
    from terminal.devices.misread import Misread
    from terminal.transactions.flow import Flow


def _read_new(flow: "Flow") -> bool:
    _show(flow)
    return True


def _show(flow: "Flow", hint: str = "") -> None:
    keys = hint or flow.say("keys_cancel")
    flow.ask("new_card", [flow.say(flow.name), flow.say("present_new_card"), "", keys])


def _carded(flow: "Flow", new: "PresentedCard") -> None:
    if flow.card and new.number == flow.card.number:
        _show(flow, flow.say("same_card"))
        return
    flow.keyed["new_card"] = new.number
    flow.go_on()


def _misread(flow: "Flow", misread: "Misread") -> None:
    flow.actions.log("misread", reason=misread.reason)
    _show(flow, flow.say("again"))


_NEW_CARD = {
    ("new_card", events.CARD): _carded,
    ("new_card", events.MISREAD): _misread,
    ("new_card", events.CANCEL): leave,
    ("new_card", events.TIMEOUT): leave,
}

STEPS = (card.read, _read_new, confirm.read, send)
TABLES = (card.TABLE, _NEW_CARD, confirm.TABLE)
