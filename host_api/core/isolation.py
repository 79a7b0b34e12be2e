"""Keeps programmes apart: what a session reads, changes and adds is of its own programme only.

It hangs on the session, not on the queries, so that no query can forget it. Statements that are no ORM
statements (`text`, tables by name) are not narrowed: repositories don't use them on such tables.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import (
    LoaderCriteriaOption,
    Mapper,
    ORMExecuteState,
    Session,
    UOWTransaction,
)

from host_api.core.programmes import InProgramme

# For finding out who calls, and so for which programme: the execution options of a query over all of them.
ANY_PROGRAMME = {"any_programme": True}

_KEY = "programme_id"
_NO_PROGRAMME = 0
_PROGRAMMES_KEPT = 256


class ProgrammeUnknown(RuntimeError):  # noqa: N818
    """A session that works for no programme was to touch rows that belong to one."""


class ProgrammeMixed(RuntimeError):  # noqa: N818
    """A session was to write a row of another programme."""


class IsolatedSession(Session):
    """The synchronous session under every session of the host API."""


def programme_of(session: Session) -> int:
    """The programme that `session` works for.

    Raises:
        ProgrammeUnknown: for none.
    """
    programme_id = session.info.get(_KEY)
    if not isinstance(programme_id, int):
        raise ProgrammeUnknown("the session works for no programme")
    return programme_id


def work_for(session: Session, programme_id: int) -> None:
    """Bind `session` to a programme, once.

    Raises:
        ProgrammeMixed: it works for another.
    """
    if session.info.setdefault(_KEY, programme_id) != programme_id:
        raise ProgrammeMixed("the session works for another programme")


@asynccontextmanager
async def working_for(session: AsyncSession, programme_id: int) -> AsyncIterator[None]:
    """Have `session` work for another programme meanwhile, in the same transaction.

    Only for whoever makes that programme: what is written is all of one, or nothing is.
    """
    own = programme_of(session.sync_session)
    await session.flush()
    session.sync_session.info[_KEY] = programme_id
    try:
        yield
        await session.flush()
    finally:
        session.sync_session.info[_KEY] = own


@event.listens_for(IsolatedSession, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    if state.execution_options.get("any_programme"):
        return
    if not (state.is_select or state.is_update or state.is_delete) or state.is_column_load:
        return
    if any(issubclass(mapper.class_, InProgramme) for mapper in state.all_mappers):
        programme_id = programme_of(state.session)
    else:  # a subquery may still have such rows: a session of no programme sees none of them
        programme_id = state.session.info.get(_KEY, _NO_PROGRAMME)
    state.statement = state.statement.options(_only(programme_id))


class _Narrowing(LoaderCriteriaOption):
    """`with_loader_criteria` of all rows of programmes, which knows whose rows those are.

    SQLAlchemy would walk all the tables' classes again for each statement that it compiles.
    """

    _traverse_internals = (
        LoaderCriteriaOption._traverse_internals
    )  # what stands in the key of a compiled statement

    def _all_mappers(self) -> Iterator[Mapper[Any]]:
        return iter(_mappers_of_programmes())


@cache
def _mappers_of_programmes() -> tuple[Mapper[Any], ...]:
    found = LoaderCriteriaOption(InProgramme, lambda row: row.programme_id == _NO_PROGRAMME)
    return tuple(found._all_mappers())


@event.listens_for(Mapper, "after_mapper_constructed")
def _forget_mappers(_mapper: object, _class: object) -> None:
    _mappers_of_programmes.cache_clear()


@lru_cache(maxsize=_PROGRAMMES_KEPT)
def _only(programme_id: int) -> LoaderCriteriaOption:
    # Made once: every statement has it.
    return _Narrowing(InProgramme, lambda row: row.programme_id == programme_id, include_aliases=True)


@event.listens_for(IsolatedSession, "before_flush")
def _stamp(session: Session, _context: UOWTransaction, _instances: object) -> None:
    for row in session.new:
        if isinstance(row, InProgramme):
            programme_id = programme_of(session)
            if row.programme_id is None:
                row.programme_id = programme_id
            _check(row, programme_id)
    for row in (*session.dirty, *session.deleted):
        if isinstance(row, InProgramme):
            _check(row, programme_of(session))


def _check(row: InProgramme, programme_id: int) -> None:
    if row.programme_id != programme_id:
        raise ProgrammeMixed("a row of another programme can't be written")
