"""The sealed form of a value: version, number of the key, nonce, AES-256-GCM ciphertext and tag.

AES-GCM with 96-bit random nonces (NIST SP 800-38D, 8.2.2): at most 2^32 values under one key, far beyond what
a programme has; rotation starts anew. The header is authenticated with the rest.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
VERSION: Final = 1

_HEADER_BYTES: Final = 5
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
OVERHEAD_BYTES: Final = _HEADER_BYTES + _NONCE_BYTES + _TAG_BYTES

RandomBytes = Callable[[int], bytes]


class SealFaultReason(StrEnum):
    """Why a sealed value can't be opened."""

    VERSION = "version"  # made by a newer program, or no envelope at all
    KEY = "key"  # the key is not here: not loaded yet, retired, or erased with its programme
    DAMAGED = "damaged"  # changed, cut, or moved here from another field, row or programme


class SealFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A value can't be sealed or opened. Tells no value, no key and no place."""

    def __init__(self, reason: SealFaultReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Key:
    """A numbered AES-256 key, which no `repr` shows.

    Parameters:
        number: from 1 up; unique in its ring.
        secret: 32 bytes.
    """

    __slots__ = ("_aead", "_secret", "number")

    def __init__(self, number: int, secret: bytes) -> None:
        if not 1 <= number < 1 << 32 or len(secret) != KEY_BYTES:
            raise ValueError("a key has a number from 1 up and 32 bytes")
        self.number = number
        self._secret = secret
        self._aead = AESGCM(secret)

    def __repr__(self) -> str:
        return f"Key({self.number})"

    def __reduce__(self) -> str:
        raise TypeError("a key is not written out by pickle or copy")

    @property
    def secret(self) -> bytes:
        """The 32 bytes, for wrapping and for deriving; nothing prints them."""
        return self._secret

    def seal(self, plain: bytes, place: bytes, random_bytes: RandomBytes) -> bytes:
        """An envelope of `plain` that opens at `place` only."""
        header = VERSION.to_bytes(1) + self.number.to_bytes(4)
        nonce = random_bytes(_NONCE_BYTES)
        return header + nonce + self._aead.encrypt(nonce, plain, header + place)

    def open(self, envelope: bytes, place: bytes) -> bytes:
        """What was sealed for `place` under this key.

        Raises:
            SealFault: version, key (another key's envelope) or damaged.
        """
        if key_number(envelope) != self.number:
            raise SealFault(SealFaultReason.KEY)
        header, sealed = envelope[:_HEADER_BYTES], envelope[_HEADER_BYTES:]
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], header + place)
        except InvalidTag:
            raise SealFault(SealFaultReason.DAMAGED) from None


def key_number(envelope: bytes) -> int:
    """Number of the key that opens `envelope`.

    Raises:
        SealFault: version, or damaged (cut short).
    """
    if envelope[:1] != VERSION.to_bytes(1):
        raise SealFault(SealFaultReason.VERSION)
    if len(envelope) < OVERHEAD_BYTES:
        raise SealFault(SealFaultReason.DAMAGED)
    return int.from_bytes(envelope[1:_HEADER_BYTES])
