"""Exports a list as a stream: what the services' endpoints stand on.

Rows are read a thousand at a time, each time in a session of its own: a slow reader holds no transaction, and
rows that come or go meanwhile neither double nor hide others.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from fastapi import Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from host_api.core.access.caller import Caller
from host_api.core.bulk.export_declaration import Exportable, ExportColumn, ExportFormat, ExportQuery, QueryT
from host_api.core.bulk.row_writers import Cell, CsvWriter, JsonLinesWriter, RowWriter, XlsxWriter
from host_api.core.clock import utc_now
from host_api.core.errors import Language, preferred_language
from host_api.core.files.download import DOWNLOAD_HEADERS, attachment
from host_api.core.jalali import Calendar, format_instant
from host_api.core.runtime import Runtime, runtime_of
from host_api.core.tehran_time import tehran_date

_ROWS_AT_ONCE: Final = 1000

EXPORT_CONTENT: Final[dict[int | str, dict[str, object]]] = {
    200: {
        "description": "The rows.",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("text/csv", XlsxWriter.media_type, JsonLinesWriter.media_type)
        },
    }
}


def export_response(
    request: Request, caller: Caller, exportable: Exportable[QueryT], query: QueryT
) -> StreamingResponse:
    """The rows that `query` asks for, in its format.

    Raises:
        ValidationFailed: a column is not there.
    """
    columns = exportable.chosen(query)
    language = query.headers or preferred_language(request.headers.get("accept-language"))
    writer = _writer(query, columns, language)
    names = [column.name for column in columns]

    def written(items: Sequence[BaseModel]) -> bytes:
        return writer.rows(
            [_cell(getattr(item, name), query.calendar, language) for name in names] for item in items
        )

    pieces = _pieces(runtime_of(request), caller.programme_id, exportable, query, _Output(writer, written))
    name = f"{exportable.name}-{tehran_date(utc_now()):%Y%m%d}.{writer.suffix}"
    headers = {"Content-Disposition": attachment(name), **DOWNLOAD_HEADERS}
    return StreamingResponse(pieces, media_type=writer.media_type, headers=headers)


@dataclass(frozen=True, slots=True)
class _Output:
    """A writer, and what makes its rows of items."""

    writer: RowWriter
    written: Callable[[Sequence[BaseModel]], bytes]


def _writer(query: ExportQuery, columns: Sequence[ExportColumn], language: Language) -> RowWriter:
    headers = [column.title_fa if language == "fa" else column.title for column in columns]
    match query.format:
        case ExportFormat.CSV:
            return CsvWriter(headers)
        case ExportFormat.XLSX:
            return XlsxWriter(headers, is_right_to_left=language == "fa")
        case ExportFormat.JSON_LINES:
            return JsonLinesWriter([column.name for column in columns])


async def _pieces(
    runtime: Runtime, programme_id: int, exportable: Exportable[QueryT], query: QueryT, output: _Output
) -> AsyncIterator[bytes]:
    yield output.writer.begin()
    cursor: str | None = None
    while True:
        async with runtime.database.reading(programme_id) as session:
            items, cursor = await exportable.read(session, runtime.vault.cipher, query, cursor, _ROWS_AT_ONCE)
        if piece := await asyncio.to_thread(output.written, items):
            yield piece
        if cursor is None:
            break
    yield output.writer.end()


def _cell(value: object, calendar: Calendar | None, language: Language) -> Cell:
    match value:
        case None | bool() | int():
            return value
        case Enum():
            return str(value.value)
        case datetime() if calendar is not None:
            return format_instant(value, calendar, language)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case list() | tuple():
            return [_cell(entry, calendar, language) for entry in value]
        case _:
            return str(value)
