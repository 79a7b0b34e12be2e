"""A purchase paid in part from a purse: the switch says how much of this bill that could be."""

from terminal.screens.layout import amount as shown_amount
from terminal.transactions import events
from terminal.transactions.engine import leave
from terminal.transactions.steps import amount, card, choice
from terminal.transactions.steps.send import send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow import Flow
    from terminal.transactions.outcome import Outcome

_PURSES = (("purse_points", "91"), ("purse_credit", "92"), ("purse_wallet", "94"), ("purse_gift", "96"))
_QUARTERS = 4


def _choose_purse(flow: "Flow") -> bool:
    choice.choose(flow, _PURSES, _purse_chosen)
    return True


def _purse_chosen(flow: "Flow", purse: str) -> None:
    flow.keyed["purse"] = purse
    flow.go_on()


def _inquire(flow: "Flow") -> bool:
    flow.submit("could_spend", _offered)
    return True


def _offered(flow: "Flow", outcome: "Outcome") -> None:
    most = min(outcome.could_spend, outcome.amount)
    if not most:
        flow.notice("nothing_to_spend")
        return
    flow.keyed["most"] = str(most)
    flow.keyed["quarters"] = str(_QUARTERS)
    flow.go_on()


def _read_tender(flow: "Flow") -> bool:
    flow.typed = ""
    _show(flow)
    return True


def _value(flow: "Flow") -> int:
    most = int(flow.keyed["most"])
    return int(flow.typed) if flow.typed else most * int(flow.keyed["quarters"]) // _QUARTERS


def _show(flow: "Flow", hint: str = "") -> None:
    most = flow.say("at_most") + " " + shown_amount(int(flow.keyed["most"]), flow.language)
    shown = shown_amount(_value(flow), flow.language)
    flow.ask("tender", [flow.say("key_tender"), most, shown, hint or flow.say("keys_tender")], large=2)


def _digit(flow: "Flow", digit: str) -> None:
    if len(flow.typed) < len(flow.keyed["most"]):
        flow.typed += digit
    _show(flow)


def _clear(flow: "Flow", _: object) -> None:
    flow.typed = flow.typed[:-1]
    _show(flow)


def _step(flow: "Flow", _: object) -> None:
    """Any other key for a kind: a quarter less, and after one quarter all again."""
    flow.typed = ""
    flow.keyed["quarters"] = str((int(flow.keyed["quarters"]) - 2) % _QUARTERS + 1)
    _show(flow)


def _entered(flow: "Flow", _: object) -> None:
    if not 0 < _value(flow) <= int(flow.keyed["most"]):
        flow.typed = ""
        _show(flow, flow.say("amount_wrong"))
        return
    flow.keyed["tender"] = str(_value(flow))
    flow.go_on()


_TENDER = {
    ("tender", events.DIGIT): _digit,
    ("tender", events.CLEAR): _clear,
    ("tender", events.KIND): _step,
    ("tender", events.ENTER): _entered,
    ("tender", events.CARD_OUT): leave,
    ("tender", events.CANCEL): leave,
    ("tender", events.TIMEOUT): leave,
}

STEPS = (amount.read, card.read, _choose_purse, _inquire, _read_tender, send)
TABLES = (amount.TABLE, card.TABLE, choice.TABLE, _TENDER)
