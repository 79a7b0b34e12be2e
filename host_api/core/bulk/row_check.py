"""Reads a file as rows of a schema, and finds all that is wrong with them."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic

from pydantic import ValidationError

from host_api.core.bulk.file_fault import FileFault, RowFault, known_fault
from host_api.core.bulk.import_declaration import Importable, RowT
from host_api.core.bulk.json_rows import json_rows
from host_api.core.bulk.table_rows import MOST_ROWS, Cells, Row, csv_rows, xlsx_rows
from host_api.core.error_handlers import field_problem
from host_api.core.files.media_types import MediaType
from host_api.core.persian_text import name_key

IMPORTABLE_TYPES = (MediaType.CSV, MediaType.XLSX, MediaType.JSON, MediaType.JSON_LINES)

_FAULTS_OF_A_ROW = 16


@dataclass(frozen=True, slots=True)
class CheckedRow(Generic[RowT]):
    """A row and, where there is something wrong with it, what. Row 0 stands for faults of the header."""

    number: int
    row: RowT | None
    faults: tuple[RowFault, ...] = ()


class RowCheck(Generic[RowT]):
    """Checks files of one kind of records."""

    def __init__(self, importable: Importable[RowT]) -> None:
        self._importable = importable
        self._names: dict[str, str | None] = {name_key(name): None for name in importable.ignored}
        for column in importable.columns:
            for header in (column.name, column.title, column.title_fa, *column.also):
                self._names[name_key(header)] = column.name

    def rows(self, content: io.RawIOBase, media_type: MediaType) -> Iterator[CheckedRow[RowT]]:
        """All rows of a file; one that can't be read any further ends with its fault."""
        number = 0
        count = 0
        try:
            for checked in self._read(content, media_type):
                number = checked.number
                count += 1
                if count > MOST_ROWS:
                    raise FileFault("too-many-rows", number)
                yield checked
            if not count:
                raise FileFault("no-rows", 1)
        except FileFault as fault:
            yield CheckedRow(max(number, fault.fault.row), None, (fault.fault,))

    def _read(self, content: io.RawIOBase, media_type: MediaType) -> Iterator[CheckedRow[RowT]]:
        if media_type in (MediaType.JSON, MediaType.JSON_LINES):
            return self._objects(json_rows(content))
        if media_type is MediaType.XLSX:
            return self._table(xlsx_rows(content))
        return self._table(csv_rows(content, self._count_known))

    def _count_known(self, headers: Cells) -> int:
        return sum(name_key(header) in self._names for header in headers)

    def _table(self, rows: Iterator[Row]) -> Iterator[CheckedRow[RowT]]:
        columns: list[str | None] | None = None
        for number, cells in rows:
            if not any(cells):
                continue
            if columns is None:
                columns, faults = self._columns(number, cells)
                if faults:
                    yield CheckedRow(number, None, faults)
                    return
                continue
            if any(cells[len(columns) :]):
                yield CheckedRow(number, None, (known_fault("cell-without-column", number),))
                continue
            yield self._checked(
                number, {name: cell for name, cell in zip(columns, cells, strict=False) if name and cell}
            )

    def _columns(self, number: int, headers: Cells) -> tuple[list[str | None], tuple[RowFault, ...]]:
        """The columns' names, None for those passed over, and what is wrong with the header."""
        columns: list[str | None] = []
        faults: list[RowFault] = []
        while headers and not headers[-1]:
            headers = headers[:-1]
        for place, header in enumerate(headers, 1):
            key = name_key(header)
            # A header that isn't known may be a value, in a file without headers: it isn't repeated.
            if key not in self._names:
                faults.append(known_fault("unknown-column", number, str(place)))
                continue
            name = self._names[key]
            if name is not None and name in columns:
                faults.append(known_fault("double-column", number, name))
            columns.append(name)
        for name, field in self._importable.row.model_fields.items():
            if field.is_required() and name not in columns:
                faults.append(known_fault("missing-column", number, name))
        return columns, tuple(faults)

    def _objects(self, rows: Iterator[tuple[int, object]]) -> Iterator[CheckedRow[RowT]]:
        for number, value in rows:
            if not isinstance(value, dict):
                yield CheckedRow(number, None, (known_fault("not-an-object", number),))
                continue
            values: dict[str, object] = {}
            faults: list[RowFault] = []
            for header, entry in value.items():
                key = name_key(str(header))
                if key not in self._names:
                    faults.append(known_fault("unknown-column", number))
                elif (name := self._names[key]) is not None and entry is not None:
                    values[name] = entry
            if faults:
                yield CheckedRow(number, None, tuple(faults[:_FAULTS_OF_A_ROW]))
            else:
                yield self._checked(number, values)

    def _checked(self, number: int, values: Mapping[str, object]) -> CheckedRow[RowT]:
        try:
            return CheckedRow(number, self._importable.row.model_validate(values))
        except ValidationError as error:
            return CheckedRow(number, None, tuple(_faults_of(error, number)))


def _faults_of(error: ValidationError, number: int) -> list[RowFault]:
    faults = []
    for entry in error.errors(include_url=False, include_input=False)[:_FAULTS_OF_A_ROW]:
        column = str(entry["loc"][0]) if entry["loc"] else ""
        problem = field_problem(entry["type"], entry["msg"], column, "body")
        persian = entry.get("ctx", {}).get("message_fa")
        message_fa = persian if isinstance(persian, str) else problem.message_fa
        faults.append(RowFault(number, column, problem.code, problem.message, message_fa))
    return faults
