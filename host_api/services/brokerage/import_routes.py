"""Endpoints of imports of trades and holdings."""

from typing import Annotated

from fastapi import APIRouter, Header

from host_api.core.bulk import importing
from host_api.core.bulk.importing import ImportCreate, ImportRead, read_import, start_import
from host_api.core.clock import utc_now
from host_api.core.errors import preferred_language, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.brokerage import access
from host_api.services.brokerage.import_rows import POSITIONS_IMPORT, TRADES_IMPORT

router = APIRouter(prefix="/brokerage", tags=["brokerage"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
AcceptLanguage = Annotated[str | None, Header(alias="Accept-Language", max_length=200)]

_REFUSED = problem_responses(
    importing.ImportFileNotFound, importing.FileNotImportable, importing.FileImportedAlready
)


@router.post("/trades/imports", status_code=202, summary="Import trades from a file", responses=_REFUSED)
async def start_trade_import(
    work: Writing, wanted: ImportCreate, accept_language: AcceptLanguage = None
) -> ImportRead:
    """Take trades of a CSV, XLSX or JSON file; a job settles them within a minute.

    With `skip`, rows that were told before are passed over, so a file may be sent again. A correction is a
    row of the same source and reference with a higher revision, a cancellation one that also says it is
    cancelled; whatever the order in which they come, the highest revision stands.
    """
    return await start_import(
        work.session,
        TRADES_IMPORT,
        wanted,
        work.caller,
        language=preferred_language(accept_language),
        now=utc_now(),
    )


@router.get(
    "/trades/imports/{id}",
    summary="Read an import of trades",
    responses=problem_responses(importing.ImportNotFound),
)
async def read_trade_import(
    work: Reading,
    id: IdInPath,  # noqa: A002
    accept_language: AcceptLanguage = None,
) -> ImportRead:
    """State, progress, counts and the first faults; what became of each row stands in the list of reports."""
    return await read_import(work.session, TRADES_IMPORT, id, preferred_language(accept_language))


@router.post("/positions/imports", status_code=202, summary="Import holdings from a file", responses=_REFUSED)
async def start_position_import(
    work: Writing, wanted: ImportCreate, accept_language: AcceptLanguage = None
) -> ImportRead:
    """Take what members hold of a CSV, XLSX or JSON file; it is seen within a minute.

    All rows of a member at a source with the same `as_of` are the whole of what they hold there then, in
    place of all that is older; who holds nothing any more has a row with quantity 0.
    """
    return await start_import(
        work.session,
        POSITIONS_IMPORT,
        wanted,
        work.caller,
        language=preferred_language(accept_language),
        now=utc_now(),
    )


@router.get(
    "/positions/imports/{id}",
    summary="Read an import of holdings",
    responses=problem_responses(importing.ImportNotFound),
)
async def read_position_import(
    work: Reading,
    id: IdInPath,  # noqa: A002
    accept_language: AcceptLanguage = None,
) -> ImportRead:
    """State, progress, counts and the first faults."""
    return await read_import(work.session, POSITIONS_IMPORT, id, preferred_language(accept_language))
