"""Triple DES (ANSI X9.52, NIST SP 800-67) for the codes and key blocks that still stand on it."""

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from protocol.security.faults import SecurityFault, SecurityFaultCode

TDEA_BLOCK_BYTES = 8
TDEA_KEY_BYTES = (16, 24)


def tdea(key: bytes) -> TripleDES:
    """The algorithm with a key of 16 bytes (K1 K2, used as K1 K2 K1) or 24 bytes. Parity bits are ignored.

    Raises SecurityFault BAD_KEY for any other length.
    """
    if len(key) not in TDEA_KEY_BYTES:
        raise SecurityFault(SecurityFaultCode.BAD_KEY)
    return TripleDES(key if len(key) == 24 else key + key[:8])


def single_des(key: bytes) -> TripleDES:
    """DES with a key of 8 bytes, as the triple that undoes its own first two steps."""
    if len(key) != TDEA_BLOCK_BYTES:
        raise SecurityFault(SecurityFaultCode.BAD_KEY)
    return TripleDES(key * 3)


def encrypt_block(key: bytes, block: bytes) -> bytes:
    """One block of 8 bytes under a triple-length key."""
    return Cipher(tdea(key), modes.ECB()).encryptor().update(block)  # noqa: S305  (a single block)
