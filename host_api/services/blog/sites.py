"""Where a club's articles are shown: under a domain of its own, or under its code on this host."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from host_api.core.access.module_switches import is_switched_off
from host_api.core.database import AnySession, Database, WriteSession, conflict_as
from host_api.core.default_rows import insert_missing
from host_api.core.isolation import ANY_PROGRAMME, programme_of
from host_api.core.locking import check_version, etag
from host_api.core.programmes import Programme, ProgrammeStatus
from host_api.services.blog import access, problems
from host_api.services.blog.models import BlogSite
from host_api.services.blog.schemas import BlogSiteRead, BlogSiteWrite

_DEFAULTS: Final[dict[str, str | bool | None]] = {
    "domain": None,
    "title": "News",
    "title_fa": "اخبار",
    "tagline": None,
    "tagline_fa": None,
    "is_open": False,
}


@dataclass(frozen=True, slots=True)
class OpenSite:
    """A site that everybody sees."""

    programme_id: int
    code: str
    domain: str | None
    titles: tuple[str, str]
    taglines: tuple[str | None, str | None]


async def read(session: AnySession) -> tuple[BlogSiteRead, str]:
    """The club's site and its `ETag`; closed until somebody opens it."""
    programme_id = programme_of(session.sync_session)
    row = await session.get(BlogSite, programme_id)
    programme = await session.get_one(Programme, programme_id)
    path = f"/clubs/{programme.code}/blog"
    if row is None:
        return BlogSiteRead(**_DEFAULTS, path=path), '"1"'
    return BlogSiteRead(**{name: getattr(row, name) for name in _DEFAULTS}, path=path), etag(row)


async def write(session: WriteSession, wanted: BlogSiteWrite, if_match: str) -> tuple[BlogSiteRead, str]:
    """Change the site as a whole.

    Raises:
        ChangedMeanwhile, BlogDomainTaken
    """
    await insert_missing(session, BlogSite, [{**_DEFAULTS, "version": 1}])
    row = await session.get_one(BlogSite, programme_of(session.sync_session), with_for_update=True)
    check_version(row, if_match)
    for name, value in wanted.model_dump().items():
        setattr(row, name, value)
    async with conflict_as(problems.BlogDomainTaken()):
        await session.flush()
    return await read(session)


async def open_site(
    database: Database, *, host: str | None = None, code: str | None = None
) -> OpenSite | None:
    """The open site of a domain or of a club's code; None where there is none to be seen."""
    async with database.reading() as session:
        statement = (
            select(BlogSite, Programme.code)
            .join(Programme, Programme.id == BlogSite.programme_id)
            .where(
                BlogSite.is_open,
                Programme.status == ProgrammeStatus.ACTIVE.value,
                BlogSite.domain == host if code is None else Programme.code == code,
            )
        )
        found = (await session.execute(statement, execution_options=ANY_PROGRAMME)).one_or_none()
    if found is None:
        return None
    site, code = found
    async with database.reading(site.programme_id) as session:
        if await is_switched_off(session, access.BLOG):
            return None
    return OpenSite(
        site.programme_id, code, site.domain, (site.title, site.title_fa), (site.tagline, site.tagline_fa)
    )
