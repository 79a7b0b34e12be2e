"""The report of an import: a CSV file that tells what became of each row, or what is wrong."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from host_api.core.bulk.file_fault import RowFault
from host_api.core.errors import Language
from host_api.core.files.content_store import Draft

_HEADERS: Final[dict[Language, tuple[str, ...]]] = {
    "en": ("row", "outcome", "id", "column", "code", "message"),
    "fa": ("سطر", "نتیجه", "شناسه", "ستون", "کد", "پیام"),
}


class ImportReport:
    """Writes the report of one import to a draft."""

    def __init__(self, draft: Draft, language: Language) -> None:
        self._draft = draft
        self._is_persian = language == "fa"
        self._write([_HEADERS[language]], start="\ufeff")

    def add_faults(self, faults: Iterable[RowFault]) -> None:
        """A line for each fault."""
        self._write(
            (
                str(fault.row),
                "fault",
                "",
                fault.column,
                fault.code,
                fault.message_fa if self._is_persian else fault.message,
            )
            for fault in faults
        )

    def add_records(self, outcome: str, rows: Iterable[tuple[int, int | None]]) -> None:
        """A line for each row that was taken, with the id of its record where it is known."""
        self._write(
            (str(row), outcome, "" if record_id is None else str(record_id), "", "", "")
            for row, record_id in rows
        )

    def _write(self, lines: Iterable[tuple[str, ...]], start: str = "") -> None:
        text = io.StringIO(newline="")
        text.write(start)
        csv.writer(text).writerows(lines)
        self._draft.write(text.getvalue().encode())
