"""Categories and people, for their endpoints and for the services whose content they order."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.content.listing import ContentCategoryQuery, ContentPersonQuery
from host_api.services.content.models import ContentCategory, ContentPerson
from host_api.services.content.problems import (
    ContentCategoryNotFound,
    ContentCategoryTooDeep,
    ContentPersonNotFound,
    ContentSlugTaken,
)
from host_api.services.content.schemas import (
    ContentArea,
    ContentCategoryCreate,
    ContentCategoryRead,
    ContentCategoryUpdate,
    ContentPersonCreate,
    ContentPersonRead,
    ContentPersonUpdate,
    PersonRole,
)

MOST_LEVELS: Final = 4


async def create_category(session: WriteSession, wanted: ContentCategoryCreate) -> ContentCategory:
    """Add a category. It keeps its place, so no circle can come about.

    Raises:
        ContentCategoryNotFound: of the parent, ContentCategoryTooDeep, ContentSlugTaken
    """
    if (
        wanted.parent_id is not None
        and len(await path_of(session, wanted.parent_id, wanted.area)) >= MOST_LEVELS
    ):
        raise ContentCategoryTooDeep
    row = ContentCategory(**wanted.model_dump(exclude={"area"}), area=wanted.area.value)
    session.add(row)
    async with conflict_as(ContentSlugTaken()):
        await session.flush()
    return row


async def find_category(
    session: AnySession, category_id: int, area: ContentArea | None = None
) -> ContentCategory:
    """One category.

    Raises:
        ContentCategoryNotFound
    """
    row = await session.get(ContentCategory, category_id)
    if row is None or (area is not None and row.area != area):
        raise ContentCategoryNotFound
    return row


async def change_category(
    session: WriteSession, category_id: int, if_match: str, wanted: ContentCategoryUpdate
) -> ContentCategory:
    """Change its titles.

    Raises:
        ContentCategoryNotFound, ChangedMeanwhile
    """
    row = await find_category(session, category_id)
    check_version(row, if_match)
    row.title, row.title_fa = wanted.title or row.title, wanted.title_fa or row.title_fa
    await session.flush()
    return row


async def read_categories(session: ReadSession, query: ContentCategoryQuery) -> Page[ContentCategoryRead]:
    """A page of categories."""
    rows, next_cursor = await read_rows(session, select(ContentCategory), query)
    return Page(items=[ContentCategoryRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def path_of(
    session: AnySession, category_id: int, area: ContentArea | None = None
) -> list[ContentCategory]:
    """A category and those above it, the top first.

    Raises:
        ContentCategoryNotFound
    """
    path = [await find_category(session, category_id, area)]
    while path[0].parent_id is not None and len(path) < MOST_LEVELS:
        path.insert(0, await find_category(session, path[0].parent_id))
    return path


async def with_those_below(session: AnySession, category_id: int) -> list[int]:
    """Ids of a category and of all below it."""
    found, level = [category_id], [category_id]
    for _ in range(MOST_LEVELS - 1):
        level = list(
            await session.scalars(select(ContentCategory.id).where(ContentCategory.parent_id.in_(level)))
        )
        if not level:
            break
        found += level
    return found


async def create_person(session: WriteSession, wanted: ContentPersonCreate) -> ContentPerson:
    """Add a person."""
    row = ContentPerson(**wanted.model_dump(exclude={"role"}), role=wanted.role.value, created_at=utc_now())
    session.add(row)
    await session.flush()
    return row


async def find_person(session: AnySession, person_id: int, role: PersonRole | None = None) -> ContentPerson:
    """One person.

    Raises:
        ContentPersonNotFound
    """
    row = await session.get(ContentPerson, person_id)
    if row is None or (role is not None and row.role != role):
        raise ContentPersonNotFound
    return row


async def people(session: AnySession, ids: Collection[int]) -> dict[int, ContentPerson]:
    """People by id."""
    rows = await session.scalars(select(ContentPerson).where(ContentPerson.id.in_(ids)))
    return {row.id: row for row in rows}


async def change_person(
    session: WriteSession, person_id: int, if_match: str, wanted: ContentPersonUpdate
) -> ContentPerson:
    """Change what is given; a null takes off what may be left out.

    Raises:
        ContentPersonNotFound, ChangedMeanwhile
    """
    row = await find_person(session, person_id)
    check_version(row, if_match)
    for name, value in wanted.model_dump(exclude_unset=True).items():
        if value is not None or name not in {"name", "name_fa"}:
            setattr(row, name, value)
    await session.flush()
    return row


async def read_people(session: ReadSession, query: ContentPersonQuery) -> Page[ContentPersonRead]:
    """A page of people."""
    rows, next_cursor = await read_rows(session, select(ContentPerson), query)
    return Page(items=[ContentPersonRead.model_validate(row) for row in rows], next_cursor=next_cursor)
