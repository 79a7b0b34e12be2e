"""Endpoints of import and export of members."""

from typing import Annotated

from fastapi import APIRouter, Header

from host_api.core.bulk import importing
from host_api.core.bulk.export_route import add_export
from host_api.core.bulk.importing import ImportCreate, ImportRead, read_import, start_import
from host_api.core.clock import utc_now
from host_api.core.errors import preferred_language, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members import access
from host_api.services.members.bulk import MEMBERS_EXPORT, MEMBERS_IMPORT, MemberExportQuery

router = APIRouter(tags=["members"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
AcceptLanguage = Annotated[str | None, Header(alias="Accept-Language", max_length=200)]


add_export(router, MEMBERS_EXPORT, MemberExportQuery, access.READ)


@router.post(
    "/members/imports",
    status_code=202,
    summary="Import members from a file",
    responses=problem_responses(
        importing.ImportFileNotFound, importing.FileNotImportable, importing.FileImportedAlready
    ),
)
async def start_member_import(
    work: Writing, wanted: ImportCreate, accept_language: AcceptLanguage = None
) -> ImportRead:
    """Check a CSV, XLSX or JSON file and store all of its members, or none.

    The mobile number is a member's key here: `on_existing` tells what becomes of a row whose number a member
    has already.
    """
    return await start_import(
        work.session,
        MEMBERS_IMPORT,
        wanted,
        work.caller,
        language=preferred_language(accept_language),
        now=utc_now(),
    )


@router.get(
    "/members/imports/{id}",
    summary="Read an import of members",
    responses=problem_responses(importing.ImportNotFound),
)
async def read_member_import(
    work: Reading,
    id: IdInPath,  # noqa: A002
    accept_language: AcceptLanguage = None,
) -> ImportRead:
    """State, progress, counts and the first faults; the whole report is a file."""
    return await read_import(work.session, MEMBERS_IMPORT, id, preferred_language(accept_language))
