"""Key check values: a few bytes that tell whether two parties hold the same key, and nothing else of it."""

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from protocol.security.faults import SecurityFault, SecurityFaultCode
from protocol.security.tdea import TDEA_BLOCK_BYTES, encrypt_block

TDEA_CHECK_BYTES = 3
AES_CHECK_BYTES = 5
_AES_BLOCK_BYTES = 16
_AES_KEY_BYTES = (16, 24, 32)


def legacy_check_value(key: bytes) -> bytes:
    """Of a triple DES key: the leftmost 3 bytes of an enciphered block of zeros (ANSI X9.24-1)."""
    return encrypt_block(key, bytes(TDEA_BLOCK_BYTES))[:TDEA_CHECK_BYTES]


def cmac_check_value(key: bytes) -> bytes:
    """Of an AES key: the leftmost 5 bytes of the CMAC over a block of zeros (ANSI X9.24-1:2017 annex A)."""
    if len(key) not in _AES_KEY_BYTES:
        raise SecurityFault(SecurityFaultCode.BAD_KEY)
    context = CMAC(AES(key))
    context.update(bytes(_AES_BLOCK_BYTES))
    return context.finalize()[:AES_CHECK_BYTES]
