"""Messages on a stream: two bytes of big-endian length, then the payload. Length 0 is a keep-alive."""

from protocol.faults import FaultCode, ProtocolFault

LENGTH_BYTES = 2


def frame(payload: bytes | bytearray) -> bytes:
    """The payload with its length in front."""
    if len(payload) > 0xFFFF:
        raise ProtocolFault(FaultCode.OVERSIZE_FRAME, expected=0xFFFF, actual=len(payload), side="local")
    return len(payload).to_bytes(LENGTH_BYTES, "big") + payload


class FrameDecoder:
    """Cuts a stream, however sliced, into payloads; holds at most one incomplete frame.

    A frame longer than `max_frame_bytes` raises before any of it is kept; after that the decoder is useless,
    as the stream has no marks by which to find the next frame.
    """

    def __init__(self, max_frame_bytes: int = 4096) -> None:
        self._max_frame_bytes = max_frame_bytes
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Payloads completed by `data`, in order; an empty payload is a keep-alive."""
        buffer = self._buffer
        buffer += data
        payloads: list[bytes] = []
        start = 0
        while len(buffer) - start >= LENGTH_BYTES:
            length = buffer[start] << 8 | buffer[start + 1]
            if length > self._max_frame_bytes:
                buffer.clear()
                raise ProtocolFault(FaultCode.OVERSIZE_FRAME, expected=self._max_frame_bytes, actual=length)
            end = start + LENGTH_BYTES + length
            if end > len(buffer):
                break
            payloads.append(bytes(buffer[start + LENGTH_BYTES : end]))
            start = end
        if start:
            del buffer[:start]
        return payloads

    @property
    def pending_bytes(self) -> int:
        """Bytes of the incomplete frame."""
        return len(self._buffer)
