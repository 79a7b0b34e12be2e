"""What a record hides: AES in output feedback (NIST SP 800-38A clause 6.4) under the slot's flash key.

It begins at the record's nonce, 8 bytes, and 8 zeros. The nonce is the epoch and the location at which the
record was first written, which the ring never gives twice; a copy of the record keeps it, with its content.
"""

from terminal.constant import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import MacKey

# From which the key slot derives the flash key: label, 0, no context, bits (NIST SP 800-108r1).
FLASH_KEY_INPUT = b"vafa terminal flash\x00\x00\x00\x00\x80"
NONCE_BYTES = const(8)
_BLOCK = const(16)
_STREAM_BYTES = const(64)


class RecordCipher:
    """Covers and uncovers.

    Args:
        key: derived for nothing else.
    """

    def __init__(self, key: "MacKey") -> None:
        self._key = key
        self._stream = memoryview(bytearray(_STREAM_BYTES))

    def apply(self, nonce: "bytes | memoryview", data: memoryview) -> None:
        """Cover `data` in place, or uncover it.

        Raises:
            OSError: the key was erased.
        """
        stream = self._stream
        start: "bytes | memoryview" = bytes(nonce) + bytes(_BLOCK - NONCE_BYTES)
        for begin in range(0, len(data), _STREAM_BYTES):
            self._key.stream(start, stream)
            for index in range(min(_STREAM_BYTES, len(data) - begin)):
                data[begin + index] ^= stream[index]
            start = bytes(stream[_STREAM_BYTES - _BLOCK :])
