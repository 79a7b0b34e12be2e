"""Rows out of files of every kind, whole or broken, and into files that lead back to them."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from host_api.core.access.permissions import Action, Module
from host_api.core.bulk.file_fault import FileFault
from host_api.core.bulk.import_declaration import Importable, ImportColumn
from host_api.core.bulk.json_rows import json_rows
from host_api.core.bulk.row_check import RowCheck
from host_api.core.bulk.row_writers import Cell, CsvWriter, JsonLinesWriter, XlsxWriter
from host_api.core.bulk.table_rows import csv_rows, xlsx_rows
from host_api.core.database import AnySession, WriteSession
from host_api.core.files.media_types import MediaType
from host_api.services.members.bulk import MemberImportRow


class _Raw(io.RawIOBase):
    """Bytes as a file without a buffer, as contents of files are."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._file = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: "bytearray | memoryview", /) -> int:  # type: ignore[override]
        return self._file.readinto(memoryview(buffer)[:1000])


def _raw(content: bytes) -> io.RawIOBase:
    return _Raw(content)


async def _never(*_arguments: object) -> dict[str, int]:
    raise NotImplementedError


async def _insert(_session: WriteSession, *_arguments: object) -> list[int]:
    raise NotImplementedError


async def _replace(_session: AnySession, *_arguments: object) -> None:
    raise NotImplementedError


PERSIAN = {
    "name": "نام",
    "mobile": "شمارهٔ همراه",
    "tier": "سطح",
    "group": "گروه",
    "organisation": "سازمان",
    "club_level": "زیرباشگاه",
    "segments": "بخش‌ها",
    "agreements": "موافقت‌ها",
}
CHECK = RowCheck(
    Importable(
        name="members",
        permission=Module("members", "", "").may(Action.WRITE),
        row=MemberImportRow,
        columns=tuple(
            ImportColumn(name, name, PERSIAN.get(name, name)) for name in MemberImportRow.model_fields
        ),
        ignored=("id",),
        key=lambda row: row.mobile,
        existing=_never,
        insert=_insert,
        replace=_replace,
    )
)


def _checked(content: bytes, media_type: MediaType) -> tuple[list[str], list[tuple[int, str, str]]]:
    """Names of the good rows and the faults."""
    rows = list(CHECK.rows(_raw(content), media_type))
    names = [entry.row.name for entry in rows if entry.row is not None]
    return names, [(fault.row, fault.column, fault.code) for entry in rows for fault in entry.faults]


def _workbook(rows: list[list[object]]) -> bytes:
    workbook, output = Workbook(), io.BytesIO()
    for row in rows:
        workbook.active.append(row)
    workbook.save(output)
    return output.getvalue()


@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "marked"])
def test_csv_with_every_separator_and_mark(separator: str, mark: str) -> None:
    lines = ["نام|شماره همراه|سطح|بخش ها", "سارا|۰۹۱۲۳۴۵۶۷۸۹|طلایی|۱،2", '"رضا | ""ر"""||gold|', ""]
    text = mark + "\r\n".join(lines).replace("|", separator)
    rows = list(CHECK.rows(_raw(text.encode()), MediaType.CSV))
    assert [entry.faults for entry in rows] == [(), ()]
    first, second = rows[0].row, rows[1].row
    assert first is not None and second is not None
    assert (first.name, first.mobile, first.tier, first.segments) == ("سارا", "+989123456789", "gold", [1, 2])
    assert (second.name, second.tier) == (f'رضا {separator} "ر"'.replace("\t", "").replace("  ", " "), "gold")
    assert [entry.number for entry in rows] == [2, 3]


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        ("نام\nسارا\nرضا".encode("cp1256"), [(1, "", "not-utf-8")]),
        (b"name\nSara\n\xff\xfe\n", [(1, "", "not-utf-8")]),
        (b'name\nSara\n"Reza\n', [(3, "", "csv")]),
        (b'name\n"Sara"x\n', [(2, "", "csv")]),
        (b"name,colour\nSara,red\n", [(1, "2", "unknown-column")]),
        (b"name,Name\nSara,red\n", [(1, "name", "double-column")]),
        (b"mobile\n09123456789\n", [(1, "name", "missing-column")]),
        (b"name\n\n\n", [(1, "", "no-rows")]),
        (b"\n", [(1, "", "no-rows")]),
        (b"name\nSara,extra\n", [(2, "", "cell-without-column")]),
        (b"name" + b"," * 64 + b"\n", [(1, "", "too-many-columns")]),
        (b"name\n" + b"x" * 140_000, [(2, "", "csv")]),
        (b"name,tier\nSara,red!\n,gold\n", [(2, "tier", "string_pattern_mismatch"), (3, "name", "missing")]),
        (b"name,mobile\nSara,0912\n", [(2, "mobile", "mobile_number")]),
    ],
    ids=lambda value: str(value[0][2]) if isinstance(value, list) else "",
)
def test_malformed_csv_tells_where(content: bytes, faults: list[tuple[int, str, str]]) -> None:
    assert _checked(content, MediaType.CSV)[1] == faults


def test_faults_hold_no_value() -> None:
    content = "name,mobile,tier,email\nSara,0939345,zz!z,qqq\nwwww,09123456789,gold,yyy\n"
    rows = list(CHECK.rows(_raw(content.encode()), MediaType.CSV))
    told = " ".join(f"{fault}" for entry in rows for fault in entry.faults)
    assert len([fault for entry in rows for fault in entry.faults]) == 4
    assert all(value not in told for value in ("Sara", "0939345", "zz!z", "qqq", "wwww", "yyy"))
    assert all(fault.message_fa for entry in rows for fault in entry.faults)


def test_a_workbook_as_people_make_it() -> None:
    content = _workbook(
        [
            ["نام", "شمارهٔ همراه", "بخش‌ها", "موافقت‌ها", None],
            ["سارا", 9123456789, 7, 12.0, None],
            [],
            ["رضا", "۰۹۱۲ ۳۴۵ ۶۷۸۸", "1;2", None],
            ["=1+1", None, None, None],
        ]
    )
    rows = list(CHECK.rows(_raw(content), MediaType.XLSX))
    good = [entry.row for entry in rows if entry.row]
    assert [(row.name, row.mobile, row.segments, row.agreements) for row in good] == [
        ("سارا", "+989123456789", [7], [12]),
        ("رضا", "+989123456788", [1, 2], []),
    ]
    assert [entry.number for entry in rows if entry.row] == [2, 4]


def _part_of(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(output, "w") as target:
        for part in source.namelist():
            data = source.read(part)
            target.writestr(part, change(data) if part == name else data)
    return output.getvalue()


_SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda data: data[: len(data) // 2], "xlsx"),
        (lambda data: b"", "xlsx"),
        (lambda data: data.replace(b'<row r="2"', b'<row r="9999999999999"'), "too-many-rows"),
        (lambda data: data.replace(b'r="A2"', b'r="XFD2"'), "too-many-columns"),
        (lambda data: data.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>'), None),
        (lambda data: data.replace(b't="inlineStr"', b't="q"'), None),
    ],
    ids=["cut", "empty", "far row", "far column", "huge dimension", "unknown type"],
)
def test_malformed_sheets(change: Callable[[bytes], bytes], code: str | None) -> None:
    content = _part_of(_workbook([["name"], ["Sara"]]), _SHEET, change)
    names, faults = _checked(content, MediaType.XLSX)
    assert ([fault[2] for fault in faults] == [code]) if code else names or faults


def test_a_workbook_that_unpacks_too_far_is_refused() -> None:
    content = _part_of(
        _workbook([["name"], ["Sara"]]), "xl/styles.xml", lambda data: data + b" " * (192 * 1024 * 1024)
    )
    assert _checked(content, MediaType.XLSX) == ([], [(1, "", "xlsx")])


def test_damaged_workbooks_and_texts_never_do_more_than_fault() -> None:
    source = random.Random(7)
    whole = {
        MediaType.XLSX: _workbook([["name", "mobile"], ["Sara", "09123456789"]]),
        MediaType.CSV: 'نام,همراه\r\n"سارا",09123456789\r\n'.encode(),
        MediaType.JSON: '[{"name": "سارا"}, {"name": "رضا", "segments": [1, 2]}]'.encode(),
        MediaType.JSON_LINES: '{"name": "سارا"}\n{"name": "رضا", "agreements": [3]}\n'.encode(),
    }
    for media_type, content in whole.items():
        for _ in range(60):
            damaged = bytearray(content)
            for _ in range(source.randint(1, 6)):
                damaged[source.randrange(len(damaged))] = source.randrange(256)
            names, faults = _checked(bytes(damaged[: source.randint(1, len(damaged))]), media_type)
            assert names or faults


@given(st.binary(max_size=300), st.sampled_from([MediaType.CSV, MediaType.JSON, MediaType.JSON_LINES]))
def test_any_bytes_are_rows_or_faults(content: bytes, media_type: MediaType) -> None:
    names, faults = _checked(content, media_type)
    assert names or faults


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ('[{"name": "n"}', [(2, "", "json")]),
        ('[{"name": "n"} {"name": "m"}]', [(2, "", "json")]),
        ('[{"name": "n"},]', [(2, "", "json")]),
        ('[{"name": "n"}] x', [(2, "", "json")]),
        ("[]", [(1, "", "no-rows")]),
        ('{"name": "n"}\n{"name": ', [(2, "", "json")]),
        ('{"name": "n"}\n{"name": NaN}', [(2, "", "json")]),
        ('{"name": "n"}\n[1]\n"x"\n7\n{"name": "m"}', [(n, "", "not-an-object") for n in (2, 3, 4)]),
        ('{"name": "n", "colour": 1}', [(1, "", "unknown-column")]),
        ('{"name": 5}', [(1, "name", "string_type")]),
        ('{"name": "n", "tier": null, "segments": [256]}', [(1, "segments", "less_than_equal")]),
        ("[" * 5000, [(1, "", "json")]),
        ('{"name": ' + "9" * 5000 + "}", [(1, "", "json")]),
        ('{"name": "' + "n" * 300_000, [(1, "", "row-too-long")]),
        ('{"name": nil}' + " " * 100_000, [(1, "", "json")]),
    ],
    ids=range(15),
)
def test_malformed_json_tells_where(text: str, faults: list[tuple[int, str, str]]) -> None:
    assert _checked(text.encode(), MediaType.JSON)[1] == faults


@given(
    st.lists(
        st.dictionaries(st.text(max_size=5), st.text(max_size=30) | st.integers() | st.none(), max_size=4),
        max_size=8,
    ),
    st.sampled_from([None, 2]),
    st.integers(0, 70_000),
)
def test_json_is_read_as_written(entries: list[dict[str, object]], indent: int | None, spaces: int) -> None:
    listed = " " * spaces + json.dumps(entries, ensure_ascii=False, indent=indent)
    assert [entry for _, entry in json_rows(_raw(listed.encode("utf-8", "replace")))] == json.loads(
        listed.encode("utf-8", "replace")
    )


_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@given(st.lists(st.tuples(_TEXTS, _TEXTS), max_size=10))
def test_csv_written_is_csv_read_and_no_formula(rows: list[tuple[str, str]]) -> None:
    writer = CsvWriter(["one", "two"])
    data = writer.begin() + writer.rows([list(row) for row in rows]) + writer.end()
    read = [cells for _, cells in csv_rows(_raw(data), len)][1:]
    assert len(read) == len(rows)
    for (one, two), cells in zip(rows, read, strict=True):
        for text, cell in zip((one.strip(), two.strip()), cells, strict=True):
            assert cell == (text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@") else text)


@pytest.mark.parametrize("text", ["=1+1", "+98912", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"], ids=range(7))
def test_formulas_are_defused_in_csv_and_texts_in_xlsx(text: str) -> None:
    assert CsvWriter([]).rows([[text]]).decode().lstrip('"').startswith("'")
    assert CsvWriter([]).rows([[-5]]) == b"-5\r\n"
    writer = XlsxWriter(["h"], is_right_to_left=True)
    data = writer.begin() + writer.rows([[text]]) + writer.end()
    sheet = load_workbook(io.BytesIO(data)).active
    assert (sheet["A2"].data_type, sheet["A2"].value) == ("s", text.replace("\r", "\n"))
    assert sheet.sheet_view.rightToLeft


def test_a_workbook_written_is_one_that_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host_api.core.bulk.row_writers._MOST_ROWS_OF_A_SHEET", 3)
    writer = XlsxWriter(["عدد", "متن <&>"], is_right_to_left=False)
    rows: list[list[Cell]] = [
        [1, "سارا"],
        [10**15, "a\x00b"],
        [True, None],
        [[1, 2], " x "],
        [-3, "ن" * 40_000],
    ]
    data = writer.begin() + b"".join(writer.rows([row]) for row in rows) + writer.end()
    workbook = load_workbook(io.BytesIO(data))
    found = [list(row) for sheet in workbook.worksheets for row in sheet.iter_rows(values_only=True)]
    header = ["عدد", "متن <&>"]
    assert found == [
        header,
        [1, "سارا"],
        ["1000000000000000", "ab"],
        header,
        [True, None],
        ["1;2", " x "],
        header,
        [-3, "ن" * 32_767],
    ]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None


def test_json_lines_hold_what_json_has() -> None:
    writer = JsonLinesWriter(["a", "b"])
    data = writer.begin() + writer.rows([[1, "سارا\n"], [None, [True]]]) + writer.end()
    assert [json.loads(line) for line in data.splitlines()] == [
        {"a": 1, "b": "سارا\n"},
        {"a": None, "b": [True]},
    ]


def test_a_sheet_gives_texts() -> None:
    naive = datetime.fromisoformat("2026-11-22T09:30")  # sheets know no offsets
    content = _workbook([[1.5, 3.0, True, naive, None, " x "]])
    assert list(xlsx_rows(_raw(content))) == [(1, ["1.5", "3", "true", "2026-11-22T09:30:00", "", "x"])]
    with pytest.raises(FileFault):
        list(xlsx_rows(_raw(b"no archive")))
