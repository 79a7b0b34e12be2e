"""Writes rows as CSV, XLSX or JSON lines, piece by piece; nothing is put on disk."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from typing import Final, Protocol
from xml.sax.saxutils import escape

Cell = str | int | bool | None | list["Cell"]
Row = Sequence[Cell]

_FORMULA_MARKS: Final = ("=", "+", "-", "@", "\t", "\r")
_MOST_ROWS_OF_A_SHEET: Final = 1_048_576
_LONGEST_CELL: Final = 32_767
_LARGEST_NUMBER: Final = 10**15  # a spreadsheet's numbers have 15 digits
# A fixed time, so that equal rows give equal files.
_TIME: Final = (1980, 1, 1, 0, 0, 0)
# What XML 1.0 can't hold (section 2.2).
_NOT_XML: Final = {code: None for code in (*range(0x20), 0xFFFE, 0xFFFF) if code not in (9, 10, 13)}


class RowWriter(Protocol):
    """Turns rows into bytes."""

    media_type: str
    suffix: str

    def begin(self) -> bytes:
        """What stands before the rows."""

    def rows(self, rows: Iterable[Row]) -> bytes:
        """The next rows; may be empty until there are more."""

    def end(self) -> bytes:
        """What stands after the rows."""


class CsvWriter:
    """CSV (RFC 4180) in UTF-8 with a byte order mark, by which spreadsheets know it.

    A text that a spreadsheet would take for a formula gets an apostrophe in front; imports take it off again.
    """

    media_type = "text/csv; charset=utf-8"
    suffix = "csv"

    def __init__(self, headers: Sequence[str]) -> None:
        self._headers = headers

    def begin(self) -> bytes:
        """Byte order mark and header."""
        return b"\xef\xbb\xbf" + self.rows([list(self._headers)])

    def rows(self, rows: Iterable[Row]) -> bytes:
        """Lines."""
        text = io.StringIO(newline="")
        csv.writer(text).writerows([_csv_cell(cell) for cell in row] for row in rows)
        return text.getvalue().encode("utf-8", errors="replace")

    def end(self) -> bytes:
        """Nothing."""
        return b""


class JsonLinesWriter:
    """A JSON object on each line."""

    media_type = "application/x-ndjson"
    suffix = "jsonl"

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def begin(self) -> bytes:
        """Nothing."""
        return b""

    def rows(self, rows: Iterable[Row]) -> bytes:
        """Lines."""
        lines = (
            json.dumps(dict(zip(self._names, row, strict=True)), ensure_ascii=False, separators=(",", ":"))
            for row in rows
        )
        return "".join(f"{line}\n" for line in lines).encode("utf-8", errors="replace")

    def end(self) -> bytes:
        """Nothing."""
        return b""


class XlsxWriter:
    """A workbook (ECMA-376) as a stream: texts stand in their cells, so none can be a formula.

    Libraries write each sheet to a temporary file first, where personal data would lie in clear.
    """

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    suffix = "xlsx"

    def __init__(self, headers: Sequence[str], *, is_right_to_left: bool) -> None:
        self._headers = headers
        self._direction = "1" if is_right_to_left else "0"
        self._output = _Pieces()
        self._archive = zipfile.ZipFile(self._output, "w", zipfile.ZIP_DEFLATED)
        self._sheets = 0
        self._rows_of_sheet = 0

    def begin(self) -> bytes:
        """The first sheet and its header."""
        self._open_sheet()
        return self._output.take()

    def rows(self, rows: Iterable[Row]) -> bytes:
        """Rows; a full sheet is followed by another."""
        for row in rows:
            if self._rows_of_sheet >= _MOST_ROWS_OF_A_SHEET:
                self._close_sheet()
                self._open_sheet()
            self._write_row(row)
        return self._output.take()

    def end(self) -> bytes:
        """The end of the sheet, and the parts that tell of the sheets."""
        self._close_sheet()
        numbers = range(1, self._sheets + 1)
        for name, text in (
            ("xl/workbook.xml", _workbook(numbers)),
            ("xl/_rels/workbook.xml.rels", _workbook_parts(numbers)),
            ("xl/styles.xml", _STYLES),
            ("_rels/.rels", _PARTS),
            ("[Content_Types].xml", _content_types(numbers)),
        ):
            with self._archive.open(_entry(name), "w") as part:
                part.write(text.encode())
        self._archive.close()
        return self._output.take()

    def _open_sheet(self) -> None:
        self._sheets += 1
        self._rows_of_sheet = 0
        self._sheet = self._archive.open(_entry(f"xl/worksheets/sheet{self._sheets}.xml"), "w")
        self._sheet.write(
            f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView rightToLeft="{self._direction}" '
            'workbookViewId="0"/></sheetViews><sheetData>'.encode()
        )
        self._write_row(list(self._headers))

    def _close_sheet(self) -> None:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()

    def _write_row(self, row: Row) -> None:
        self._rows_of_sheet += 1
        cells = "".join(_xlsx_cell(cell) for cell in row)
        self._sheet.write(f"<row>{cells}</row>".encode("utf-8", errors="replace"))


class _Pieces:
    """A file that is only written, and whose bytes are taken away as they come."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """Nothing is open."""

    def take(self) -> bytes:
        data = bytes(self._held)
        self._held.clear()
        return data


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case list():
            return ";".join(_text(entry) for entry in cell)
        case _:
            return str(cell)


def _csv_cell(cell: Cell) -> str:
    text = _text(cell)
    is_formula = not isinstance(cell, int) and text.lstrip(" ").startswith(_FORMULA_MARKS)
    return f"'{text}" if is_formula else text


def _xlsx_cell(cell: Cell) -> str:
    if cell is None:
        return "<c/>"
    if isinstance(cell, bool):
        return f'<c t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, int) and abs(cell) < _LARGEST_NUMBER:
        return f"<c><v>{cell}</v></c>"
    text = escape(_text(cell)[:_LONGEST_CELL].translate(_NOT_XML))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FORMATS: Final = "http://schemas.openxmlformats.org"
_MAIN: Final = f"{_FORMATS}/spreadsheetml/2006/main"
_RELATIONS: Final = f"{_FORMATS}/officeDocument/2006/relationships"
_PACKAGE: Final = f"{_FORMATS}/package/2006"
_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_PARTS: Final = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_STYLES: Final = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/>'
    '<name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _workbook(numbers: Iterable[int]) -> str:
    sheets = "".join(
        f'<sheet name="Sheet{number}" sheetId="{number}" r:id="rId{number}"/>' for number in numbers
    )
    return f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{sheets}</sheets></workbook>'


def _workbook_parts(numbers: Iterable[int]) -> str:
    sheets = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONS}/worksheet" '
        f'Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    return (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{sheets}<Relationship Id="rIdStyles" '
        f'Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>'
    )


def _content_types(numbers: Iterable[int]) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_KIND}.worksheet+xml"/>'
        for number in numbers
    )
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>{sheets}</Types>'
    )
