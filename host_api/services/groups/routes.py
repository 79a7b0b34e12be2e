"""Endpoints of the groups service."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from host_api.core.bulk import importing
from host_api.core.bulk.importing import ImportCreate, ImportRead, read_import, start_import
from host_api.core.clock import utc_now
from host_api.core.errors import preferred_language, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.groups import access, logic
from host_api.services.groups.bulk import GROUP_MEMBERS_IMPORT
from host_api.services.groups.listing import GroupMemberQuery, GroupQuery
from host_api.services.groups.preview import preview
from host_api.services.groups.schemas import (
    ComputationRead,
    GroupCreate,
    GroupMemberRead,
    GroupRead,
    GroupUpdate,
    PreviewRead,
    QueryCreate,
    SegmentsRead,
)
from host_api.services.members.selection import MembersChanged, MembersChosen

router = APIRouter(tags=["groups"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
AcceptLanguage = Annotated[str | None, Header(alias="Accept-Language", max_length=200)]
_BY_HAND = problem_responses(logic.GroupNotFound, logic.GroupEnding, logic.NotForThisKind)


@router.post(
    "/groups",
    status_code=201,
    summary="Add a group",
    responses=problem_responses(logic.GroupTaken, logic.NoSegmentLeft),
)
async def create_group(work: Writing, response: Response, wanted: GroupCreate) -> GroupRead:
    """Store a group; a dynamic one has its members within the hour, or once it is computed by hand."""
    group = await logic.create(work.session, wanted)
    response.headers["ETag"] = etag(group)
    return await logic.shown(work.session, group)


@router.get("/groups", summary="List groups")
async def list_groups(work: Reading, query: Annotated[GroupQuery, Query()]) -> Page[GroupRead]:
    """Groups in the order they were made, or by code."""
    return await logic.read_page(work.session, query)


@router.get("/groups/segments", summary="Read segments")
async def read_segments(work: Reading) -> SegmentsRead:
    """Which bit each group is that is a segment: what the rules' `[segments]` says."""
    return SegmentsRead(segments=await logic.segments(work.session))


@router.post("/groups/preview", summary="Preview a query")
async def preview_query(work: Reading, wanted: QueryCreate) -> PreviewRead:
    """How many members a query finds now, and the first of them; nothing is stored."""
    return await preview(work.session, wanted.query)


@router.post(
    "/groups/imports",
    status_code=202,
    summary="Import members of groups from a file",
    responses=problem_responses(
        importing.ImportFileNotFound, importing.FileNotImportable, importing.FileImportedAlready
    ),
)
async def start_group_import(
    work: Writing, wanted: ImportCreate, accept_language: AcceptLanguage = None
) -> ImportRead:
    """Put all members of a file with the columns group and member number into static groups, or none."""
    return await start_import(
        work.session,
        GROUP_MEMBERS_IMPORT,
        wanted,
        work.caller,
        language=preferred_language(accept_language),
        now=utc_now(),
    )


@router.get(
    "/groups/imports/{id}",
    summary="Read an import of members of groups",
    responses=problem_responses(importing.ImportNotFound),
)
async def read_group_import(
    work: Reading,
    id: IdInPath,  # noqa: A002
    accept_language: AcceptLanguage = None,
) -> ImportRead:
    """State, progress, counts and the first faults; the whole report is a file."""
    return await read_import(work.session, GROUP_MEMBERS_IMPORT, id, preferred_language(accept_language))


@router.get("/groups/{group_id}", summary="Read a group", responses=problem_responses(logic.GroupNotFound))
async def read_group(work: Reading, response: Response, group_id: IdInPath) -> GroupRead:
    """One group by id, with the `ETag` that a change needs."""
    group = await logic.find(work.session, group_id)
    response.headers["ETag"] = etag(group)
    return await logic.shown(work.session, group)


@router.patch(
    "/groups/{group_id}",
    summary="Change a group",
    responses=problem_responses(
        logic.GroupNotFound, logic.GroupEnding, logic.NotForThisKind, ChangedMeanwhile
    ),
)
async def change_group(
    work: Writing, response: Response, group_id: IdInPath, if_match: IfMatch, wanted: GroupUpdate
) -> GroupRead:
    """Change what is given; code, kind and effect stay, since records and rules have them."""
    group = await logic.change(work.session, group_id, if_match, wanted)
    response.headers["ETag"] = etag(group)
    return await logic.shown(work.session, group)


@router.delete(
    "/groups/{group_id}",
    status_code=202,
    summary="Delete a group",
    responses=problem_responses(logic.GroupNotFound, logic.GroupEnding, ChangedMeanwhile),
)
async def delete_group(work: Writing, group_id: IdInPath, if_match: IfMatch) -> ComputationRead:
    """Take it away from all its members and then delete it; until then its segment is nobody else's."""
    run = await logic.delete(work.session, group_id, if_match, work.caller)
    return ComputationRead(job_run_id=run.id)


@router.post(
    "/groups/{group_id}/computation",
    status_code=202,
    summary="Compute a group",
    responses=problem_responses(logic.GroupNotFound),
)
async def compute_group(work: Writing, group_id: IdInPath) -> ComputationRead:
    """Ask its query again soon; records of members for whom nothing changes aren't sent."""
    run = await logic.compute(work.session, group_id, work.caller)
    return ComputationRead(job_run_id=run.id)


@router.post(
    "/groups/{group_id}/filling",
    status_code=202,
    summary="Fill a static group by a query",
    responses=problem_responses(
        logic.GroupNotFound, logic.GroupEnding, logic.NotForThisKind, logic.FillingUnderWay
    ),
)
async def fill_group(work: Writing, group_id: IdInPath, wanted: QueryCreate) -> ComputationRead:
    """Put everybody whom the query finds into the group, once."""
    run = await logic.fill(work.session, group_id, wanted.query, work.caller)
    return ComputationRead(job_run_id=run.id)


@router.get(
    "/groups/{group_id}/members",
    summary="List a group's members",
    responses=problem_responses(logic.GroupNotFound),
)
async def list_group_members(
    work: Reading, group_id: IdInPath, query: Annotated[GroupMemberQuery, Query()]
) -> Page[GroupMemberRead]:
    """Member numbers, and since when they are in."""
    return await logic.read_members(work.session, group_id, query)


@router.post("/groups/{group_id}/members", summary="Put members into a static group", responses=_BY_HAND)
async def add_group_members(work: Writing, group_id: IdInPath, wanted: MembersChosen) -> MembersChanged:
    """Up to 500 members by number; their records are on their way to the switch at once."""
    return await logic.add_members(work.session, group_id, wanted.member_ids)


@router.post(
    "/groups/{group_id}/members/removal",
    summary="Take members out of a static group",
    responses=_BY_HAND,
)
async def remove_group_members(work: Writing, group_id: IdInPath, wanted: MembersChosen) -> MembersChanged:
    """Up to 500 members by number; their records are on their way to the switch at once."""
    return await logic.remove_members(work.session, group_id, wanted.member_ids)
