"""AES-CMAC (RFC 4493, NIST SP 800-38B).

The last block of AES-CBC over the message, with the subkey folded into its last block, is the CMAC: one call
into the cipher does all rounds.
"""

from terminal.constant import const
from terminal.messages.cipher import aes

_ECB = const(1)
_CBC = const(2)
_BLOCK = const(16)
# The requests of a terminal fit; a longer message makes it larger.
_SCRATCH = const(256)


class CmacKey:
    """An AES key of 16 or 32 bytes that computes MACs, and nothing else."""

    def __init__(self, key: "bytes | bytearray") -> None:
        self._for_whole = _double(aes(key, _ECB).encrypt(bytes(_BLOCK)))
        self._for_padded = _double(self._for_whole)
        self._cipher = aes(key, _CBC, bytes(_BLOCK))
        self._chained = bytearray(_BLOCK)
        self._scratch = memoryview(bytearray(_SCRATCH))

    def cmac(self, buffer: "bytes | bytearray | memoryview", length: int) -> bytes:
        """16 bytes over the first `length` bytes of `buffer`."""
        whole = length > 0 and length % _BLOCK == 0
        size = length if whole else (length // _BLOCK + 1) * _BLOCK
        if size > len(self._scratch):
            self._scratch = memoryview(bytearray(size))
        scratch = self._scratch
        scratch[0:length] = memoryview(buffer)[0:length]
        if not whole:
            scratch[length] = 0x80
            for index in range(length + 1, size):
                scratch[index] = 0
        # A new cipher for each message would be 300 bytes of garbage. This one goes on chaining where the
        # last message ended, so what it is going to add to the first block is taken off here.
        subkey = self._for_whole if whole else self._for_padded
        chained = self._chained
        last = size - _BLOCK
        for index in range(_BLOCK):
            scratch[index] ^= chained[index]
            scratch[last + index] ^= subkey[index]
        blocks = scratch[0:size]
        self._cipher.encrypt(blocks, blocks)
        # What the cipher chains from is noted without the heap: were it lost to a full one, every later MAC
        # would be wrong.
        for index in range(_BLOCK):
            chained[index] = scratch[last + index]
        return bytes(chained)

    def cmac8(self, buffer: "bytes | bytearray | memoryview", length: int) -> bytes:
        """The MAC of a message: the leftmost 8 bytes."""
        return self.cmac(buffer, length)[:8]

    def stream(self, start: "bytes | memoryview", into: memoryview) -> None:
        """Fill `into`, whole blocks, with the key stream that follows the block `start`.

        AES in output feedback (NIST SP 800-38A clause 6.4), which is CBC over zeros. A key that hides data
        with it must compute no MACs, and never get the same beginning for other data.
        """
        chained = self._chained
        for index in range(_BLOCK):
            into[index] = start[index] ^ chained[index]
        for index in range(_BLOCK, len(into)):
            into[index] = 0
        self._cipher.encrypt(into, into)
        last = len(into) - _BLOCK
        for index in range(_BLOCK):
            chained[index] = into[last + index]

    def derive(self, fixed_input: bytes) -> "CmacKey":
        """The key that the KDF in counter mode (NIST SP 800-108r1 clause 4.1) makes of `fixed_input`.

        One block of 16 bytes, its counter of 32 bits before the fixed input. Nobody sees the key's bytes.
        """
        data = b"\x00\x00\x00\x01" + fixed_input
        return CmacKey(self.cmac(data, len(data)))


def cmac(key: "bytes | bytearray", buffer: "bytes | bytearray | memoryview", length: int) -> bytes:
    """16 bytes over the first `length` bytes of `buffer`, under a key that is used once."""
    return CmacKey(key).cmac(buffer, length)


def cmac8(key: "bytes | bytearray", buffer: "bytes | bytearray | memoryview", length: int) -> bytes:
    """The MAC of a message under a key that is used once: the leftmost 8 bytes."""
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
