"""Refusing a request instead of answering it too late: response code 91 says that nothing was done."""

from protocol.codec import view_codec
from protocol.dialect import ResponseCode
from protocol.faults import ProtocolFault
from protocol.framing import frame
from protocol.message import Value
from protocol.spec import SpecDocument
from switch.authoriser.dates import resolve_transmission
from switch.gate.exchange import Now
from switch.gate.forwarding import Forwarding
from switch.gate.link import LinkState
from switch.keyring import Keyring
from switch.ledger.records import Status
from switch.ledger.requests import is_known, request_key
from switch.ledger.state import State

# First bytes of an inquiry and of a financial request, packed. Repeats, advices and reversals tell of what
# has happened at the shop: they are decided, however late.
_REFUSABLE = (b"\x01\x00", b"\x02\x00")
_REFUSAL: dict[int, Value] = {39: ResponseCode.SWITCH_INOPERATIVE.value}


class Shedder:
    """Refuses requests that were never decided. Changes no state, so its replies don't wait for the disk."""

    def __init__(
        self, spec: SpecDocument, state: State, keyring: Keyring, forwarding: Forwarding | None = None
    ) -> None:
        self._forwarding = forwarding
        self._codec = view_codec(spec)
        self._state = state
        self._keyring = keyring

    def refuse(self, link: LinkState, payload: bytes, now: Now) -> bytes | None:
        """The framed refusal; None for what must be served all the same.

        That is: everything but an authentic first inquiry or financial request of a terminal that has signed
        on, and what was decided before, whose reply is already fixed.
        """
        if payload[:2] not in _REFUSABLE:
            return None
        try:
            view = self._codec.view(payload)
            message = view.message()
            terminal = self._state.terminal(message.text(41))
            transmitted_s = resolve_transmission(message.text(7), now.epoch_ms // 1000)
            stan = int(message.text(11))
        except (ProtocolFault, KeyError):
            return None
        if terminal is None or terminal.status != Status.ACTIVE or transmitted_s is None:
            return None
        if not link.serves(terminal.terminal_id) or self._is_known(
            terminal.terminal_id, request_key(transmitted_s, stan)
        ):
            return None
        own = self._keyring.mac(terminal)
        mac = link.sessions.verify(terminal, own, message, payload, int(now.monotonic_s * 1000))
        return None if mac is None else frame(view.respond(_REFUSAL, mac))

    def _is_known(self, terminal_id: str, key: int) -> bool:
        if self._forwarding is not None and self._forwarding.knows(terminal_id, key):
            return True
        window = self._state.window(terminal_id)
        return window is not None and is_known(window, key)
