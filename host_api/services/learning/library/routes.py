"""Endpoints of reports and books."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.files.keeping import FileNotFree
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.content.problems import ContentCategoryNotFound, ContentPersonNotFound
from host_api.services.learning import access
from host_api.services.learning.library import logic
from host_api.services.learning.library.listing import DocumentQuery, ShelfQuery
from host_api.services.learning.library.problems import LibraryDocumentEmpty, LibraryDocumentNotFound
from host_api.services.learning.library.schemas import (
    LibraryDocumentCreate,
    LibraryDocumentRead,
    LibraryDocumentUpdate,
)

router = APIRouter(prefix="/library", tags=["library"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ_LIBRARY)]
Writing = Annotated[WriteWork, writes(access.WRITE_LIBRARY)]
Showing = Annotated[ReadWork, reads(access.ACT_LIBRARY)]


@router.post(
    "/documents",
    status_code=201,
    summary="Add a report or book",
    responses=problem_responses(ContentCategoryNotFound, ContentPersonNotFound, FileNotFree),
)
async def create_library_document(
    work: Writing, response: Response, wanted: LibraryDocumentCreate
) -> LibraryDocumentRead:
    """Keep a draft; its file is one that was given by `/v1/files`."""
    row = await logic.create(work.session, wanted)
    response.headers["ETag"] = etag(row)
    return LibraryDocumentRead.model_validate(row)


@router.get("/documents", summary="List reports and books")
async def list_library_documents(
    work: Reading, query: Annotated[DocumentQuery, Query()]
) -> Page[LibraryDocumentRead]:
    """All of them, the latest first; filtered and searched."""
    return await logic.read_page(work.session, query)


@router.get(
    "/documents/{document_id}",
    summary="Read a report or book",
    responses=problem_responses(LibraryDocumentNotFound),
)
async def read_library_document(
    work: Reading, response: Response, document_id: IdInPath
) -> LibraryDocumentRead:
    """One by id, and the `ETag` that a change needs."""
    row = await logic.find(work.session, document_id)
    response.headers["ETag"] = etag(row)
    return LibraryDocumentRead.model_validate(row)


@router.patch(
    "/documents/{document_id}",
    summary="Change a report or book",
    responses=problem_responses(
        LibraryDocumentNotFound,
        LibraryDocumentEmpty,
        ContentCategoryNotFound,
        ContentPersonNotFound,
        FileNotFree,
        ChangedMeanwhile,
    ),
)
async def change_library_document(
    work: Writing,
    response: Response,
    document_id: IdInPath,
    wanted: LibraryDocumentUpdate,
    if_match: IfMatch,
) -> LibraryDocumentRead:
    """Change what is given, publish it or withdraw it; whoever has it keeps it."""
    row = await logic.change(work.session, document_id, if_match, wanted)
    response.headers["ETag"] = etag(row)
    return LibraryDocumentRead.model_validate(row)


@router.get("/shelf", summary="List published reports and books")
async def list_shelf(work: Showing, query: Annotated[ShelfQuery, Query()]) -> Page[LibraryDocumentRead]:
    """What members see, searched by words in whatever spelling."""
    return await logic.read_page(work.session, query, [logic.IS_SHOWN])


@router.get(
    "/shelf/{document_id}",
    summary="Read what a published report or book is",
    responses=problem_responses(LibraryDocumentNotFound),
)
async def read_shelf(work: Showing, document_id: IdInPath) -> LibraryDocumentRead:
    """One as members see it; its file comes by a link, once they have it."""
    return LibraryDocumentRead.model_validate(await logic.find_shown(work.session, document_id))
