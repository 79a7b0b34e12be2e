"""Cards that can be put into the field: ISO-DEP cards, Type 2 tags and MIFARE Classic."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

_READ = 0x30
_PAGE = 4
_BLOCK = 16


class FieldCard(Protocol):
    """What any type A card tells as it is selected (ISO/IEC 14443-3)."""

    @property
    def uid(self) -> bytes:
        """4, 7 or 10 bytes."""

    @property
    def atqa(self) -> int:
        """SENS_RES."""

    @property
    def sak(self) -> int:
        """SEL_RES."""

    @property
    def ats(self) -> bytes:
        """The answer to select with its length byte; empty without ISO/IEC 14443-4."""

    def answer(self, data: bytes) -> bytes | None:
        """What the card answers; None if it does not, and then wants to be selected again."""

    def select(self) -> None:
        """The card is selected anew."""


@dataclass(slots=True)
class IsoDepCard:
    """A card of ISO/IEC 14443-4.

    Args:
        apdu: its application: a command APDU in, a response APDU out.
        selected: told each time the card is activated, when the application begins anew.
    """

    apdu: Callable[[bytes], bytes]
    uid: bytes = bytes.fromhex("041e2061801d80")
    ats: bytes = bytes.fromhex("067577810280")
    atqa: int = 0x0344
    sak: int = 0x20
    selected: Callable[[], None] = lambda: None

    def answer(self, data: bytes) -> bytes | None:
        """The response APDU."""
        return self.apdu(data)

    def select(self) -> None:
        """The application begins anew."""
        self.selected()


@dataclass(slots=True)
class Type2Tag:
    """An NFC Forum Type 2 tag with its whole memory; READ behind the last page begins again at page 0."""

    memory: bytes = field(repr=False)
    uid: bytes = bytes.fromhex("047bcb51962280")
    atqa: int = 0x0044
    sak: int = 0x00
    ats: bytes = b""

    def answer(self, data: bytes) -> bytes | None:
        """Sixteen bytes for READ; silence for a page that is not there and for any other command."""
        if len(data) != 2 or data[0] != _READ or data[1] * _PAGE >= len(self.memory):
            return None
        start = data[1] * _PAGE
        return (self.memory + self.memory)[start : start + _BLOCK]

    def select(self) -> None:
        """It has no state."""

    @classmethod
    def with_message(cls, message: bytes, data_bytes: int = 144) -> "Type2Tag":
        """A formatted tag that holds the NDEF `message` in a data area of `data_bytes`."""
        uid = bytes.fromhex("047bcb51962280")
        head = uid[:3] + bytes([0x88 ^ uid[0] ^ uid[1] ^ uid[2]]) + uid[3:]
        head += bytes([uid[3] ^ uid[4] ^ uid[5] ^ uid[6], 0x48, 0, 0]) + bytes(
            [0xE1, 0x10, data_bytes // 8, 0]
        )
        size = bytes([len(message)]) if len(message) < 255 else b"\xff" + len(message).to_bytes(2, "big")
        return cls(head + (b"\x03" + size + message + b"\xfe").ljust(data_bytes, b"\x00"), uid)


@dataclass(slots=True)
class ClassicCard:
    """A MIFARE Classic: without its keys it answers nothing."""

    uid: bytes = bytes.fromhex("078cfc4f")
    atqa: int = 0x0004
    sak: int = 0x08
    ats: bytes = b""

    def answer(self, data: bytes) -> bytes | None:
        """Silence."""
        return None

    def select(self) -> None:
        """It has no state that matters here."""


def uri_message(uri: str) -> bytes:
    """An NDEF message of one URI record without prefix (NFC Forum RTD URI 1.0)."""
    return _record(b"U", b"\x00" + uri.encode("ascii"))


def text_message(text: str, language: str = "en") -> bytes:
    """An NDEF message of one text record in UTF-8 (NFC Forum RTD Text 1.0)."""
    return _record(b"T", bytes([len(language)]) + language.encode("ascii") + text.encode("utf-8"))


def _record(kind: bytes, payload: bytes) -> bytes:
    return bytes([0xD1, len(kind), len(payload)]) + kind + payload
