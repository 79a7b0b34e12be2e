"""Imports of members: every row or none, once, in bounded memory, whoever is killed meanwhile."""

import asyncio
import io
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select, update

from host_api.core.access.caller import system_caller
from host_api.core.audit import AuditEntry
from host_api.core.bulk.import_declaration import Importable, ImportColumn
from host_api.core.bulk.import_job import IMPORT_JOB, import_job, import_kind
from host_api.core.bulk.import_table import BulkImport
from host_api.core.bulk.importing import ImportCreate, start_import
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, Database, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.files.file_table import StoredFile, add_file
from host_api.core.jobs.run_table import JobRun
from host_api.core.outbox import OutboxRow
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.members import access, logic
from host_api.services.members.bulk import MemberImportRow
from host_api.services.members.models import Member
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.core.jobs.working_jobs import Runners, tools_on
from tests.host_api.eventually import eventually
from tests.host_api.running_api import RunningApi
from tests.host_api.services.bulk_calls import (
    csv_of,
    faults_of,
    give_file,
    import_content,
    import_file,
    kept_mobile,
    mobile,
    report_of,
)

pytestmark = pytest.mark.anyio

HEADERS = ("نام", "موبایل", "سطح", "گروه")
THREE = csv_of(
    [HEADERS, ("سارا", mobile(1), "طلایی", "G1"), ("رضا", mobile(2), "", ""), ("مینا", "", "silver", "")]
)


async def _count(database: Database) -> tuple[int, int]:
    """Members, and records on their way to the switch."""
    async with database.reading(FIRST_PROGRAMME) as session:
        members = await session.scalar(select(func.count(Member.id)))
        return members or 0, await session.scalar(select(func.count(OutboxRow.id))) or 0


async def test_rows_become_members_with_records_for_the_switch_and_an_audit(api: RunningApi) -> None:
    done = await import_content(api, THREE)
    assert [done[name] for name in ("state", "rows", "created", "faulty")] == ["done", 3, 3, 0]
    members = items_of(await get(api, "/v1/members"))
    assert [(row["name"], row["mobile"], row["tier"], row["group"]) for row in members] == [
        ("سارا", "+989120000001", "gold", "G1"),
        ("رضا", "+989120000002", "initial", None),
        ("مینا", None, "silver", None),
    ]
    assert await _count(api.runtime.database) == (3, 3)
    assert await report_of(api, done) == [
        ["row", "outcome", "id", "column", "code", "message"],
        *([str(row), "created", str(member), "", "", ""] for row, member in ((2, 1), (3, 2), (4, 3))),
    ]
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        entries = await session.execute(
            select(AuditEntry.row_key, AuditEntry.caller_name).where(AuditEntry.table_name == "members")
        )
    assert sorted(tuple(entry) for entry in entries) == [(str(number), "first key") for number in (1, 2, 3)]
    later = await post(api, "/v1/members", {"name": "n"})
    assert later["id"] == 4


async def test_every_kind_of_file_gives_the_same_members(api: RunningApi) -> None:
    workbook, output = Workbook(), io.BytesIO()
    workbook.active.append(["Name", "Mobile"])
    workbook.active.append(["سارا", 9120000001])
    workbook.save(output)
    rows = [{"name": "رضا", "mobile": mobile(2), "segments": [3]}]
    listed = json.dumps(rows).encode()
    lines = json.dumps({"نام": "مینا", "شماره همراه": mobile(3), "tier": None}).encode()
    for content in (output.getvalue(), listed, lines):
        done = await import_content(api, content)
        assert (done["state"], done["created"]) == ("done", 1), done
    members = items_of(await get(api, "/v1/members"))
    assert [row["mobile"] for row in members] == [f"+98{mobile(number)[1:]}" for number in (1, 2, 3)]
    assert members[1]["segments"] == [3]


async def test_one_wrong_row_and_nothing_is_written(api: RunningApi) -> None:
    content = csv_of(
        [
            HEADERS,
            ("سارا", mobile(1), "", ""),
            ("", mobile(2), "", ""),
            ("رضا", "0912", "red", ""),
            ("مینا", mobile(1), "", ""),
        ]
    )
    done = await import_content(api, content)
    assert (done["state"], done["rows"], done["faulty"], done["created"]) == ("refused", 4, 3, 1)
    faults = [
        (3, "name", "missing"),
        (4, "mobile", "mobile_number"),
        (4, "tier", "enum"),
        (5, "", "double-row"),
    ]
    assert faults_of(done) == faults
    assert await _count(api.runtime.database) == (0, 0)
    report = await report_of(api, done)
    assert [(int(row[0]), row[3], row[4]) for row in report[1:]] == faults
    assert mobile(1)[1:] not in f"{report}{done}"


async def test_faults_come_in_the_callers_language(api: RunningApi) -> None:
    file_id = await give_file(api, csv_of([HEADERS, ("", "", "", "")[:1], ("", mobile(1), "", "")]))
    api.client.headers["Accept-Language"] = "fa"
    done = await import_file(api, file_id)
    faults = done["faults"]
    assert isinstance(faults, list)
    assert faults[0]["message"] == faults[0]["message_fa"] == "این مورد لازم است."
    report = await report_of(api, done)
    assert (report[0][5], report[1][5]) == ("پیام", "این مورد لازم است.")


async def test_a_dry_run_writes_nothing_and_says_what_would_be(api: RunningApi) -> None:
    await post(api, "/v1/members", {"name": "n", "mobile": mobile(1)})
    file_id = await give_file(api, THREE)
    done = await import_file(api, file_id, is_dry_run=True, on_existing="skip")
    assert [done[name] for name in ("state", "created", "skipped")] == ["checked", 2, 1]
    assert (await _count(api.runtime.database))[0] == 1
    assert (await import_file(api, file_id, on_existing="skip"))["state"] == "done"


async def test_the_same_file_is_imported_once(api: RunningApi) -> None:
    done = await import_content(api, THREE)
    again = {"file_id": await give_file(api, THREE, "another name.csv")}
    refused = await post(api, "/v1/members/imports", again, 409)
    assert refused["type"] == "urn:vafa:problem:file-imported-already"
    repeated = await import_file(api, again["file_id"], repeat=True)
    assert (repeated["state"], faults_of(repeated)) == ("refused", [(2, "", "exists"), (3, "", "exists")])
    assert (done["state"], (await _count(api.runtime.database))[0]) == ("done", 3)


@pytest.mark.parametrize("on_existing", ["skip", "replace"])
async def test_rows_whose_member_is_there(api: RunningApi, on_existing: str) -> None:
    await post(api, "/v1/members", {"name": "پیشین", "mobile": mobile(1), "organisation": "O1"})
    done = await import_content(api, THREE, on_existing=on_existing)
    assert done["state"] == "done"
    first = await get(api, "/v1/members/1")
    if on_existing == "skip":
        assert (done["created"], done["skipped"], done["replaced"]) == (2, 1, 0)
        assert (first["name"], first["tier"]) == ("پیشین", "initial")
    else:
        assert (done["created"], done["skipped"], done["replaced"]) == (2, 0, 1)
        assert (first["name"], first["tier"], first["group"]) == ("سارا", "gold", "G1")
    assert first["organisation"] == "O1"  # what the file leaves out stays
    assert await _count(api.runtime.database) == (3, 4 if on_existing == "replace" else 3)
    outcome = "skipped" if on_existing == "skip" else "replaced"
    assert [row[1] for row in (await report_of(api, done))[1:]] == ["created", "created", outcome]


async def test_files_that_are_none_are_refused(api: RunningApi) -> None:
    png = await give_file(api, b"\x89PNG\r\n\x1a\n....")
    for file_id, status, kind in ((png, 409, "file-not-importable"), (99, 404, "import-file-not-found")):
        answer = await post(api, "/v1/members/imports", {"file_id": file_id}, status)
        assert answer["type"] == f"urn:vafa:problem:{kind}"
    assert (await api.client.get("/v1/members/imports/1")).status_code == 404


async def test_the_file_and_the_report_are_for_those_who_may_import(api: RunningApi) -> None:
    done = await import_content(api, THREE)
    for file_id in (done["file_id"], done["report_file_id"]):
        assert (await get(api, f"/v1/files/{file_id}"))["audience"] == "members:write"


async def test_twenty_thousand_rows(api: RunningApi) -> None:
    database = api.runtime.database
    count = 20_000 if database.is_sqlite else 4_000
    rows = [HEADERS, *((f"عضو {number}", mobile(number), "طلایی", "") for number in range(count))]
    async with database.writing(FIRST_PROGRAMME) as session:
        session.add(_member(count - 1))
    begun = await post(
        api,
        "/v1/members/imports",
        {"file_id": await give_file(api, csv_of(rows, ";")), "on_existing": "skip"},
        202,
    )

    async def is_done() -> bool:
        async with database.reading(FIRST_PROGRAMME) as session:
            state = await session.scalar(select(JobRun.state).where(JobRun.id == begun["job_run_id"]))
        assert (await _count(database))[0] in (1, count)  # never a part of them
        await asyncio.sleep(0.2)
        return state == "succeeded"

    await eventually(is_done, 300)
    done = await get(api, f"/v1/members/imports/{begun['id']}")
    assert [done[name] for name in ("state", "rows", "created", "skipped")] == ["done", count, count - 1, 1]
    assert (done["progress_done"], done["progress_total"]) == (count, count)
    assert len(await report_of(api, done)) == count + 1


class _Importing:
    """An import of 1,000 members that stops in its third chunk until it is let go.

    Parameters:
        late: number of a mobile that another member gets just after the first pass has looked for it.
    """

    def __init__(self, database: Database, late: int | None = None) -> None:
        self.database = database
        self.late = late
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
            )
        )

    async def _existing(
        self, session: AnySession, _cipher: FieldCipher, mobiles: Sequence[str]
    ) -> Mapping[str, int]:
        found = await logic.ids_by_mobile(session, mobiles)
        if (
            self.late is not None
            and kept_mobile(self.late) in mobiles
            and not isinstance(session, WriteSession)
        ):
            async with self.database.writing(FIRST_PROGRAMME) as other:
                other.add(_member(self.late))
        return found

    async def _insert(
        self, session: WriteSession, _cipher: FieldCipher, rows: Sequence[MemberImportRow]
    ) -> list[int]:
        ids = await logic.create_many(session, rows)
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


def _member(number: int) -> Member:
    return Member(name="n", mobile=kept_mobile(number), tier="gold", status="active", created_at=utc_now())


async def _state(database: Database) -> tuple[str, int]:
    async with database.reading(FIRST_PROGRAMME) as session:
        state = await session.scalar(select(BulkImport.state))
    return str(state), (await _count(database))[0]


async def test_a_process_that_ends_in_the_middle_leaves_nothing_and_another_does_it(
    database: Database, settings: Settings
) -> None:
    importing = _Importing(database)
    runners = await importing.begin(settings)
    runner = runners.new()
    await runner.tick()
    await asyncio.wait_for(importing.reached.wait(), 60)
    await runner.stop()
    assert await _state(database) == ("waiting", 0)
    await runners.work_off(runners.new())
    assert await _state(database) == ("done", 1000)
    assert importing.chunks == 3 + 4


async def test_a_process_that_was_taken_for_dead_does_not_write_a_second_time(
    settings: Settings, database: Database
) -> None:
    """PostgreSQL lets both write at once; on SQLite the second one waits for the first."""
    importing = _Importing(database)
    runners = await importing.begin(settings)
    first, second = runners.new(), runners.new()
    await first.tick()
    await asyncio.wait_for(importing.reached.wait(), 60)
    runners.clock.turn(seconds=61)
    if not database.is_sqlite:
        await runners.work_off(second)
    importing.go_on.set()
    await first.settled()
    await runners.work_off(second)
    assert await _state(database) == ("done", 1000)
    run = (await runners.runs(IMPORT_JOB))[0]
    assert (run.state, run.attempts) == ("succeeded", 1 if database.is_sqlite else 2)


async def test_an_end_that_could_not_be_told_is_found_out(database: Database, settings: Settings) -> None:
    """The process was killed between the import's transaction and the end of its run."""
    importing = _Importing(database)
    importing.go_on.set()
    runners = await importing.begin(settings)
    await runners.work_off(runners.new())
    async with database.writing(FIRST_PROGRAMME) as session:
        await session.execute(
            update(JobRun).values(state="running", lease_until=runners.clock() - timedelta(seconds=1))
        )
    await runners.work_off(runners.new())
    run = (await runners.runs(IMPORT_JOB))[0]
    assert (run.state, run.outcome and run.outcome["created"]) == ("succeeded", 1000)
    assert await _state(database) == ("done", 1000)


async def test_a_cancelled_import_leaves_nothing(api: RunningApi) -> None:
    rows = [HEADERS, *((f"n{number}", mobile(number), "", "") for number in range(500))]
    file_id = await give_file(api, csv_of(rows))
    begun = await post(api, "/v1/members/imports", {"file_id": file_id}, 202)
    cancelled = await api.client.post(f"/v1/jobs/{begun['job_run_id']}/cancel")
    assert cancelled.status_code in (202, 409)

    async def is_ended() -> bool:
        found = await get(api, f"/v1/members/imports/{begun['id']}")
        return found["state"] in ("cancelled", "done")

    await eventually(is_ended, 60)
    found = await get(api, f"/v1/members/imports/{begun['id']}")
    assert (await _count(api.runtime.database))[0] == (500 if found["state"] == "done" else 0)


async def test_rows_that_came_between_the_passes_are_told(database: Database, settings: Settings) -> None:
    importing = _Importing(database, late=700)
    importing.go_on.set()
    runners = await importing.begin(settings)
    await runners.work_off(runners.new())
    assert await _state(database) == ("refused", 1)
    async with database.reading(FIRST_PROGRAMME) as session:
        found = (await session.scalars(select(BulkImport))).one()
        assert [fault["code"] for fault in found.faults if isinstance(fault, dict)] == ["exists"]
        assert await session.get(StoredFile, found.report_file_id) is not None
