"""Replies, read when the clock has stopped."""

from collections.abc import Iterator
from typing import NamedTuple

from protocol.codec.view import plain_view_codec
from protocol.dialect import ResponseCode, Tag
from protocol.security.mac import Mac
from tools.bench.load.purchases import SPEC

# Of so many replies the MAC of one is checked.
MAC_STRIDE = 16

_SHED = (ResponseCode.SWITCH_INOPERATIVE, ResponseCode.SYSTEM_MALFUNCTION)
_POINTS_TAG = bytes.fromhex(Tag.POINTS_EARNED) + b"\x06"
_MTI_AND_BITMAP_BYTES = 10


class Answer(NamedTuple):
    """A reply as far as it is looked at. `position` is the one in the journal, 0 for none."""

    stan: int
    position: int
    points: int
    code: str
    at_ns: int

    @property
    def is_shed(self) -> bool:
        """Whether the switch only said that it couldn't."""
        return self.code in _SHED


class ReplyFault(Exception):  # noqa: N818  (a fault is the field's word)
    """The switch answered something that it must not answer."""


class _Places(NamedTuple):
    """Where fields begin in replies with the same bitmap."""

    stan: int
    position: int | None
    code: int
    points: int | None


class ReplyReader:
    """Reads frames of replies. Those with the same bitmap have their fields in the same places."""

    def __init__(self) -> None:
        self._codec = plain_view_codec(SPEC)
        self._places: dict[bytes, _Places] = {}

    def answers(self, chunks: list[tuple[int, bytes]], macs: dict[bytes, Mac]) -> Iterator[Answer]:
        """Every reply of a link's received chunks, with the time of the chunk that completed it.

        Some are checked by the MAC of their terminal. Raises ReplyFault.
        """
        count = 0
        left = b""
        for at_ns, chunk in chunks:
            data = left + chunk
            start, end = 0, len(data)
            while end - start >= 2:
                stop = start + 2 + (data[start] << 8 | data[start + 1])
                if stop > end:
                    break
                payload = data[start + 2 : stop]
                if count % MAC_STRIDE == 0:
                    self._check(payload, macs)
                count += 1
                yield self._answer(payload, at_ns)
                start = stop
            left = data[start:]

    def _answer(self, payload: bytes, at_ns: int) -> Answer:
        places = self._places.get(payload[:_MTI_AND_BITMAP_BYTES]) or self._learn(payload)
        position, points = places.position, places.points
        earned = 0
        if points is not None and payload.startswith(_POINTS_TAG, points):
            earned = int(payload[points + 3 : points + 9].hex())
        return Answer(
            int(payload[places.stan : places.stan + 3].hex()),
            0 if position is None else int(payload[position : position + 12]),
            earned,
            payload[places.code : places.code + 2].decode("ascii"),
            at_ns,
        )

    def _learn(self, payload: bytes) -> _Places:
        view = self._codec.view(payload)
        if view.mti != "0210" or 64 not in view:
            raise ReplyFault(f"a reply of type {view.mti}")
        found = _Places(
            stan=view.span(11)[0],
            position=view.span(37)[0] if 37 in view else None,
            code=view.span(39)[0],
            points=view.span(48)[0] + 2 if 48 in view else None,
        )
        self._places[payload[:_MTI_AND_BITMAP_BYTES]] = found
        return found

    def _check(self, payload: bytes, macs: dict[bytes, Mac]) -> None:
        terminal_id = self._codec.view(payload).raw(41)
        if not macs[terminal_id].verify(payload):
            raise ReplyFault("a reply with a wrong MAC")
