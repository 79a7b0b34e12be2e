"""The RSA-2048 key that signs what terminals take: a PEM file of mode 0600; terminals hold its modulus."""

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

SIGNATURE_BYTES = 256
_BITS = 2048
_EXPONENT = 65537
_FINGERPRINT_BYTES = 8


class UpdateFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A key, an image or a document can't be used; the text is one line, and holds nothing of a key."""


def generate(path: Path) -> rsa.RSAPrivateKey:
    """A new key in a new file of mode 0600. Raises UpdateFault where there is a file already."""
    key = rsa.generate_private_key(_EXPONENT, _BITS)
    content = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UpdateFault(f"key file {path}: {error.strerror}") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return key


def read_private_key(path: Path) -> rsa.RSAPrivateKey:
    """The key in a file that nobody else may read. Raises UpdateFault."""
    try:
        if path.stat().st_mode & 0o077:
            raise UpdateFault(f"key file {path}: others may read it; it wants mode 0600")
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise UpdateFault(f"key file {path}: {error.strerror}") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UpdateFault(f"key file {path}: not a private key in PEM without a password") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise UpdateFault(f"key file {path}: not an RSA key")
    _check(path, key.public_key())
    return key


def read_modulus(path: Path) -> bytes:
    """The 256 bytes of the public key: 512 hexadecimal digits in a file. Raises UpdateFault."""
    try:
        modulus = bytes.fromhex(path.read_text("ascii"))
    except OSError as error:
        raise UpdateFault(f"key file {path}: {error.strerror}") from None
    except ValueError:
        raise UpdateFault(f"key file {path}: not hexadecimal digits") from None
    if len(modulus) != _BITS // 8 or modulus[0] < 0x80 or not modulus[-1] & 1:
        raise UpdateFault(f"key file {path}: not the modulus of an RSA-2048 key")
    return modulus


def modulus_of(key: rsa.RSAPrivateKey | rsa.RSAPublicKey) -> bytes:
    """What terminals hold of a key: 256 bytes, big-endian."""
    public = key.public_key() if isinstance(key, rsa.RSAPrivateKey) else key
    return public.public_numbers().n.to_bytes(_BITS // 8)


def fingerprint(modulus: bytes) -> str:
    """A short name of a public key."""
    return hashlib.sha256(modulus).hexdigest()[: 2 * _FINGERPRINT_BYTES]


def sign(key: rsa.RSAPrivateKey, data: bytes) -> bytes:
    """The signature of the SHA-256 of `data`: RSASSA-PKCS1-v1_5 (RFC 8017 clause 8.2.1)."""
    return key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def is_signed(modulus: bytes, signature: bytes, data: bytes) -> bool:
    """Whether a signature is that of this public key over `data`."""
    public = rsa.RSAPublicNumbers(_EXPONENT, int.from_bytes(modulus)).public_key()
    try:
        public.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _check(path: Path, public: rsa.RSAPublicKey) -> None:
    numbers = public.public_numbers()
    if public.key_size != _BITS or numbers.e != _EXPONENT:
        raise UpdateFault(f"key file {path}: terminals want RSA-{_BITS} with the exponent {_EXPONENT}")
