"""Echoes of the switch's own: 0800 with network code 301 (ISO 8583 field 70) to a peer that is silent."""

import logging

from protocol.codec import encode_sealed, view_codec
from protocol.dialect import NetworkCode
from protocol.faults import ProtocolFault
from protocol.framing import frame
from protocol.message import Message
from protocol.spec import SpecDocument
from switch.authoriser.dates import transmission_text
from switch.gate.exchange import Now
from switch.gate.link import LinkState
from switch.gate.states import OWN_TRANSITIONS, OwnEvent, OwnPhase
from switch.keyring import Keyring
from switch.ledger.state import State

_LOG = logging.getLogger("switch.gate")
_ANSWER_MARK = b"\x08\x10"  # packed, as every message type of the dialect
_STANS = 1_000_000


class EchoWriter:
    """Writes echoes and reads their answers, under the key of a terminal of the peer's."""

    def __init__(self, spec: SpecDocument, state: State, keyring: Keyring) -> None:
        self._spec = spec
        self._codec = view_codec(spec)
        self._state = state
        self._keyring = keyring

    def write(self, link: LinkState, terminal_id: str, stan: int, now: Now) -> bytes | None:
        """The framed echo; None while the terminal has no record."""
        terminal = self._state.terminal(terminal_id)
        if terminal is None:
            return None
        mac = link.sessions.sending_mac(terminal, self._keyring.mac(terminal), int(now.monotonic_s * 1000))
        fields = {7: transmission_text(now.epoch_ms // 1000), 11: f"{stan:06d}", 41: terminal_id}
        return frame(encode_sealed(self._spec, Message("0800", {**fields, 70: NetworkCode.ECHO.value}), mac))

    def read(self, link: LinkState, terminal_id: str, payload: bytes, now: Now) -> int | None:
        """Trace number of the echo that this answers; None where it is no authentic answer."""
        terminal = self._state.terminal(terminal_id)
        if terminal is None:
            return None
        try:
            message = self._codec.view(payload).message()
            stan = int(message.text(11))
        except (ProtocolFault, KeyError):
            return None
        own = self._keyring.mac(terminal)
        mac = link.sessions.verify(terminal, own, message, payload, int(now.monotonic_s * 1000))
        is_answer = message.fields.get(41) == terminal_id and message.fields.get(70) == NetworkCode.ECHO
        return stan if mac is not None and is_answer else None


class EchoWatch:
    """The echoes of one connection: at most one awaits its answer."""

    def __init__(
        self, writer: EchoWriter, link: LinkState, terminal_id: str, interval_s: float, timeout_s: float
    ) -> None:
        self._writer = writer
        self._link = link
        self._terminal_id = terminal_id
        self._interval_s = interval_s
        self._timeout_s = timeout_s
        self._phase = OwnPhase.ANSWERED
        self._stan = 0
        self._sent_s = 0.0
        self.sent = 0
        self.answered = 0
        self.unanswered = 0

    def is_peer_gone(self, now_s: float) -> bool:
        """Whether the echo's time is up, and nothing at all came since it was sent."""
        if self._phase is not OwnPhase.SENT or now_s - self._sent_s < self._timeout_s:
            return False
        self._on(OwnEvent.TIME_OUT)
        self.unanswered += 1
        return self._link.heard_s < self._sent_s

    def next_echo(self, now: Now) -> bytes | None:
        """The framed echo that is due after this silence, if one is."""
        if self._phase is OwnPhase.SENT:
            return None
        quiet_since_s = max(self._link.heard_s, self._sent_s)
        if now.monotonic_s - quiet_since_s < self._interval_s:
            return None
        self._stan = self._stan % (_STANS - 1) + 1
        self._sent_s = now.monotonic_s
        framed = self._writer.write(self._link, self._terminal_id, self._stan, now)
        if framed is None:
            _LOG.warning("no echo: terminal %r has no record", self._terminal_id)
            return None
        self._phase = OwnPhase.PREPARED
        self._on(OwnEvent.SEND)
        self.sent += 1
        return framed

    def without_answers(self, payloads: list[bytes], now: Now) -> list[bytes]:
        """Take out the answers to echoes; what is none of ours stays and counts as a format fault."""
        return [
            payload for payload in payloads if payload[:2] != _ANSWER_MARK or not self._take(payload, now)
        ]

    def _take(self, payload: bytes, now: Now) -> bool:
        stan = self._writer.read(self._link, self._terminal_id, payload, now)
        if stan != self._stan or (self._phase, OwnEvent.ANSWER) not in OWN_TRANSITIONS:
            return False
        self._on(OwnEvent.ANSWER)
        if self._phase is OwnPhase.ANSWERED:
            self.answered += 1
        # A peer that has proved a key is no stranger, though nobody has signed on yet.
        self._link.unsigned_since_s = now.monotonic_s
        return True

    def _on(self, event: OwnEvent) -> None:
        self._phase = OWN_TRANSITIONS[self._phase, event]
