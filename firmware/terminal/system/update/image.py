"""The header of an update image, and who may run what follows it.

Big-endian, 320 bytes: `VFU`, format version, board (8 characters, filled up with spaces), version and least
version of the base that starts it (major, minor, patch, 2 bytes each), anti-rollback counter (4), size of
the content (4), SHA-256 of the content (32); then the RSA signature (256) of the SHA-256 of the 64 bytes
before it. The content, a read-only file system, follows at once.
"""

import hashlib
import struct

from terminal.constant import const

HEADER_BYTES = const(320)
FORMAT = const(1)
_SIGNED_BYTES = const(64)
_IDENTITY_BYTES = const(8)
_MAGIC = b"VFU"
_FORM = ">3sB8sHHHHHHII32s"
_COUNTER_LIMIT = const(0xFFFFFF)


class ImageFault(Exception):  # noqa: N818  (a fault is the field's word)
    """An image is refused.

    `reason` is magic, format, size, counter or signature; of a sound one board, base, rollback, room or
    trial.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ImageHeader:
    """A header, read and not yet trusted: see `check_signature`.

    Args:
        data: at least 320 bytes.

    Raises:
        ImageFault: magic, format, size or counter.
    """

    def __init__(self, data: "bytes | bytearray | memoryview") -> None:
        if len(data) < HEADER_BYTES or bytes(data[:3]) != _MAGIC:
            raise ImageFault("magic")
        # A later format may be laid out otherwise, so nothing else of it is looked at.
        if data[3] != FORMAT:
            raise ImageFault("format")
        self._signed = bytes(data[:_SIGNED_BYTES])
        self._signature = bytes(data[_SIGNED_BYTES:HEADER_BYTES])
        fields = struct.unpack(_FORM, self._signed)
        self.board = fields[2]
        self.version: "tuple[int, int, int]" = fields[3:6]
        self.least_base: "tuple[int, int, int]" = fields[6:9]
        self.counter: int = fields[9]
        self.size: int = fields[10]
        self.digest: bytes = fields[11]
        if not self.size:
            raise ImageFault("size")
        # One image with the highest number there is would shut out every other for ever.
        if self.counter > _COUNTER_LIMIT:
            raise ImageFault("counter")
        self.identity = hashlib.sha256(self._signed).digest()[:_IDENTITY_BYTES]

    @property
    def total_bytes(self) -> int:
        """Header and content."""
        return HEADER_BYTES + self.size

    def check_signature(self, modulus: bytes) -> None:
        """Raises ImageFault "signature" where it is not that of the key `modulus`."""
        from terminal.security.signature import is_signed  # noqa: PLC0415  (where it is not checked, it takes heap)

        if not is_signed(hashlib.sha256(self._signed).digest(), self._signature, modulus):
            raise ImageFault("signature")

    def check_use(self, board: str, base: "tuple[int, int, int]", counter: int, room_bytes: int) -> None:
        """Whether this terminal may run it.

        Args:
            board: the terminal's own.
            base: version of what starts the image.
            counter: the highest of an image that was confirmed here.
            room_bytes: size of a slot.

        Raises:
            ImageFault: board, base, rollback or room.
        """
        name = board.encode()
        if self.board != name + b" " * (8 - len(name)):
            raise ImageFault("board")
        if base < self.least_base:
            raise ImageFault("base")
        if self.counter < counter:
            raise ImageFault("rollback")
        if self.total_bytes > room_bytes:
            raise ImageFault("room")
