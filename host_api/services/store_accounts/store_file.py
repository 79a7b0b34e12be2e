"""Entries as a file of fixed columns for accounting programs (docs/club-services/store.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from host_api.core.tehran_time import TEHRAN

MOST_ENTRIES: Final = 50_000

_FORMAT: Final = "VSA1"
_LENGTH: Final = 100
_END: Final = "\r\n"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One account's part of a document; `member_id` 0 is nobody, a debit is above zero."""

    at: datetime
    document_kind: str
    document_id: int
    branch_number: int
    account: str
    member_id: int
    amount: int


def store_file(merchant_id: str, first_day: date, last_day: date, entries: Sequence[FileEntry]) -> str:
    """Header, a line for each entry, and a trailer with their count and sums."""
    debits = sum(entry.amount for entry in entries if entry.amount > 0)
    credited = -sum(entry.amount for entry in entries if entry.amount < 0)
    lines = [
        f"H{_FORMAT}{merchant_id:<15}{first_day:%Y%m%d}{last_day:%Y%m%d}",
        *(_line(number, entry) for number, entry in enumerate(entries, 1)),
        f"T{len(entries):09d}{debits:018d}{credited:018d}",
    ]
    return "".join(f"{line:<{_LENGTH}}{_END}" for line in lines)


def _line(number: int, entry: FileEntry) -> str:
    at = entry.at.astimezone(TEHRAN)
    side = "D" if entry.amount > 0 else "C"
    return (
        f"D{number:09d}{at:%Y%m%d%H%M%S}{entry.document_kind:<12}{entry.document_id:012d}"
        f"{entry.branch_number:05d}{entry.account:<12}{entry.member_id:012d}{side}{abs(entry.amount):015d}"
    )
