"""Retail MAC: ISO/IEC 9797-1 MAC algorithm 3 with DES, which ANSI X9.19 has with padding method 1."""

from enum import Enum

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.constant_time import bytes_eq

from protocol.security.faults import SecurityFault, SecurityFaultCode
from protocol.security.mac import MAC_BYTES
from protocol.security.tdea import TDEA_BLOCK_BYTES, single_des, tdea

_NO_CHAINING = bytes(TDEA_BLOCK_BYTES)


class Padding(Enum):
    """Padding methods of ISO/IEC 9797-1 clause 6.3."""

    ZEROS = 1  # as few zero bytes as fill the last block, at least one block
    ONE_BIT = 2  # a one bit, then zeros: tells "a" from "a" and a zero byte


class RetailMac:
    """Signs and checks with one double-length key; a stand-in for `Mac` on links that have no AES."""

    __slots__ = ("_chain", "_last", "_padding")

    def __init__(self, key: bytes, padding: Padding = Padding.ZEROS) -> None:
        """`key` is K then K', 8 bytes each. Raises SecurityFault BAD_KEY for any other length."""
        if len(key) != 2 * TDEA_BLOCK_BYTES:
            raise SecurityFault(SecurityFaultCode.BAD_KEY)
        self._chain = single_des(key[:8])
        self._last = tdea(key)
        self._padding = padding

    def sign(self, covered: bytes) -> bytes:
        """MAC of 8 bytes over everything that stands before the MAC field."""
        padded = _pad(covered, self._padding)
        chained = _NO_CHAINING
        if len(padded) > TDEA_BLOCK_BYTES:
            chaining = Cipher(self._chain, modes.CBC(_NO_CHAINING)).encryptor()
            chained = chaining.update(padded[:-TDEA_BLOCK_BYTES])[-TDEA_BLOCK_BYTES:]
        # E(K), D(K'), E(K) on the last block alone is one triple DES.
        return Cipher(self._last, modes.CBC(chained)).encryptor().update(padded[-TDEA_BLOCK_BYTES:])

    def verify(self, payload: bytes) -> bool:
        """Whether the payload's last 8 bytes authenticate the rest; compares in constant time."""
        if len(payload) <= MAC_BYTES:
            return False
        return bytes_eq(self.sign(payload[:-MAC_BYTES]), payload[-MAC_BYTES:])


def _pad(covered: bytes, padding: Padding) -> bytes:
    if padding is Padding.ONE_BIT:
        covered += b"\x80"
    short = -len(covered) % TDEA_BLOCK_BYTES
    return covered + bytes(short) if covered else _NO_CHAINING
