"""Canned answers, and the places in them."""

import re
from typing import Final

from sqlalchemy import select

from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.tickets.listing import CannedAnswerQuery
from host_api.services.tickets.models import CannedAnswer
from host_api.services.tickets.problems import CannedAnswerNotFound, TicketCodeTaken
from host_api.services.tickets.schemas import CannedAnswerCreate, CannedAnswerRead, CannedAnswerUpdate

_PLACES: Final = re.compile(r"\{(code|subject|name)\}")


async def create(session: WriteSession, wanted: CannedAnswerCreate) -> tuple[CannedAnswerRead, CannedAnswer]:
    """Add an answer.

    Raises:
        TicketCodeTaken
    """
    row = CannedAnswer(**wanted.model_dump())
    session.add(row)
    async with conflict_as(TicketCodeTaken()):
        await session.flush()
    return _shown(row), row


async def change(
    session: WriteSession, answer_id: int, wanted: CannedAnswerUpdate, if_match: str
) -> tuple[CannedAnswerRead, CannedAnswer]:
    """Change an answer.

    Raises:
        CannedAnswerNotFound, ChangedMeanwhile
    """
    row = await session.get(CannedAnswer, answer_id)
    if row is None:
        raise CannedAnswerNotFound
    check_version(row, if_match)
    for name, value in wanted.model_dump(exclude_unset=True, exclude_none=True).items():
        setattr(row, name, value)
    await session.flush()
    return _shown(row), row


async def read_page(session: ReadSession, query: CannedAnswerQuery) -> Page[CannedAnswerRead]:
    """A page of answers."""
    rows, next_cursor = await read_rows(session, select(CannedAnswer), query)
    return Page(items=[_shown(row) for row in rows], next_cursor=next_cursor)


async def written(
    session: AnySession, code: str, *, is_english: bool, tracking_code: str, subject: str, name: str
) -> str:
    """An answer in the member's language with its places filled; what a member wrote fills no other place.

    Raises:
        CannedAnswerNotFound
    """
    row = await session.scalar(select(CannedAnswer).where(CannedAnswer.code == code))
    if row is None:
        raise CannedAnswerNotFound
    values = {"code": tracking_code, "subject": subject, "name": name}
    return _PLACES.sub(lambda place: values[place[1]], row.text_en if is_english else row.text_fa)


def _shown(row: CannedAnswer) -> CannedAnswerRead:
    return CannedAnswerRead(id=row.id, code=row.code, text_fa=row.text_fa, text_en=row.text_en)
