"""The endpoint with which a list is exported, the same for every service."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from host_api.core.access.permissions import Permission
from host_api.core.bulk.export_declaration import Exportable, ExportColumn, QueryT
from host_api.core.bulk.exporting import EXPORT_CONTENT, export_response
from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.work import ReadWork, reads

ItemT = TypeVar("ItemT", bound=BaseModel)


def list_export(
    name: str,
    _query_type: type[QueryT],
    columns: Iterable[tuple[str, str, str]],
    read_after: Callable[
        [AnySession, QueryT, str | None, int], Awaitable[tuple[Sequence[ItemT], str | None]]
    ],
) -> Exportable[QueryT]:
    """The export of a list that opens nothing sealed.

    Parameters:
        name: stable name, which begins the file's.
        _query_type: the list's own filters and order with `ExportQuery`; it settles the type of both.
        columns: attributes of the items, with their English and Persian headers.
        read_after: up to a number of items after a cursor, and the cursor of those behind them.
    """

    async def read(
        session: AnySession, _cipher: FieldCipher, query: QueryT, cursor: str | None, limit: int
    ) -> tuple[list[BaseModel], str | None]:
        items, next_cursor = await read_after(session, query, cursor, limit)
        return [*items], next_cursor

    return Exportable(name=name, columns=tuple(ExportColumn(*column) for column in columns), read=read)


def add_export(
    router: APIRouter, exportable: Exportable[QueryT], query_type: type[QueryT], permission: Permission
) -> None:
    """Give `router` the address ``/<name>/export``; it stands before addresses of single records.

    Parameters:
        query_type: the list's own filters and order with `ExportQuery`.
    """

    async def export(request: Request, work: ReadWork, query: QueryT) -> StreamingResponse:
        return export_response(request, work.caller, exportable, query)

    words = exportable.name.replace("-", " ")
    export.__name__ = f"export_{exportable.name.replace('-', '_')}"
    # What FastAPI reads is known only here: the permission, and the query's own model.
    export.__annotations__["work"] = Annotated[ReadWork, reads(permission)]
    export.__annotations__["query"] = Annotated[query_type, Query()]
    router.add_api_route(
        f"/{exportable.name}/export",
        export,
        summary=f"Export {words}",
        description=(f"All {words} that the list's filters leave, as a stream of CSV, XLSX or JSON lines."),
        response_class=StreamingResponse,
        responses=EXPORT_CONTENT,
    )
