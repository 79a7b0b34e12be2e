"""Between messages and the bytes of the link: seals what goes out, proves what comes in."""

from collections.abc import Mapping

from protocol.codec import decode, encode_sealed
from protocol.faults import ProtocolFault
from protocol.framing import frame
from protocol.message import Message
from protocol.rules_of_type import validate
from protocol.spec import SpecDocument
from switch.upstream.terminals import UpstreamTerminal


class WireFault(Exception):  # noqa: N818  (a fault is the field's word)
    """Bytes that are no message of the partner's to one of our terminals; the text holds no value of it."""


class Wire:
    """Messages of the terminals that the partner has given, each under its own key."""

    def __init__(self, spec: SpecDocument, terminals: Mapping[str, UpstreamTerminal]) -> None:
        self._spec = spec
        self._terminals = terminals

    @property
    def terminal_ids(self) -> tuple[str, ...]:
        """Who signs on."""
        return tuple(self._terminals)

    def seal(self, message: Message) -> bytes:
        """The frame of a message. Raises ProtocolFault where a value doesn't fit."""
        terminal = self._terminals[message.text(41)]
        return frame(encode_sealed(self._spec, message, terminal.mac))

    def open(self, payload: bytes) -> Message:
        """A message that was proved by its MAC and has the fields of its type. Raises WireFault."""
        try:
            message = decode(self._spec, payload)
            terminal = self._terminals.get(message.text(41))
        except ProtocolFault as fault:
            raise WireFault(str(fault)) from None
        except (KeyError, TypeError):
            raise WireFault("no terminal in field 41") from None
        if terminal is None:
            raise WireFault("unknown terminal in field 41")
        if not terminal.mac.verify(payload):
            raise WireFault("wrong MAC")
        faults = validate(self._spec, message)
        if faults:
            raise WireFault(str(faults[0]))
        return message
