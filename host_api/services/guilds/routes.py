"""Endpoints of the guilds service."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.guilds import access, logic
from host_api.services.guilds.listing import GuildQuery
from host_api.services.guilds.schemas import GuildCreate, GuildRead, GuildUpdate

router = APIRouter(prefix="/guilds", tags=["guilds"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post(
    "",
    status_code=201,
    summary="Add a guild",
    responses=problem_responses(logic.GuildCodeTaken),
)
async def create_guild(work: Writing, response: Response, wanted: GuildCreate) -> GuildRead:
    """Store a trade that shops may choose."""
    guild = await logic.create(work.session, wanted)
    response.headers["ETag"] = etag(guild)
    return logic.shown(guild)


@router.get("", summary="List guilds")
async def list_guilds(work: Reading, query: Annotated[GuildQuery, Query()]) -> Page[GuildRead]:
    """Guilds in the order they were added, or by code."""
    return await logic.read_page(work.session, query)


@router.get("/{guild_id}", summary="Read a guild", responses=problem_responses(logic.GuildNotFound))
async def read_guild(work: Reading, response: Response, guild_id: IdInPath) -> GuildRead:
    """One guild by id, with the `ETag` that a change needs."""
    guild = await logic.find(work.session, guild_id)
    response.headers["ETag"] = etag(guild)
    return logic.shown(guild)


@router.patch(
    "/{guild_id}",
    summary="Change a guild",
    responses=problem_responses(logic.GuildNotFound, ChangedMeanwhile),
)
async def change_guild(
    work: Writing, response: Response, guild_id: IdInPath, if_match: IfMatch, wanted: GuildUpdate
) -> GuildRead:
    """Change what is given, or switch it off; the code stays."""
    guild = await logic.change(work.session, guild_id, if_match, wanted)
    response.headers["ETag"] = etag(guild)
    return logic.shown(guild)
