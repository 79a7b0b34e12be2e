"""Rows of cells from CSV and XLSX, one after the other, whatever the size of the file."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Final

from host_api.core.bulk.file_fault import FileFault

MOST_ROWS: Final = 200_000
MOST_COLUMNS: Final = 64

_SEPARATORS: Final = ",;\t"
_LONGEST_HEADER: Final = 16_384
# Empty rows are skipped, and a sheet of the format itself has no more than these.
_MOST_ROWS_OF_A_SHEET: Final = 1_048_576
# What the parts of a workbook may unpack to; the sheet is streamed, shared texts are held.
_LARGEST_UNPACKED_BYTES: Final = 192 * 1024 * 1024
# Rows may be styled far beyond their last value, but not many.
_WIDE_CELLS: Final = 512
_MOST_WIDE_ROWS: Final = 5_000

Cells = list[str]
Row = tuple[int, Cells]


def csv_rows(content: io.RawIOBase, known_headers: Callable[[Cells], int]) -> Iterator[Row]:
    """The rows of a CSV file (RFC 4180) in UTF-8, with commas, semicolons or tabs, numbered from 1.

    Parameters:
        known_headers: how many of these headers are known; the separator that gives the most is the file's.

    Raises:
        FileFault: while rows are taken.
    """
    content.seek(0)
    head = (content.read(_LONGEST_HEADER) or b"").decode("utf-8-sig", errors="replace")
    first = head.splitlines()[0] if head else ""
    separator = max(_SEPARATORS, key=lambda mark: known_headers(_split(first, mark)))
    content.seek(0)
    text = io.TextIOWrapper(io.BufferedReader(content), encoding="utf-8-sig", newline="")
    reader = csv.reader(text, delimiter=separator, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except UnicodeDecodeError:
            raise FileFault("not-utf-8", number) from None
        except csv.Error:
            raise FileFault("csv", number) from None
        if cells is None:
            return
        _check_width(cells, number)
        yield number, [_plain_text(cell) for cell in cells]


def xlsx_rows(content: io.RawIOBase) -> Iterator[Row]:
    """The rows of the first sheet of a workbook, numbered as it shows them.

    Raises:
        FileFault: while rows are taken.
    """
    number = wide_rows = 0
    try:
        for cells in _sheet(content):
            number += 1
            width = len(cells)
            wide_rows += width > _WIDE_CELLS
            if wide_rows > _MOST_WIDE_ROWS:
                raise FileFault("too-many-columns", number)
            while width and cells[width - 1] is None:
                width -= 1
            texts = [_cell_text(value) for value in cells[:width]]
            _check_width(texts, number)
            yield number, texts
    except FileFault:
        raise
    except Exception:
        # The reader of workbooks raises whatever a broken part leads it to.
        raise FileFault("xlsx", number + 1) from None
    if number > _MOST_ROWS_OF_A_SHEET:
        raise FileFault("too-many-rows", number)


def _split(line: str, separator: str) -> Cells:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _plain_text(cell: str) -> str:
    """A cell without the spaces around it, and without the apostrophe that keeps it from being a formula."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@") else text


def _sheet(content: io.RawIOBase) -> Iterator[tuple[object, ...]]:
    # Slow to import, and only imports of workbooks need it.
    from openpyxl import load_workbook  # noqa: PLC0415

    content.seek(0)
    file = io.BufferedReader(content)
    with zipfile.ZipFile(file) as archive:
        unpacked_bytes = sum(part.file_size for part in archive.infolist())
    if unpacked_bytes > _LARGEST_UNPACKED_BYTES:
        raise FileFault("xlsx", 1)
    workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    sheet = workbook.worksheets[0]
    sheet.reset_dimensions()  # a sheet may claim any
    yield from sheet.iter_rows(max_row=_MOST_ROWS_OF_A_SHEET + 1, values_only=True)


def _cell_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value).strip()


def _check_width(cells: Cells, number: int) -> None:
    if len(cells) > MOST_COLUMNS:
        raise FileFault("too-many-columns", number)
