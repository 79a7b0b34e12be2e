"""What a bar code scanner sends for a code: prefix, AIM identifier, data, suffix."""

from enum import StrEnum


class Symbology(StrEnum):
    """AIM identifiers (ISO/IEC 15424)."""

    CODE_128 = "]C0"
    GS1_128 = "]C1"
    EAN_13 = "]E0"
    QR = "]Q1"
    GS1_QR = "]Q3"


def ean_13(body: str) -> str:
    """Twelve digits and their check digit (GS1 General Specifications, 7.9)."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)


def scanned(
    data: str, symbology: Symbology | None = None, *, prefix: bytes = b"", suffix: bytes = b"\r\n"
) -> bytes:
    """The bytes of one scan; without `symbology` no identifier, as most scanners are delivered."""
    return prefix + (symbology or "").encode("ascii") + data.encode("utf-8") + suffix
