"""AES-CMAC (RFC 4493, NIST SP 800-38B).

The last block of AES-CBC over the message, with the subkey folded into its last block, is the CMAC: one call
into the cipher does all rounds.
"""

from terminal.constant import const
from terminal.messages.cipher import aes

_ECB = const(1)
_CBC = const(2)
_BLOCK = const(16)


def cmac(key: "bytes | bytearray", buffer: "bytes | bytearray | memoryview", length: int) -> bytes:
    """16 bytes over the first `length` bytes of `buffer`, under an AES key of 16 or 32 bytes."""
    subkey = _double(aes(key, _ECB).encrypt(bytes(_BLOCK)))
    whole = length > 0 and length % _BLOCK == 0
    if not whole:
        subkey = _double(subkey)
    size = length if whole else (length // _BLOCK + 1) * _BLOCK
    padded = bytearray(size)
    padded[0:length] = memoryview(buffer)[0:length]
    if not whole:
        padded[length] = 0x80
    last = size - _BLOCK
    for index in range(_BLOCK):
        padded[last + index] ^= subkey[index]
    return bytes(aes(key, _CBC, bytes(_BLOCK)).encrypt(padded)[last:])


def cmac8(key: "bytes | bytearray", buffer: "bytes | bytearray | memoryview", length: int) -> bytes:
    """The MAC of a message: the leftmost 8 bytes."""
    return cmac(key, buffer, length)[:8]


def equal(left: "bytes | bytearray | memoryview", right: "bytes | bytearray | memoryview") -> bool:
    """Compare two MACs in a time that does not tell where they differ."""
    if len(left) != len(right):
        return False
    difference = 0
    for index in range(len(left)):
        difference |= left[index] ^ right[index]
    return difference == 0


def _double(block: "bytes | bytearray") -> bytearray:
    """Multiply by x in GF(2^128)."""
    doubled = bytearray(_BLOCK)
    carry = 0
    for index in range(_BLOCK - 1, -1, -1):
        doubled[index] = (block[index] << 1 & 0xFF) | carry
        carry = block[index] >> 7
    if carry:
        doubled[_BLOCK - 1] ^= 0x87
    return doubled
