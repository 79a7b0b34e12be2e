"""RSA-2048 signatures of SHA-256 digests: RSASSA-PKCS1-v1_5 (RFC 8017 clause 8.2.2), exponent 65537."""

from terminal.constant import const

SIGNATURE_BYTES = const(256)
_EXPONENT = const(65537)
# DigestInfo of SHA-256 with NULL parameters (RFC 8017 clause 9.2, note 1).
_DIGEST_INFO = b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
_FILL_BYTES = const(202)


def is_signed(digest: bytes, signature: "bytes | bytearray | memoryview", modulus: bytes) -> bool:
    """Whether `signature` is one of the SHA-256 `digest` under the key `modulus`, 256 bytes big-endian.

    The whole encoded message is built and compared: nothing in it is parsed, so nothing can hide in it.
    """
    if len(digest) != 32 or len(signature) != SIGNATURE_BYTES or len(modulus) != SIGNATURE_BYTES:
        return False
    number = int.from_bytes(modulus, "big")
    signed = int.from_bytes(bytes(signature), "big")
    # A key of fewer bits would be a damaged one, and a representative out of range is none.
    if modulus[0] < 0x80 or not modulus[255] & 1 or signed >= number:
        return False
    encoded = pow(signed, _EXPONENT, number).to_bytes(SIGNATURE_BYTES, "big")
    return encoded == b"\x00\x01" + b"\xff" * _FILL_BYTES + b"\x00" + _DIGEST_INFO + digest
