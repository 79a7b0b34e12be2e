"""Key blocks of ANSI X9.143 (ASC X9 TR-31): version D under AES, version B under triple DES.

A block is text: a header of 16 characters, optional blocks, then in upper-case hexadecimal the enciphered key
and the MAC over header and clear key. The keys that encipher and authenticate are derived from the protection
key by CMAC. Nothing of a block is believed before its MAC has been checked; what comes before that only finds
the MAC.
"""

import os
import string
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.constant_time import bytes_eq

from protocol.security.faults import SecurityFault, SecurityFaultCode
from protocol.security.tdea import tdea

KEY_BLOCK_CHARACTERS_MAXIMUM = 9999
_HEADER_CHARACTERS = 16
_ALPHANUMERIC = frozenset(string.ascii_uppercase + string.digits)
_PRINTABLE = frozenset(chr(code) for code in range(0x20, 0x7F))
_UPPER_HEX = frozenset("0123456789ABCDEF")
_PADDING_BLOCK = "PB"
_SHORT_LENGTH_MAXIMUM = 0xFF
_SHORT_PREFIX = 4  # identifier and length
_EXTENDED_PREFIX = 10  # identifier, "00", "04", length
_USE_OF_ENCIPHERMENT = 0
_USE_OF_AUTHENTICATION = 1
# Algorithm indicators of the derivation input, by version and length of the protection key.
_DERIVED_ALGORITHMS = {("B", 16): 0, ("B", 24): 1, ("D", 16): 2, ("D", 24): 3, ("D", 32): 4}
_CIPHER_BLOCK_BYTES = {"B": 8, "D": 16}
# To hide a key's length it is padded as if it were the longest of its algorithm.
_MASKED_KEY_BYTES = {"A": 32, "T": 24, "D": 24}


@dataclass(frozen=True, slots=True)
class OptionalBlock:
    """One optional block: identifier of 2 characters and data of printable characters."""

    identifier: str
    data: str


@dataclass(frozen=True, slots=True)
class KeyBlockHeader:
    """What a key may be used for; the codes are those of X9.143 clause 6.

    `version` B or D; `key_usage` 2 characters, as "M6" or "B1"; `algorithm` A for AES, T for triple DES;
    `mode_of_use` 1; `key_version` 2, "00" where unused; `exportability` E, N or S. The padding block is not
    among the optional blocks: `wrap` adds it.
    """

    version: str
    key_usage: str
    algorithm: str
    mode_of_use: str
    key_version: str = "00"
    exportability: str = "N"
    optional_blocks: tuple[OptionalBlock, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class UnwrappedKey:
    """An authenticated header and its key."""

    header: KeyBlockHeader
    key: bytes


def wrap(
    protection_key: bytes,
    header: KeyBlockHeader,
    key: bytes,
    *,
    masked_key_bytes: int | None = None,
    random_bytes: Callable[[int], bytes] = os.urandom,
) -> str:
    """The key block of `key`.

    `protection_key`: 16 or 24 bytes for version B, 16, 24 or 32 for version D; an AES key is wrapped only
    under an AES key of at least its length. `masked_key_bytes`: the length that the block looks like, by
    default the longest of the algorithm. Raises SecurityFault BAD_KEY or BAD_KEY_BLOCK.
    """
    block_bytes = _block_bytes(header.version, protection_key)
    if not key or (header.algorithm == "A" and (header.version != "D" or len(key) > len(protection_key))):
        raise SecurityFault(SecurityFaultCode.BAD_KEY)
    masked = max(
        len(key), _MASKED_KEY_BYTES.get(header.algorithm, 0) if masked_key_bytes is None else masked_key_bytes
    )
    clear = (8 * len(key)).to_bytes(2) + key
    clear += random_bytes(masked - len(key) + -(2 + masked) % block_bytes)
    count, options = _write_options(header.optional_blocks, block_bytes)
    characters = _HEADER_CHARACTERS + len(options) + 2 * (len(clear) + block_bytes)
    if characters > KEY_BLOCK_CHARACTERS_MAXIMUM:
        raise SecurityFault(SecurityFaultCode.BAD_KEY_BLOCK)
    text = (
        f"{header.version}{characters:04d}{header.key_usage}{header.algorithm}{header.mode_of_use}"
        f"{header.key_version}{header.exportability}{count:02d}00{options}"
    )
    if len(text) != _HEADER_CHARACTERS + len(options) or not _PRINTABLE.issuperset(text):
        raise SecurityFault(SecurityFaultCode.BAD_KEY_BLOCK)
    mac = _authenticate(header.version, protection_key, text.encode() + clear)
    enciphering = _cipher(header.version, protection_key, mac).encryptor()
    return text + (enciphering.update(clear) + mac).hex().upper()


def unwrap(protection_key: bytes, block: str) -> UnwrappedKey:
    """The key of a block, and its header with the optional blocks in their order, the padding block left out.

    Raises SecurityFault BAD_KEY for a protection key that the version can't have, KEY_BLOCK_REFUSED for
    everything that is wrong with the block.
    """
    if not _HEADER_CHARACTERS <= len(block) <= KEY_BLOCK_CHARACTERS_MAXIMUM or not _PRINTABLE.issuperset(
        block
    ):
        raise SecurityFault(SecurityFaultCode.KEY_BLOCK_REFUSED)
    version = block[0]
    if version not in _CIPHER_BLOCK_BYTES or block[1:5] != f"{len(block):04d}":
        raise SecurityFault(SecurityFaultCode.KEY_BLOCK_REFUSED)
    block_bytes = _block_bytes(version, protection_key)
    options, end = _read_options(block)
    secured = block[end:]
    # Lower-case digits would be another spelling of the same block, which no MAC tells apart.
    if end % block_bytes or len(secured) % (2 * block_bytes) or not _UPPER_HEX.issuperset(secured):
        raise SecurityFault(SecurityFaultCode.KEY_BLOCK_REFUSED)
    enciphered, mac = bytes.fromhex(secured)[:-block_bytes], bytes.fromhex(secured)[-block_bytes:]
    if not enciphered:
        raise SecurityFault(SecurityFaultCode.KEY_BLOCK_REFUSED)
    clear = _cipher(version, protection_key, mac).decryptor().update(enciphered)
    if not bytes_eq(_authenticate(version, protection_key, block[:end].encode() + clear), mac):
        raise SecurityFault(SecurityFaultCode.KEY_BLOCK_REFUSED)
    bits = int.from_bytes(clear[:2])
    if not bits or bits % 8 or bits // 8 > len(clear) - 2:
        raise SecurityFault(SecurityFaultCode.KEY_BLOCK_REFUSED)
    header = KeyBlockHeader(version, block[5:7], block[7], block[8], block[9:11], block[11], options)
    return UnwrappedKey(header, clear[2 : 2 + bits // 8])


def _block_bytes(version: str, protection_key: bytes) -> int:
    if (version, len(protection_key)) not in _DERIVED_ALGORITHMS:
        raise SecurityFault(SecurityFaultCode.BAD_KEY)
    return _CIPHER_BLOCK_BYTES[version]


def _write_options(options: tuple[OptionalBlock, ...], block_bytes: int) -> tuple[int, str]:
    """How many blocks there are and their text, filled up to whole cipher blocks."""
    text = ""
    for option in options:
        if len(option.identifier) != 2 or not _ALPHANUMERIC.issuperset(option.identifier):
            raise SecurityFault(SecurityFaultCode.BAD_KEY_BLOCK)
        if option.identifier == _PADDING_BLOCK or not _PRINTABLE.issuperset(option.data):
            raise SecurityFault(SecurityFaultCode.BAD_KEY_BLOCK)
        size = _SHORT_PREFIX + len(option.data)
        if size > _SHORT_LENGTH_MAXIMUM:
            text += f"{option.identifier}0004{_EXTENDED_PREFIX + len(option.data):04X}{option.data}"
        else:
            text += f"{option.identifier}{size:02X}{option.data}"
    count = len(options)
    short = -len(text) % block_bytes
    if short:
        size = short if short >= _SHORT_PREFIX else short + block_bytes
        text += f"{_PADDING_BLOCK}{size:02X}".ljust(size, "0")
        count += 1
    if count > 99:
        raise SecurityFault(SecurityFaultCode.BAD_KEY_BLOCK)
    return count, text


def _read_options(block: str) -> tuple[tuple[OptionalBlock, ...], int]:
    """The optional blocks and where they end; bounds are kept, meaning is left for after the MAC."""
    if not (block[12:14].isdigit() and block[14:16] == "00"):
        raise SecurityFault(SecurityFaultCode.KEY_BLOCK_REFUSED)
    options = []
    at = _HEADER_CHARACTERS
    for _ in range(int(block[12:14])):
        identifier, size, prefix = block[at : at + 2], _hexadecimal(block[at + 2 : at + 4], 2), _SHORT_PREFIX
        if size == 0:
            digits = _hexadecimal(block[at + 4 : at + 6], 2)
            size, prefix = _hexadecimal(block[at + 6 : at + 6 + digits], digits), 6 + digits
        if not _ALPHANUMERIC.issuperset(identifier) or size < prefix or at + size > len(block):
            raise SecurityFault(SecurityFaultCode.KEY_BLOCK_REFUSED)
        if identifier != _PADDING_BLOCK:
            options.append(OptionalBlock(identifier, block[at + prefix : at + size]))
        at += size
    return tuple(options), at


def _hexadecimal(text: str, digits: int) -> int:
    if len(text) != digits or not text or not _UPPER_HEX.issuperset(text):
        raise SecurityFault(SecurityFaultCode.KEY_BLOCK_REFUSED)
    return int(text, 16)


def _authenticate(version: str, protection_key: bytes, covered: bytes) -> bytes:
    context = CMAC(_algorithm(version, _derive(version, protection_key, _USE_OF_AUTHENTICATION)))
    context.update(covered)
    return context.finalize()


def _cipher(version: str, protection_key: bytes, mac: bytes) -> Cipher[modes.CBC]:
    """CBC chained from the MAC, so that the same key wrapped twice looks different."""
    return Cipher(_algorithm(version, _derive(version, protection_key, _USE_OF_ENCIPHERMENT)), modes.CBC(mac))


def _derive(version: str, protection_key: bytes, use: int) -> bytes:
    """Key of the protection key's length for one use: clause 7.2, CMAC over counter, use and algorithm."""
    size = len(protection_key)
    form = bytes((0, use, 0)) + _DERIVED_ALGORITHMS[version, size].to_bytes(2) + (8 * size).to_bytes(2)
    derived = b""
    for counter in range(1, -(-size // _CIPHER_BLOCK_BYTES[version]) + 1):
        context = CMAC(_algorithm(version, protection_key))
        context.update(bytes((counter,)) + form)
        derived += context.finalize()
    return derived[:size]


def _algorithm(version: str, key: bytes) -> AES | TripleDES:
    return tdea(key) if version == "B" else AES(key)
