"""Endpoints of categories and people."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.content import access, logic, problems
from host_api.services.content.listing import ContentCategoryQuery, ContentPersonQuery
from host_api.services.content.schemas import (
    ContentCategoryCreate,
    ContentCategoryRead,
    ContentCategoryUpdate,
    ContentPersonCreate,
    ContentPersonRead,
    ContentPersonUpdate,
)

router = APIRouter(prefix="/content", tags=["content"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post(
    "/categories",
    status_code=201,
    summary="Add a content category",
    responses=problem_responses(
        problems.ContentCategoryNotFound, problems.ContentCategoryTooDeep, problems.ContentSlugTaken
    ),
)
async def create_content_category(
    work: Writing, response: Response, wanted: ContentCategoryCreate
) -> ContentCategoryRead:
    """A category of the blog, the library or the courses, at the top or below another; it keeps its place."""
    row = await logic.create_category(work.session, wanted)
    response.headers["ETag"] = etag(row)
    return ContentCategoryRead.model_validate(row)


@router.get("/categories", summary="List content categories")
async def list_content_categories(
    work: Reading, query: Annotated[ContentCategoryQuery, Query()]
) -> Page[ContentCategoryRead]:
    """Categories of all areas, or of one."""
    return await logic.read_categories(work.session, query)


@router.get(
    "/categories/{category_id}",
    summary="Read a content category",
    responses=problem_responses(problems.ContentCategoryNotFound),
)
async def read_content_category(
    work: Reading, response: Response, category_id: IdInPath
) -> ContentCategoryRead:
    """One category, and the `ETag` that a change needs."""
    row = await logic.find_category(work.session, category_id)
    response.headers["ETag"] = etag(row)
    return ContentCategoryRead.model_validate(row)


@router.patch(
    "/categories/{category_id}",
    summary="Rename a content category",
    responses=problem_responses(problems.ContentCategoryNotFound, ChangedMeanwhile),
)
async def change_content_category(
    work: Writing,
    response: Response,
    category_id: IdInPath,
    wanted: ContentCategoryUpdate,
    if_match: IfMatch,
) -> ContentCategoryRead:
    """Change its titles."""
    row = await logic.change_category(work.session, category_id, if_match, wanted)
    response.headers["ETag"] = etag(row)
    return ContentCategoryRead.model_validate(row)


@router.post("/people", status_code=201, summary="Add an analyst, author or teacher")
async def create_content_person(
    work: Writing, response: Response, wanted: ContentPersonCreate
) -> ContentPersonRead:
    """Name, position, licence and specialities, as readers see them."""
    row = await logic.create_person(work.session, wanted)
    response.headers["ETag"] = etag(row)
    return ContentPersonRead.model_validate(row)


@router.get("/people", summary="List analysts, authors and teachers")
async def list_content_people(
    work: Reading, query: Annotated[ContentPersonQuery, Query()]
) -> Page[ContentPersonRead]:
    """All, or those of one role."""
    return await logic.read_people(work.session, query)


@router.get(
    "/people/{person_id}",
    summary="Read an analyst, author or teacher",
    responses=problem_responses(problems.ContentPersonNotFound),
)
async def read_content_person(work: Reading, response: Response, person_id: IdInPath) -> ContentPersonRead:
    """One person, and the `ETag` that a change needs."""
    row = await logic.find_person(work.session, person_id)
    response.headers["ETag"] = etag(row)
    return ContentPersonRead.model_validate(row)


@router.patch(
    "/people/{person_id}",
    summary="Change an analyst, author or teacher",
    responses=problem_responses(problems.ContentPersonNotFound, ChangedMeanwhile),
)
async def change_content_person(
    work: Writing, response: Response, person_id: IdInPath, wanted: ContentPersonUpdate, if_match: IfMatch
) -> ContentPersonRead:
    """Change what is given; the role stays."""
    row = await logic.change_person(work.session, person_id, if_match, wanted)
    response.headers["ETag"] = etag(row)
    return ContentPersonRead.model_validate(row)
