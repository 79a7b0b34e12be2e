"""Programmes are made, listed and suspended from the first one, whatever a role elsewhere allows."""

from sqlalchemy import exists, insert, select

from host_api.core.access.caller import Caller
from host_api.core.access.modules import known_modules
from host_api.core.access.role_templates import ensure_roles, owners_role
from host_api.core.access.users import User
from host_api.core.audit import note
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.encryption.vault import Vault
from host_api.core.errors import NotPermitted, Problem
from host_api.core.feed_position import FeedPosition
from host_api.core.listing import Page, read_rows
from host_api.core.programmes import FIRST_PROGRAMME, Programme, ProgrammeMode, ProgrammeStatus
from host_api.services.administrators.programmes.schemas import (
    ProgrammeCreate,
    ProgrammeIssued,
    ProgrammeQuery,
    ProgrammeRead,
)
from host_api.services.administrators.users.logic import UsernameTaken, user_values
from host_api.services.administrators.users.repository import taken_usernames


class ProgrammeNotFound(Problem):
    """No programme has this id."""

    status = 404
    code = "programme-not-found"
    title = "Programme not found"
    title_fa = "برنامه پیدا نشد"
    detail = "There is no programme with this id."
    detail_fa = "برنامه‌ای با این شناسه وجود ندارد."


class ProgrammeCodeTaken(Problem):
    """Another programme has this code."""

    status = 409
    code = "programme-code-taken"
    title = "Programme code taken"
    title_fa = "کد برنامه تکراری است"
    detail = "Another programme has this code already."
    detail_fa = "برنامهٔ دیگری با همین کد هست."
    field = "code"


class FirstProgrammeNeeded(Problem):
    """The first programme looks after the others."""

    status = 409
    code = "first-programme-needed"
    title = "First programme needed"
    title_fa = "برنامهٔ نخست لازم است"
    detail = "The first programme looks after the others and can't be suspended."
    detail_fa = "برنامهٔ نخست سرپرست دیگران است و معلق نمی‌شود."


async def create(
    session: WriteSession, caller: Caller, vault: Vault, wanted: ProgrammeCreate
) -> ProgrammeIssued:
    """Make a programme with its keys, roles, feed position and owner.

    The session works for the first programme. Rows of the new one are inserted with its id said aloud, which
    the unit of work would refuse, and are one entry of the first programme's audit log.

    Raises:
        NotPermitted, ProgrammeCodeTaken, UsernameTaken
    """
    _require_first(caller)
    now = utc_now()
    await _queue(session)
    if await session.scalar(select(exists().where(Programme.code == wanted.code))):
        raise ProgrammeCodeTaken
    if await taken_usernames(session, [wanted.owner.username]):
        raise UsernameTaken
    programme = Programme(
        code=wanted.code,
        name=wanted.name,
        mode=wanted.mode.value,
        status=ProgrammeStatus.ACTIVE.value,
        created_at=now,
    )
    session.add(programme)
    async with conflict_as(ProgrammeCodeTaken()):
        await session.flush()
    await vault.add_programme(session, programme.id)
    await session.execute(
        insert(FeedPosition).values(programme_id=programme.id, position=0, last_event_at_ms=None)
    )
    await ensure_roles(session, known_modules, programme.id, now)
    role_id = await owners_role(session, programme.id)
    values, first_password = user_values(wanted.owner.username, wanted.owner.display_name, now)
    async with conflict_as(UsernameTaken()):
        await session.execute(
            insert(User).values(programme_id=programme.id, role_id=role_id, version=1, **values)
        )
    shown = _read(programme)
    note(
        session,
        "create",
        Programme.__tablename__,
        str(programme.id),
        after={
            "code": programme.code,
            "name": programme.name,
            "mode": programme.mode,
            "owner": wanted.owner.username,
        },
    )
    return ProgrammeIssued(
        **shown.model_dump(), owner_username=wanted.owner.username, first_password=first_password
    )


async def read(session: AnySession, caller: Caller, programme_id: int) -> ProgrammeRead:
    """One programme.

    Raises:
        NotPermitted, ProgrammeNotFound
    """
    _require_first(caller)
    programme = await session.get(Programme, programme_id)
    if programme is None:
        raise ProgrammeNotFound
    return _read(programme)


async def read_page(session: ReadSession, caller: Caller, query: ProgrammeQuery) -> Page[ProgrammeRead]:
    """A page of programmes.

    Raises:
        NotPermitted
    """
    _require_first(caller)
    programmes, next_cursor = await read_rows(session, select(Programme), query)
    return Page(items=[_read(programme) for programme in programmes], next_cursor=next_cursor)


async def set_status(
    session: WriteSession, caller: Caller, programme_id: int, status: ProgrammeStatus
) -> ProgrammeRead:
    """Suspend a programme, or let it work again.

    Raises:
        NotPermitted, ProgrammeNotFound, FirstProgrammeNeeded
    """
    _require_first(caller)
    programme = await session.get(Programme, programme_id, with_for_update=True)
    if programme is None:
        raise ProgrammeNotFound
    if programme_id == FIRST_PROGRAMME and status is not ProgrammeStatus.ACTIVE:
        raise FirstProgrammeNeeded
    if programme.status != status:
        note(
            session,
            "update",
            Programme.__tablename__,
            str(programme_id),
            before={"status": programme.status},
            after={"status": status.value},
        )
        programme.status = status.value
        await session.flush()
    return _read(programme)


async def _queue(session: WriteSession) -> None:
    """Wait for whoever else is making a programme."""
    await session.execute(
        select(Programme.id).where(Programme.id == FIRST_PROGRAMME).with_for_update(key_share=True)
    )


def _require_first(caller: Caller) -> None:
    if caller.programme_id != FIRST_PROGRAMME:
        raise NotPermitted


def _read(programme: Programme) -> ProgrammeRead:
    return ProgrammeRead(
        id=programme.id,
        code=programme.code,
        name=programme.name,
        mode=ProgrammeMode(programme.mode),
        status=ProgrammeStatus(programme.status),
        created_at=programme.created_at,
    )
