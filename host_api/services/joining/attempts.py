"""Attempts to join that failed, kept so that somebody can call."""

from collections.abc import Awaitable
from typing import TypeVar

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.listing import Page, read_rows
from host_api.services.joining.listing import AttemptQuery
from host_api.services.joining.models import ATTEMPT_MOBILE, ATTEMPT_NAME, FailedAttempt
from host_api.services.joining.problems import AttemptNotFound
from host_api.services.joining.schemas import JoiningAttemptRead, Way

ResultT = TypeVar("ResultT")


async def undone_where_it_fails(session: WriteSession, work: Awaitable[ResultT]) -> ResultT | Problem:
    """What `work` gives, or the problem it ended in; of a failed one nothing is left in the transaction."""
    try:
        async with session.begin_nested():
            return await work
    except Problem as problem:
        return problem


async def keep(
    session: WriteSession,
    cipher: FieldCipher,
    *,
    way: Way,
    club_level: str | None,
    reason: str,
    name: str | None,
    mobile: str | None,
    application_id: int | None = None,
) -> None:
    """Keep a failed attempt.

    Parameters:
        reason: code of the problem.
    """
    attempt = FailedAttempt(
        at=utc_now(),
        way=way.value,
        club_level=club_level or "",
        reason=reason,
        application_id=application_id,
        is_followed_up=False,
    )
    session.add(attempt)
    await session.flush()
    ATTEMPT_NAME.seal(cipher, attempt, name)
    ATTEMPT_MOBILE.seal(cipher, attempt, mobile)
    await session.flush()


async def read_page(
    session: ReadSession, cipher: FieldCipher, query: AttemptQuery
) -> Page[JoiningAttemptRead]:
    """A page of failed attempts."""
    rows, next_cursor = await read_rows(session, select(FailedAttempt), query)
    return Page(items=[_read(cipher, row) for row in rows], next_cursor=next_cursor)


async def follow_up(
    session: WriteSession, cipher: FieldCipher, caller: Caller, attempt_id: int, note: str
) -> JoiningAttemptRead:
    """Note what came of calling; a later note takes the place of an earlier one.

    Raises:
        AttemptNotFound
    """
    row = await session.get(FailedAttempt, attempt_id, with_for_update=True)
    if row is None:
        raise AttemptNotFound
    row.is_followed_up, row.note = True, note
    row.followed_up_at, row.followed_up_by = utc_now(), caller.name
    await session.flush()
    return _read(cipher, row)


def _read(cipher: FieldCipher, row: FailedAttempt) -> JoiningAttemptRead:
    return JoiningAttemptRead(
        id=row.id,
        at=row.at,
        way=Way(row.way),
        club_level=row.club_level or None,
        reason=row.reason,
        name=ATTEMPT_NAME.open(cipher, row),
        mobile=ATTEMPT_MOBILE.open(cipher, row),
        application_id=row.application_id,
        is_followed_up=row.is_followed_up,
        followed_up_at=row.followed_up_at,
        followed_up_by=row.followed_up_by,
        note=row.note,
    )
