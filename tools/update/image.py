"""Update images as terminals take them: see firmware/terminal/system/update/image.py for the layout."""

import hashlib
import re
import struct
from pathlib import Path
from typing import NamedTuple, Self

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from simulator.firmware_image import romfs_of
from tools.update.signing_key import SIGNATURE_BYTES, UpdateFault, is_signed, sign

HEADER_BYTES = 320
CONTENT_BYTES_MAX = 4 << 20
COUNTER_MAX = 0xFFFFFF
_SIGNED_BYTES = 64
_FORMAT = 1
_MAGIC = b"VFU"
_FORM = struct.Struct(">3sB8sHHHHHHII32s")
_VERSION = re.compile(r"(\d{1,5})\.(\d{1,5})\.(\d{1,5})")
_BOARD = re.compile(r"[a-z0-9-]{1,8}")
_NUMBER_MAX = 0xFFFF


class Version(NamedTuple):
    """Of firmware."""

    major: int
    minor: int
    patch: int

    @classmethod
    def of(cls, text: str) -> Self:
        """From "1.2.3". Raises UpdateFault."""
        found = _VERSION.fullmatch(text)
        numbers = [int(digits) for digits in found.groups()] if found else []
        if not numbers or max(numbers) > _NUMBER_MAX:
            raise UpdateFault(f"{text!r} is no version such as 1.2.3")
        return cls(*numbers)

    def __str__(self) -> str:
        return ".".join(map(str, self))


class Label(NamedTuple):
    """What the header says besides size and digest."""

    board: str
    version: Version
    least_base: Version
    counter: int


class UpdateImage(NamedTuple):
    """A whole image, taken apart. `is_whole`: the content is what the header's digest says."""

    label: Label
    content: bytes
    digest: bytes
    signature: bytes
    signed: bytes

    @property
    def is_whole(self) -> bool:
        """Whether the content is that of the header."""
        return hashlib.sha256(self.content).digest() == self.digest

    def is_signed(self, modulus: bytes) -> bool:
        """Whether a public key's owner signed it."""
        return is_signed(modulus, self.signature, self.signed)


def content_of(path: Path) -> bytes:
    """The content of an image: a file as it is, or the bytecode under a folder as a file system.

    Raises UpdateFault.
    """
    try:
        content = romfs_of(path) if path.is_dir() else path.read_bytes()
    except OSError as error:
        raise UpdateFault(f"{error.filename or path}: {error.strerror}") from None
    if path.is_dir() and not any(path.rglob("*.mpy")):
        raise UpdateFault(f"{path}: no .mpy in it")
    return content


def pack(label: Label, content: bytes) -> bytes:
    """An image whose signature is still zeros. Raises UpdateFault."""
    if not _BOARD.fullmatch(label.board):
        raise UpdateFault("a board has 1 to 8 small letters, digits or hyphens")
    if not 0 <= label.counter <= COUNTER_MAX:
        raise UpdateFault(f"the anti-rollback counter is from 0 to {COUNTER_MAX:,}")
    if not 1 <= len(content) <= CONTENT_BYTES_MAX:
        raise UpdateFault(f"{len(content):,} bytes of content: from 1 to {CONTENT_BYTES_MAX:,} fit")
    head = _FORM.pack(
        _MAGIC,
        _FORMAT,
        label.board.ljust(8).encode(),
        *label.version,
        *label.least_base,
        label.counter,
        len(content),
        hashlib.sha256(content).digest(),
    )
    return head + bytes(SIGNATURE_BYTES) + content


def signed(image: bytes, key: RSAPrivateKey) -> bytes:
    """The image with a key's signature. Raises UpdateFault where it is none, or damaged."""
    if not unpack(image).is_whole:
        raise UpdateFault("the image is damaged")
    head = image[:_SIGNED_BYTES]
    return head + sign(key, head) + image[HEADER_BYTES:]


def unpack(image: bytes) -> UpdateImage:
    """An image taken apart; who signed it is not looked at. Raises UpdateFault."""
    if len(image) < HEADER_BYTES or image[:3] != _MAGIC:
        raise UpdateFault("not an update image")
    if image[3] != _FORMAT:
        raise UpdateFault(f"format {image[3]} of update images is not known here")
    fields = _FORM.unpack(image[:_SIGNED_BYTES])
    label = Label(
        fields[2].decode("latin-1").rstrip(" "), Version(*fields[3:6]), Version(*fields[6:9]), fields[9]
    )
    if fields[10] != len(image) - HEADER_BYTES:
        raise UpdateFault("the content is longer or shorter than the header says")
    return UpdateImage(
        label, image[HEADER_BYTES:], fields[11], image[_SIGNED_BYTES:HEADER_BYTES], image[:_SIGNED_BYTES]
    )
