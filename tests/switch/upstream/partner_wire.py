"""The partner's side of the wire, for cores without sockets: opens our frames, writes its replies."""

from protocol.codec import decode, encode_sealed
from protocol.framing import FrameDecoder
from protocol.message import Message, Value
from protocol.rules_of_type import respond
from protocol.security.mac import Mac
from protocol.spec import load_spec
from switch.upstream.settings import Takes
from switch.upstream.terminals import Terminals, UpstreamTerminal

SPEC = load_spec("vafa")
MAC = Mac(bytes(range(16)))
PIN_KEY = bytes(range(16, 32))
PARTNER_TERMINAL = "CLUB0001"
PARTNER_MERCHANT = "CLUB"


def partner_terminal(
    terminal_id: str = PARTNER_TERMINAL, *, merchants: frozenset[str] = frozenset(), takes: Takes = Takes.ALL
) -> UpstreamTerminal:
    """A terminal that the partner has given to us."""
    return UpstreamTerminal(terminal_id, PARTNER_MERCHANT, MAC, PIN_KEY, merchants, takes)


def terminals(*ids: str) -> Terminals:
    """Some of them."""
    return Terminals([partner_terminal(each) for each in ids or (PARTNER_TERMINAL,)])


def opened(frame: bytes) -> Message:
    """A frame of ours as the partner reads it; its MAC is right."""
    (payload,) = FrameDecoder().feed(frame)
    assert MAC.verify(payload)
    return decode(SPEC, payload)


def sealed(message: Message) -> bytes:
    """A payload of the partner's."""
    return encode_sealed(SPEC, message, MAC)


def reply_to(request: Message, code: str = "00", **others: Value) -> bytes:
    """The partner's reply; `others` are fields, as f37."""
    own: dict[int, Value] = {int(name[1:]): value for name, value in others.items()}
    fields = {number: value for number, value in request.fields.items() if number not in (64, 128)}
    return sealed(respond(SPEC, Message(request.mti, fields), {39: code, **own}))
