"""Opens key blocks of ANSI X9.143 (ASC X9 TR-31), version D: AES keys under an AES protection key.

Encipherment and authentication keys are derived from the protection key by CMAC (clause 7.2); nothing of a
block is believed before its MAC over header and clear key was checked.
"""

from binascii import unhexlify

from terminal.constant import const
from terminal.messages.cipher import aes
from terminal.messages.cmac import CmacKey, equal

_CBC = const(2)
_BLOCK = const(16)
_HEADER = const(16)
_CHARACTERS_LIMIT = const(512)
_ENCIPHERMENT = const(0)
_AUTHENTICATION = const(1)
_ALGORITHMS = {16: 2, 32: 4}  # indicators of the derivation input, by bytes of the protection key
_UPPER_HEX = b"0123456789ABCDEF"


class KeyBlockFault(Exception):  # noqa: N818  (a fault is the field's word)
    """The block is refused. Says not why: whoever tries must not learn from it."""


def unwrap(protection_key: bytearray, block: bytes) -> "tuple[str, bytearray]":
    """The key usage (2 characters, as "M6") and the AES key of a block.

    Args:
        protection_key: 16 or 32 bytes.
        block: the block's characters.

    Raises:
        KeyBlockFault: see there.
    """
    size = len(block)
    if not _HEADER + 4 * _BLOCK <= size <= _CHARACTERS_LIMIT or len(protection_key) not in _ALGORITHMS:
        raise KeyBlockFault("refused")
    # An AES key, in version D, without optional blocks: nothing else is meant for a terminal.
    if block[:1] != b"D" or block[1:5] != b"%04d" % size or block[7:8] != b"A" or block[12:16] != b"0000":
        raise KeyBlockFault("refused")
    if any(code not in _UPPER_HEX for code in block[_HEADER:]) or size % (2 * _BLOCK) != _HEADER:
        raise KeyBlockFault("refused")
    secured = unhexlify(block[_HEADER:])
    mac = secured[-_BLOCK:]
    length = len(secured) - _BLOCK
    covered = bytearray(_HEADER + length)
    derived = _derived(protection_key, _ENCIPHERMENT)
    try:
        covered[:_HEADER] = block[:_HEADER]
        covered[_HEADER:] = aes(derived, _CBC, mac).decrypt(secured[:length])
        _overwrite(derived)
        derived = _derived(protection_key, _AUTHENTICATION)
        if not equal(CmacKey(derived).cmac(covered, len(covered)), mac):
            raise KeyBlockFault("refused")
        bits = covered[_HEADER] << 8 | covered[_HEADER + 1]
        key_bytes = bits // 8
        if bits not in (128, 256) or key_bytes > min(length - 2, len(protection_key)):
            raise KeyBlockFault("refused")
        return block[5:7].decode(), covered[_HEADER + 2 : _HEADER + 2 + key_bytes]
    finally:
        _overwrite(covered)
        _overwrite(derived)


def _derived(protection_key: bytearray, use: int) -> bytearray:
    size = len(protection_key)
    form = bytearray((0, 0, use, 0, 0, _ALGORITHMS[size], size >> 5, size << 3 & 0xFF))
    cmac = CmacKey(protection_key)
    derived = bytearray(size)
    for counter in range(1, size // _BLOCK + 1):
        form[0] = counter
        derived[(counter - 1) * _BLOCK : counter * _BLOCK] = cmac.cmac(form, len(form))
    return derived


def _overwrite(buffer: bytearray) -> None:
    for index in range(len(buffer)):
        buffer[index] = 0
