"""What this firmware is, and who may sign another: written over by the builder of a fleet's base."""

from binascii import unhexlify

# Major, minor, patch: of the frozen part, which an update's `least_base` is compared with.
BASE_VERSION = (1, 0, 0)


def modulus_of(text: "str | bytes") -> bytes:
    """A public key from the 512 hexadecimal digits that `vafa firmware keys` prints.

    Raises:
        ValueError: they are no such key.
    """
    modulus = unhexlify(text.strip())
    if len(modulus) != 256 or modulus[0] < 0x80 or not modulus[255] & 1:
        raise ValueError("not the modulus of an RSA-2048 key")
    return modulus
