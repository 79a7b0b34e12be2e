"""The file that a card bureau makes cards from, as docs/card-file.md has it. Nothing here reads or stores."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from host_api.core.persian_text import shorten_to_bytes

# ISO/IEC 7813: years have two digits; a card without a last day gets the latest that a stripe can tell.
_NO_END: Final = "9912"
_TRACK_1_NAME: Final = re.compile(r"[A-Z0-9 .'/-]{2,26}", re.ASCII)
_LONGEST_TRACK_NAME: Final = 26

FIELDS: Final = (
    ("sequence", 6),
    ("card_number", 19),
    ("embossed_number", 23),
    ("expiry", 5),
    ("member_number", 12),
    ("member_name", 60),
    ("card_name", 60),
    ("track_1", 79),
    ("track_2", 40),
    ("barcode_symbology", 7),
    ("barcode", 24),
    ("chip_zone", 5),
    ("chip_generation", 3),
    ("chip_expiry", 4),
)
_HEAD: Final = "VAFACARD1"


@dataclass(frozen=True, slots=True)
class StripeAndChip:
    """What a design says of stripe and chip; a zone of None is no chip."""

    tracks: tuple[int, ...]
    service_code: str
    chip_zone: int | None
    chip_generation: int | None


@dataclass(frozen=True, slots=True)
class CardToMake:
    """One card.

    Parameters:
        member_number: 0 for a card without a holder.
        barcode_symbology: qr, code128, ean13 or none.
    """

    sequence: int
    number: str = field(repr=False)
    expires_on: date | None
    member_number: int
    member_name: str
    card_name: str
    barcode_symbology: str
    barcode: str = field(repr=False)


def row_of(card: CardToMake, of_design: StripeAndChip) -> dict[str, str]:
    """The card's fields by name, as they stand in either form of the file."""
    expiry = _NO_END if card.expires_on is None else f"{card.expires_on:%y%m}"
    behind = f"{expiry}{of_design.service_code}"
    track_1 = f"%B{card.number}^{_track_1_name(card)}^{behind}?"
    track_2 = f";{card.number}={behind}?"
    has_chip = of_design.chip_zone is not None
    return {
        "sequence": f"{card.sequence:06d}",
        "card_number": card.number,
        "embossed_number": " ".join(card.number[at : at + 4] for at in range(0, len(card.number), 4)),
        "expiry": "" if card.expires_on is None else f"{card.expires_on:%m/%y}",
        "member_number": f"{card.member_number:012d}" if card.member_number else "",
        "member_name": card.member_name[:60],
        "card_name": card.card_name,
        "track_1": track_1 if 1 in of_design.tracks else "",
        "track_2": track_2 if 2 in of_design.tracks else "",
        "barcode_symbology": card.barcode_symbology,
        "barcode": card.barcode,
        "chip_zone": f"{of_design.chip_zone:05d}" if has_chip else "",
        "chip_generation": f"{of_design.chip_generation or 1:03d}" if has_chip else "",
        "chip_expiry": expiry if has_chip else "",
    }


class CsvFile:
    """A heading and a line for each card: RFC 4180, UTF-8 with a byte order mark."""

    def head(self) -> bytes:
        """What stands before the cards."""
        return "\ufeff".encode() + _csv_line(name for name, _ in FIELDS)

    def line(self, row: dict[str, str]) -> bytes:
        """One card."""
        return _csv_line(row[name] for name, _ in FIELDS)

    def tail(self) -> bytes:
        """What stands behind the cards."""
        return b""


class FixedFile:
    """Lines of fixed width: a head, the cards, and a tail with the SHA-256 of all before it."""

    def __init__(self, batch_id: int, cards: int, made_on: date) -> None:
        self._head = f"H{_HEAD}{batch_id:012d}{cards:06d}{made_on:%Y%m%d}\r\n".encode()
        self._cards = cards
        self._digest = hashlib.sha256()

    def head(self) -> bytes:
        """What stands before the cards."""
        return self._counted(self._head)

    def line(self, row: dict[str, str]) -> bytes:
        """One card."""
        return self._counted(
            ("D" + "".join(row[name].ljust(size) for name, size in FIELDS) + "\r\n").encode()
        )

    def tail(self) -> bytes:
        """What stands behind the cards."""
        return f"T{self._cards:06d}{self._digest.hexdigest()}\r\n".encode()

    def _counted(self, data: bytes) -> bytes:
        self._digest.update(data)
        return data


def _csv_line(values: Iterable[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue().encode()


def _track_1_name(card: CardToMake) -> str:
    """The name as track 1 can hold it: its alphabet knows neither Persian nor small letters."""
    for text in (card.member_name, card.card_name):
        name = shorten_to_bytes(text.upper(), _LONGEST_TRACK_NAME).strip()
        if _TRACK_1_NAME.fullmatch(name):
            return name
    return f"MEMBER/{card.member_number}" if card.member_number else "MEMBER"
