"""Message authentication: AES-CMAC (NIST SP 800-38B, RFC 4493), leftmost 8 bytes, in the last field."""

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.constant_time import bytes_eq

if TYPE_CHECKING:
    from protocol.security._cmac import AesCmac

MAC_BYTES = 8
_AES_128_KEY_BYTES = 16


class Mac:
    """Signs and checks with one AES key, whose schedule is made once; instances may be kept and shared.

    `compiled` does it where the compiled CMAC was built, the processor has AES instructions and the key is of
    AES-128; else it is None.
    """

    __slots__ = ("_context", "compiled")

    def __init__(self, key: bytes) -> None:
        self.compiled = _compiled(key)
        self._context = CMAC(AES(key))

    def sign(self, covered: bytes) -> bytes:
        """MAC of everything that stands before the MAC field."""
        return self.digest(covered)[:MAC_BYTES] if self.compiled is None else self.compiled.sign(covered)

    def digest(self, content: bytes) -> bytes:
        """All 16 bytes of the CMAC: a keyed digest of anything."""
        if self.compiled is not None:
            return self.compiled.digest(content)
        context = self._context.copy()
        context.update(content)
        return context.finalize()

    def verify(self, payload: bytes) -> bool:
        """Whether the payload's last 8 bytes authenticate the rest; compares in constant time."""
        if self.compiled is not None:
            return self.compiled.verify(payload)
        if len(payload) <= MAC_BYTES:
            return False
        return bytes_eq(self.sign(payload[:-MAC_BYTES]), payload[-MAC_BYTES:])


def _compiled(key: bytes) -> "AesCmac | None":
    try:
        from protocol.security._cmac import IS_AVAILABLE, AesCmac  # noqa: PLC0415  (it is optional)
    except ImportError:
        return None
    return AesCmac(key) if IS_AVAILABLE and len(key) == _AES_128_KEY_BYTES else None
