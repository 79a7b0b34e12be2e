"""Messages on a stream: a length, then the payload; length 0 is a keep-alive.

In front of a payload may stand a transport header, the TPDU, whose two addresses an answer exchanges.
"""

from enum import StrEnum

from protocol.faults import FaultCode, ProtocolFault

TPDU_BYTES = 5
_TPDU_IDENTIFIERS = (0x60, 0x68)


class LengthForm(StrEnum):
    """How the length is written; it counts what follows it."""

    BINARY_2 = "binary-2"
    ASCII_4 = "ascii-4"

    @property
    def size(self) -> int:
        """Bytes of the length itself."""
        return 2 if self is LengthForm.BINARY_2 else 4

    @property
    def maximum(self) -> int:
        """The longest payload that it can count."""
        return 0xFFFF if self is LengthForm.BINARY_2 else 9999

    def write(self, length: int) -> bytes:
        """Bytes of a length."""
        return length.to_bytes(2, "big") if self is LengthForm.BINARY_2 else f"{length:04d}".encode("ascii")

    def read(self, head: bytes) -> int:
        """The length in `size` bytes. Raises ProtocolFault BAD_LENGTH."""
        if self is LengthForm.BINARY_2:
            return head[0] << 8 | head[1]
        if not head.isdigit():
            raise ProtocolFault(FaultCode.BAD_LENGTH, offset=0)
        return int(head)


def frame(payload: bytes | bytearray, form: LengthForm = LengthForm.BINARY_2) -> bytes:
    """The payload with its length in front."""
    if len(payload) > form.maximum:
        raise ProtocolFault(
            FaultCode.OVERSIZE_FRAME, expected=form.maximum, actual=len(payload), side="local"
        )
    return form.write(len(payload)) + payload


def cut_plainly(stream: bytes, payload_bytes_max: int) -> tuple[list[bytes], int, int]:
    """Payloads of the whole frames in front, where the rest begins, and the length of its frame where that is
    more than `payload_bytes_max`, else 0. Lengths are of two bytes."""
    payloads: list[bytes] = []
    start, size = 0, len(stream)
    while size - start >= 2:
        length = stream[start] << 8 | stream[start + 1]
        if length > payload_bytes_max:
            return payloads, start, length
        if length > size - start - 2:
            break
        payloads.append(stream[start + 2 : start + 2 + length])
        start += 2 + length
    return payloads, start, 0


try:
    from protocol._framing import cut as cut  # noqa: PLC0414  (exported)
except ImportError:  # no C compiler was there at installation
    cut = cut_plainly


class FrameDecoder:
    """Cuts a stream, however sliced, into payloads; holds at most one incomplete frame.

    A frame longer than `max_frame_bytes` raises before any of it is kept; after that, and after a length that
    is none, the decoder is useless, as the stream has no marks by which to find the next frame.
    """

    def __init__(self, max_frame_bytes: int = 4096, form: LengthForm = LengthForm.BINARY_2) -> None:
        self._max_frame_bytes = max_frame_bytes
        self._form = form
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Payloads completed by `data`, in order; an empty payload is a keep-alive."""
        stream = self._rest + data if self._rest else data
        self._rest = b""
        if self._form is LengthForm.BINARY_2:
            payloads, start, oversize = cut(stream, self._max_frame_bytes)
        else:
            payloads, start, oversize = self._cut_texts(stream)
        if oversize:
            raise ProtocolFault(FaultCode.OVERSIZE_FRAME, expected=self._max_frame_bytes, actual=oversize)
        self._rest = stream[start:]
        return payloads

    def _cut_texts(self, stream: bytes) -> tuple[list[bytes], int, int]:
        head, size = self._form.size, len(stream)
        payloads: list[bytes] = []
        start = 0
        while size - start >= head:
            length = self._form.read(stream[start : start + head])
            if length > self._max_frame_bytes:
                return payloads, start, length
            end = start + head + length
            if end > size:
                break
            payloads.append(stream[start + head : end])
            start = end
        return payloads, start, 0

    @property
    def pending_bytes(self) -> int:
        """Bytes of the incomplete frame."""
        return len(self._rest)


def split_tpdu(data: bytes) -> tuple[bytes, bytes]:
    """(TPDU, payload) of a frame that starts with one. Raises ProtocolFault BAD_HEADER."""
    if len(data) < TPDU_BYTES or data[0] not in _TPDU_IDENTIFIERS:
        raise ProtocolFault(FaultCode.BAD_HEADER, "tpdu", offset=0, expected=TPDU_BYTES, actual=len(data))
    return data[:TPDU_BYTES], data[TPDU_BYTES:]


def answer_tpdu(tpdu: bytes) -> bytes:
    """TPDU of the answer: destination and origin exchanged."""
    return tpdu[:1] + tpdu[3:5] + tpdu[1:3]
