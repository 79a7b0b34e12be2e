"""Replies, read as far as a load looks at them."""

from typing import NamedTuple

from protocol.codec import mac_field, view_codec
from protocol.dialect import ResponseCode, Tag
from protocol.faults import ProtocolFault
from protocol.security.mac import Mac
from simulator.load.requests import REPLY_TYPES, SPEC

# Of so many replies the MAC of one is checked.
MAC_STRIDE = 16

SHED_CODES = frozenset({ResponseCode.SWITCH_INOPERATIVE.value, ResponseCode.SYSTEM_MALFUNCTION.value})
_CODES = {code.value.encode("ascii"): code.value for code in ResponseCode}
_POINTS_TAG = bytes.fromhex(Tag.POINTS_EARNED) + b"\x06"
_HEAD_BYTES = 10
_LAST_READ = 48
_TAGS_LENGTH_BYTES = 2
_new = tuple.__new__
# A peer that makes up bitmaps must not fill the memory.
_PLACES_MAX = 256


class ReplyFault(Exception):  # noqa: N818  (a fault is the field's word)
    """The switch answered something that it must not answer."""


class Answer(NamedTuple):
    """A reply as far as it is looked at. `stan` is field 11 as it stands there, `rrn` field 37 or empty.

    `tags` is where field 48 begins in the payload behind its length, 0 where there is none.
    """

    stan: bytes
    rrn: bytes
    code: str
    payload: bytes
    tags: int

    @property
    def is_shed(self) -> bool:
        """Whether the switch only said that it couldn't."""
        return self.code in SHED_CODES

    @property
    def points(self) -> int:
        """Points earned, where the reply begins its tags with them. Raises ReplyFault."""
        at = self.tags
        if not at or not self.payload.startswith(_POINTS_TAG, at):
            return 0
        digits = self.payload[at + 3 : at + 9].hex()
        if not digits.isdecimal():
            raise ReplyFault("a reply with points that are no number")
        return int(digits)


class _Places(NamedTuple):
    """Where fields begin in replies with the same bitmap."""

    stan: int
    rrn: int
    rrn_end: int
    code: int
    tags: int


class ReplyReader:
    """Reads replies. Those with the same bitmap have their fields in the same places, where those
    up to field 48 have fixed lengths."""

    def __init__(self) -> None:
        self._codec = view_codec(SPEC)
        self._places: dict[bytes, _Places] = {}
        self._count = 0

    def read(self, payload: bytes, macs: dict[bytes, Mac]) -> Answer:
        """A reply; `macs` are those of the link's terminals by field 41. Raises ReplyFault."""
        if self._count % MAC_STRIDE == 0:
            self._check(payload, macs)
        self._count += 1
        stan, rrn, rrn_end, code, tags = self._places.get(payload[:_HEAD_BYTES]) or self._learn(payload)
        code_bytes = payload[code : code + 2]
        # Called as it is, as a named tuple's own constructor costs twice as much.
        return _new(
            Answer,
            (
                payload[stan : stan + 3],
                payload[rrn:rrn_end],
                _CODES.get(code_bytes) or code_bytes.decode("latin-1"),
                payload,
                tags,
            ),
        )

    def _learn(self, payload: bytes) -> _Places:
        try:
            view = self._codec.view(payload)
            mti, numbers = view.mti, view.numbers
            if mti not in REPLY_TYPES or {11, 39, mac_field(dict.fromkeys(numbers[:-1], b""))} - {*numbers}:
                raise ReplyFault(f"a reply of type {mti}")
            found = _Places(
                stan=view.span(11)[0],
                rrn=view.span(37)[0] if 37 in view else 0,
                rrn_end=view.span(37)[1] if 37 in view else 0,
                code=view.span(39)[0],
                tags=view.span(48)[0] + _TAGS_LENGTH_BYTES if 48 in view else 0,
            )
        except ProtocolFault as fault:
            raise ReplyFault(f"a reply that is none: {fault.code}") from None
        fixed = all(SPEC.fields[number].length == "fixed" for number in numbers if number < _LAST_READ)
        if fixed and len(self._places) < _PLACES_MAX:
            self._places[payload[:_HEAD_BYTES]] = found
        return found

    def _check(self, payload: bytes, macs: dict[bytes, Mac]) -> None:
        try:
            terminal = self._codec.view(payload).raw(41)
        except (ProtocolFault, KeyError):
            raise ReplyFault("a reply that can't be read") from None
        mac = macs.get(terminal)
        if mac is None:
            raise ReplyFault("a reply to a terminal that didn't ask")
        if not mac.verify(payload):
            raise ReplyFault("a reply with a wrong MAC")
