"""Whether a payload from the switch is the answer that is waited for."""

from terminal.messages.codec import MessageFault, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.transactions.request import Fields

_MAC_BYTES = 8
# Echoed by the switch. Terminal, STAN and time are the identity; the others guard against a confused host.
_ECHOED = (3, 4, 7, 11, 41, 42, 70, 90)


class Rejected(Exception):  # noqa: N818
    """A payload that is dropped; `reason` is one word for the counter."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def response_type(mti: str) -> str:
    """The answer's message type: originator digits dropped, 0200 and 0201 both lead to 0210."""
    return mti[:2] + chr(ord(mti[2]) + 1) + "0"


def read_answer(
    payload: bytes, waiting: "tuple[str, Fields] | None", mac: "Callable[[bytes, int], bytes]"
) -> "tuple[str, Fields]":
    """Verify and parse a payload against the request waited for, as (type, fields).

    Raises:
        Rejected: mac, format, late (nothing waited for) or foreign (the answer to something else).
    """
    signed = len(payload) - _MAC_BYTES
    if signed <= 0:
        raise Rejected("format")
    difference = 0
    for ours, theirs in zip(mac(payload, signed), payload[signed:]):  # noqa: B905  (MicroPython knows no strict)
        difference |= ours ^ theirs
    if difference:
        raise Rejected("mac")
    return match_answer(payload, waiting)


def match_answer(payload: bytes, waiting: "tuple[str, Fields] | None") -> "tuple[str, Fields]":
    """Parse a verified payload against the request waited for, as (type, fields).

    Raises:
        Rejected: format, late or foreign.
    """
    if waiting is None:
        raise Rejected("late")
    try:
        mti, fields = unpack(payload)
    except MessageFault:
        raise Rejected("format")  # noqa: B904
    if mti != response_type(waiting[0]):
        raise Rejected("foreign")
    request = waiting[1]
    for number in _ECHOED:
        if number in fields and number in request and fields[number] != request[number]:
            raise Rejected("foreign")
    if not (7 in fields and 11 in fields and 41 in fields and 39 in fields):
        raise Rejected("format")
    return mti, fields
