"""An import that a test stops in the middle, and what can be seen of it."""

import asyncio
from collections.abc import Mapping, Sequence

from sqlalchemy import func, inspect, select

from host_api.core.access.caller import system_caller
from host_api.core.bulk.file_fault import RowFault, known_fault
from host_api.core.bulk.import_declaration import Importable, ImportColumn, NumberedRows
from host_api.core.bulk.import_job import import_job, import_kind
from host_api.core.bulk.import_table import BulkImport
from host_api.core.bulk.importing import ImportCreate, start_import
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, Database, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.files.file_table import add_file
from host_api.core.outbox import OutboxRow
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.members import access, logic
from host_api.services.members.bulk import MemberImportRow
from host_api.services.members.models import Member
from host_api.services.members.schemas import MemberCreate
from tests.host_api.core.jobs.working_jobs import Runners, tools_on
from tests.host_api.services.bulk_calls import (
    csv_of,
    kept_mobile,
    mobile,
)


async def count_of(database: Database) -> tuple[int, int]:
    """Members, and records on their way to the switch."""
    async with database.reading(FIRST_PROGRAMME) as session:
        members = await session.scalar(select(func.count(Member.id)))
        return members or 0, await session.scalar(select(func.count(OutboxRow.id))) or 0


async def staged_tables(database: Database) -> list[str]:
    async with database.engine.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    return [name for name in names if name.startswith("import_stage_")]


class StoppedImport:
    """An import of 1,000 members that stops in its third chunk until it is let go.

    Parameters:
        late: number of a mobile that another member gets just after the first pass has looked for it.
        wrong_together: a row with which, once the import writes, there is something wrong after all.
    """

    def __init__(
        self, database: Database, late: int | None = None, wrong_together: int | None = None
    ) -> None:
        self.database = database
        self.late = late
        self.wrong_together = wrong_together
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()
        self.chunks = 0
        self.kind = import_kind(
            Importable(
                name="members",
                permission=access.WRITE,
                row=MemberImportRow,
                columns=tuple(ImportColumn(name, name, name) for name in MemberImportRow.model_fields),
                ignored=(),
                key=lambda row: row.mobile,
                existing=self._existing,
                insert=self._insert,
                replace=self._replace,
                clash="identity-taken" if wrong_together is None else None,
                check=None if wrong_together is None else self._check,
            )
        )

    async def _check(
        self, session: AnySession, _cipher: FieldCipher, rows: NumberedRows[MemberImportRow]
    ) -> Sequence[RowFault]:
        numbers = [number async for some in rows for number, _ in some]
        assert numbers == list(range(2, 1002))
        if self.wrong_together is None or not isinstance(session, WriteSession):
            return []
        return [known_fault("exists", self.wrong_together)]

    async def _existing(
        self, session: AnySession, cipher: FieldCipher, mobiles: Sequence[str]
    ) -> Mapping[str, int]:
        found = await logic.ids_by_mobile(session, cipher, mobiles)
        if (
            self.late is not None
            and kept_mobile(self.late) in mobiles
            and not isinstance(session, WriteSession)
        ):
            async with self.database.writing(FIRST_PROGRAMME) as other:
                await add_member(other, cipher, self.late)
        return found

    async def _insert(
        self, session: WriteSession, cipher: FieldCipher, rows: Sequence[MemberImportRow]
    ) -> list[int]:
        ids = await logic.create_many(session, cipher, rows)
        self.chunks += 1
        if self.chunks == 3:
            self.reached.set()
            await self.go_on.wait()
        return ids

    async def _replace(
        self, _session: WriteSession, _cipher: FieldCipher, _rows: Mapping[int, MemberImportRow]
    ) -> None:
        raise NotImplementedError

    async def begin(self, settings: Settings) -> Runners:
        tools = await tools_on(self.database, settings)
        caller = system_caller("test", FIRST_PROGRAMME)
        rows = [("name", "mobile"), *((f"n{number}", mobile(number)) for number in range(1000))]
        with tools.contents.draft(FIRST_PROGRAMME, 10**6) as draft:
            draft.write(csv_of(rows))
            draft.keep()
        runners = Runners(tools, import_job([self.kind]))
        runners.clock.now = utc_now()
        async with self.database.writing(FIRST_PROGRAMME) as session:
            file = await add_file(
                session,
                name="f",
                media_type="text/csv",
                size=draft.size,
                sha256=draft.sha256,
                caller=caller,
                now=utc_now(),
            )
            wanted = ImportCreate(file_id=file.id)
            await start_import(session, self.kind, wanted, caller, language="en", now=runners.clock())
        return runners


async def add_member(session: WriteSession, cipher: FieldCipher, number: int) -> None:
    await logic.create(session, cipher, MemberCreate(name="n", mobile=kept_mobile(number)))


async def state_of(database: Database) -> tuple[str, int]:
    async with database.reading(FIRST_PROGRAMME) as session:
        state = await session.scalar(select(BulkImport.state))
    return str(state), (await count_of(database))[0]
