"""Guilds: a register that merchants choose from."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.errors import Problem
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.guilds.listing import GuildQuery
from host_api.services.guilds.models import Guild
from host_api.services.guilds.schemas import GuildCreate, GuildRead, GuildUpdate
from host_api.services.sectors.logic import Sector


class GuildNotFound(Problem):
    """No guild has this id or code."""

    status = 404
    code = "guild-not-found"
    title = "Guild not found"
    title_fa = "صنف پیدا نشد"
    detail = "There is no such guild, or it is switched off."
    detail_fa = "چنین صنفی وجود ندارد یا خاموش است."


class GuildCodeTaken(Problem):
    """Another guild has the code."""

    status = 409
    code = "guild-code-taken"
    title = "Guild code taken"
    title_fa = "کد صنف تکراری است"
    detail = "Another guild has this code already."
    detail_fa = "صنف دیگری با همین کد هست."
    field = "code"


@dataclass(frozen=True, slots=True)
class GuildTitles:
    """What a guild is called."""

    title: str
    title_fa: str


async def require(session: AnySession, code: str) -> None:
    """See that a shop may choose the guild with this code.

    Raises:
        GuildNotFound: there is none, or it is switched off.
    """
    if not await session.scalar(select(Guild.id).where(Guild.code == code, Guild.is_active)):
        raise GuildNotFound


async def titles(session: AnySession, codes: Iterable[str]) -> dict[str, GuildTitles]:
    """What guilds are called, by code, also those switched off."""
    rows = await session.execute(
        select(Guild.code, Guild.title, Guild.title_fa).where(Guild.code.in_(set(codes)))
    )
    return {code: GuildTitles(title, title_fa) for code, title, title_fa in rows}


async def create(session: WriteSession, wanted: GuildCreate) -> Guild:
    """Add a guild.

    Raises:
        GuildCodeTaken
    """
    guild = Guild(**wanted.model_dump(), is_active=True, created_at=utc_now())
    if await session.scalar(select(Guild.id).where(Guild.code == wanted.code)):
        raise GuildCodeTaken
    session.add(guild)
    async with conflict_as(GuildCodeTaken()):
        await session.flush()
    return guild


async def find(session: AnySession, guild_id: int) -> Guild:
    """One guild.

    Raises:
        GuildNotFound
    """
    guild = await session.get(Guild, guild_id)
    if guild is None:
        raise GuildNotFound
    return guild


async def read_page(session: ReadSession, query: GuildQuery) -> Page[GuildRead]:
    """A page of guilds."""
    guilds, next_cursor = await read_rows(session, select(Guild), query)
    return Page(items=[shown(guild) for guild in guilds], next_cursor=next_cursor)


async def change(session: WriteSession, guild_id: int, if_match: str, wanted: GuildUpdate) -> Guild:
    """Change what is given; the code stays, since shops and terminals have it.

    Raises:
        GuildNotFound, ChangedMeanwhile
    """
    guild = await session.get(Guild, guild_id, with_for_update=True)
    if guild is None:
        raise GuildNotFound
    check_version(guild, if_match)
    for name, value in wanted.model_dump(exclude_none=True).items():
        setattr(guild, name, value)
    await session.flush()
    return guild


def shown(guild: Guild) -> GuildRead:
    """The guild as it is shown."""
    return GuildRead(
        id=guild.id,
        code=guild.code,
        title=guild.title,
        title_fa=guild.title_fa,
        sector=None if guild.sector is None else Sector(guild.sector),
        is_active=guild.is_active,
        created_at=guild.created_at,
    )
