"""Message authentication: AES-CMAC (NIST SP 800-38B, RFC 4493), leftmost 8 bytes, in the last field."""

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.constant_time import bytes_eq

MAC_BYTES = 8


class Mac:
    """Signs and checks with one AES key, whose schedule is made once; instances may be kept and shared."""

    __slots__ = ("_context",)

    def __init__(self, key: bytes) -> None:
        self._context = CMAC(AES(key))

    def sign(self, covered: bytes) -> bytes:
        """MAC of everything that stands before the MAC field."""
        return self.digest(covered)[:MAC_BYTES]

    def digest(self, content: bytes) -> bytes:
        """All 16 bytes of the CMAC: a keyed digest of anything."""
        context = self._context.copy()
        context.update(content)
        return context.finalize()

    def verify(self, payload: bytes) -> bool:
        """Whether the payload's last 8 bytes authenticate the rest; compares in constant time."""
        if len(payload) <= MAC_BYTES:
            return False
        return bytes_eq(self.sign(payload[:-MAC_BYTES]), payload[-MAC_BYTES:])
