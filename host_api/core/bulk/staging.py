"""Rows of an import, made one chunk at a time and kept aside until all of them are put in at once.

SQLite has one writer. An import that wrote all its rows in one transaction would have every other writer wait
for it; here a transaction makes one chunk, moves what came of it into tables of the import's own, and lets
others in between. Nobody ever sees those rows in their places; ids that they were given stay theirs. The last
transaction copies them all into their places, which takes a small part of the time, and constraints of the
tables hold for them then as for all others.
"""

import re
import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Table,
    and_,
    delete,
    event,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.orm import Session, UOWTransaction

from host_api.core.audit import AuditEntry
from host_api.core.bulk.import_table import BulkImport
from host_api.core.database import WriteSession
from host_api.core.isolation import ANY_PROGRAMME, programme_of
from host_api.core.jobs.run_table import FINISHED, JobRun
from host_api.core.tables import Base
from host_api.core.waking import Worker, makes_work_for

_PREFIX: Final = "import_stage_"
_NAME: Final = re.compile(rf"{_PREFIX}([0-9]+)_.+")

_Ids = dict[Table, set[int]]


class NotOnlyAdded(RuntimeError):  # noqa: N818
    """An import that is declared to add rows only has changed or deleted others."""


class Stage:
    """The tables that the rows of one attempt at an import wait in."""

    def __init__(self, import_id: int) -> None:
        self._import_id = import_id
        self._attempt = secrets.token_hex(4)
        self._staged: dict[Table, Table] = {}

    @asynccontextmanager
    async def taking_away(self, session: WriteSession) -> AsyncIterator[None]:
        """Keep what the block adds to the session aside; the caller commits.

        Raises:
            NotOnlyAdded
        """
        added: _Ids = {}

        def note(flushed: Session, _context: UOWTransaction) -> None:
            _note(flushed, added)

        audited = AuditEntry.metadata.tables[AuditEntry.__tablename__]
        last_audited = await session.scalar(select(func.max(audited.c.id))) or 0
        event.listen(session.sync_session, "after_flush", note)
        try:
            yield
            await session.flush()
        finally:
            event.remove(session.sync_session, "after_flush", note)
        session.expunge_all()
        # The audit writes its rows by itself; this transaction is the only one that adds any.
        conditions: dict[Table, ColumnElement[bool]] = {audited: audited.c.id > last_audited}
        programme_id = programme_of(session.sync_session)
        conditions |= {
            table: and_(table.c.programme_id == programme_id, table.c.id.in_(ids))
            for table, ids in added.items()
        }
        for table in reversed(_in_order(conditions)):  # what refers to others goes first
            await self._move(session, table, conditions[table])

    async def put_in_place(self, session: WriteSession) -> None:
        """Put all rows into their places; the caller commits, and drops the stage then.

        Raises:
            sqlalchemy.exc.IntegrityError: one clashes with a row that is there.
        """
        for table in _in_order(self._staged):
            stage = self._staged[table]
            names = [column.name for column in stage.columns]
            await session.execute(insert(table).from_select(names, select(stage).order_by(stage.c.id)))
        for worker in Worker:
            makes_work_for(session, worker)

    async def drop(self, session: WriteSession) -> None:
        """Drop the tables."""
        connection = await session.connection()
        for stage in self._staged.values():
            await connection.run_sync(stage.drop, checkfirst=True)
        self._staged.clear()

    async def clear_left(self, session: WriteSession) -> None:
        """Drop what earlier attempts at this import have left, and imports that nobody goes on with."""
        connection = await session.connection()
        names = await connection.run_sync(_stage_names)
        numbers = {int(match[1]) for name in names if (match := _NAME.fullmatch(name))}
        under_way = set(
            await session.scalars(
                select(BulkImport.id)
                .join(JobRun, JobRun.id == BulkImport.job_run_id)
                .where(
                    BulkImport.id.in_(numbers - {self._import_id}),
                    JobRun.state.not_in([state.value for state in FINISHED]),
                ),
                execution_options=ANY_PROGRAMME,
            )
        )
        for name in names:
            match = _NAME.fullmatch(name)
            if match and int(match[1]) not in under_way:
                await connection.run_sync(Table(name, MetaData()).drop)

    async def _move(self, session: WriteSession, table: Table, condition: ColumnElement[bool]) -> None:
        stage = self._staged.get(table)
        if stage is None:
            stage = Table(
                f"{_PREFIX}{self._import_id}_{self._attempt}_{table.name}",
                MetaData(),
                *(Column(column.name, column.type) for column in table.columns),
            )
            await (await session.connection()).run_sync(stage.create)
            self._staged[table] = stage
        names = [column.name for column in table.columns]
        await session.execute(insert(stage).from_select(names, select(table).where(condition)))
        await session.execute(delete(table).where(condition))


def _note(flushed: Session, added: _Ids) -> None:
    for row in flushed.new:
        state = inspect(row)
        added.setdefault(state.mapper.local_table, set()).add(state.dict["id"])
    others = [row for row in flushed.dirty if flushed.is_modified(row)]
    for row in (*others, *flushed.deleted):
        state = inspect(row)
        if state.dict.get("id") not in added.get(state.mapper.local_table, ()):
            raise NotOnlyAdded(state.mapper.local_table.name)


def _in_order(tables: Iterable[Table]) -> list[Table]:
    """Tables, each behind those that it refers to."""
    wanted = set(tables)
    return [table for table in Base.metadata.sorted_tables if table in wanted]


def _stage_names(connection: Connection) -> list[str]:
    return [name for name in inspect(connection).get_table_names() if name.startswith(_PREFIX)]
