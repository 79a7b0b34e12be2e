"""Imports of members: every row or none, once, in bounded memory, whoever is killed meanwhile."""

import asyncio
import io
import json
import time
from datetime import timedelta

import pytest
from openpyxl import Workbook
from sqlalchemy import select, update

from host_api.core.audit import AuditEntry
from host_api.core.bulk.import_job import IMPORT_JOB
from host_api.core.bulk.import_table import BulkImport
from host_api.core.bulk.staging import Stage
from host_api.core.database import Database, WriteSession
from host_api.core.files.file_table import StoredFile
from host_api.core.jobs.run_table import JobRun
from host_api.core.outbox import OutboxRow
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.members.models import Member
from tests.amounts import is_thorough
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.running_api import RunningApi
from tests.host_api.services.bulk_calls import (
    csv_of,
    faults_of,
    give_file,
    import_content,
    import_file,
    mobile,
    report_of,
)
from tests.host_api.services.stopped_import import (
    StoppedImport,
    add_member,
    count_of,
    staged_tables,
    state_of,
)

pytestmark = pytest.mark.anyio

# The API answers 503 to whoever has waited ten seconds for the database.
_LONGEST_WAIT_S = 9.0
HEADERS = ("نام", "موبایل", "سطح", "گروه")
THREE = csv_of(
    [HEADERS, ("سارا", mobile(1), "طلایی", "G1"), ("رضا", mobile(2), "", ""), ("مینا", "", "silver", "")]
)


async def test_rows_become_members_with_records_for_the_switch_and_an_audit(api: RunningApi) -> None:
    done = await import_content(api, THREE)
    assert [done[name] for name in ("state", "rows", "created", "faulty")] == ["done", 3, 3, 0]
    members = items_of(await get(api, "/v1/members"))
    assert [(row["name"], row["mobile"], row["tier"], row["group"]) for row in members] == [
        ("سارا", "+989120000001", "gold", "G1"),
        ("رضا", "+989120000002", "initial", None),
        ("مینا", None, "silver", None),
    ]
    assert await count_of(api.runtime.database) == (3, 3)
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
            ("رضا", "0912", "red!", ""),
            ("مینا", mobile(1), "", ""),
        ]
    )
    done = await import_content(api, content)
    assert (done["state"], done["rows"], done["faulty"], done["created"]) == ("refused", 4, 3, 1)
    faults = [
        (3, "name", "missing"),
        (4, "mobile", "mobile_number"),
        (4, "tier", "string_pattern_mismatch"),
        (5, "", "double-row"),
    ]
    assert faults_of(done) == faults
    assert await count_of(api.runtime.database) == (0, 0)
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
    assert (await count_of(api.runtime.database))[0] == 1
    assert (await import_file(api, file_id, on_existing="skip"))["state"] == "done"


async def test_the_same_file_is_imported_once(api: RunningApi) -> None:
    done = await import_content(api, THREE)
    again = {"file_id": await give_file(api, THREE, "another name.csv")}
    refused = await post(api, "/v1/members/imports", again, 409)
    assert refused["type"] == "urn:vafa:problem:file-imported-already"
    repeated = await import_file(api, again["file_id"], repeat=True)
    assert (repeated["state"], faults_of(repeated)) == ("refused", [(2, "", "exists"), (3, "", "exists")])
    assert (done["state"], (await count_of(api.runtime.database))[0]) == ("done", 3)


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
    assert await count_of(api.runtime.database) == (3, 4 if on_existing == "replace" else 3)
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


async def _time_of_a_write(api: RunningApi) -> float:
    """How long another's write takes meanwhile."""
    began_s = time.monotonic()
    answer = await api.client.post(
        "/v1/merchants", json={"merchant_id": f"M{int(began_s * 1000):014d}"[-15:], "name": "n"}
    )
    assert answer.status_code == 201, answer.text
    return time.monotonic() - began_s


async def test_thousands_of_rows(api: RunningApi) -> None:
    database = api.runtime.database
    count = 20_000 if database.is_sqlite and is_thorough() else 5_000
    rows = [HEADERS, *((f"عضو {number}", mobile(number), "طلایی", "") for number in range(count))]
    async with database.writing(FIRST_PROGRAMME) as session:
        await add_member(session, api.runtime.vault.cipher, count - 1)
    longest_wait_s = 0.0
    begun = await post(
        api,
        "/v1/members/imports",
        {"file_id": await give_file(api, csv_of(rows, ";")), "on_existing": "skip"},
        202,
    )

    async def is_done() -> bool:
        async with database.reading(FIRST_PROGRAMME) as session:
            state = await session.scalar(select(JobRun.state).where(JobRun.id == begun["job_run_id"]))
        assert (await count_of(database))[0] in (1, count)  # never a part of them
        nonlocal longest_wait_s
        longest_wait_s = max(longest_wait_s, await _time_of_a_write(api))
        await asyncio.sleep(0.2)
        return state == "succeeded"

    await eventually(is_done, 300)
    done = await get(api, f"/v1/members/imports/{begun['id']}")
    assert [done[name] for name in ("state", "rows", "created", "skipped")] == ["done", count, count - 1, 1]
    assert (done["progress_done"], done["progress_total"]) == (count, count)
    assert len(await report_of(api, done)) == count + 1
    # Written in one transaction they have kept SQLite for longer than anybody waits.
    assert longest_wait_s < _LONGEST_WAIT_S
    assert await staged_tables(database) == []


async def test_a_process_that_ends_in_the_middle_leaves_nothing_and_another_does_it(
    database: Database, settings: Settings
) -> None:
    importing = StoppedImport(database)
    runners = await importing.begin(settings)
    runner = runners.new()
    await runner.tick()
    await asyncio.wait_for(importing.reached.wait(), 60)
    await runner.stop()
    assert await state_of(database) == ("waiting", 0)
    assert await staged_tables(database) == []
    await runners.work_off(runners.new())
    assert await state_of(database) == ("done", 1000)
    assert importing.chunks == 3 + 4


async def test_a_process_that_was_taken_for_dead_does_not_write_a_second_time(
    settings: Settings, database: Database
) -> None:
    """PostgreSQL lets both write at once; on SQLite the second one waits for the first."""
    importing = StoppedImport(database)
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
    assert await state_of(database) == ("done", 1000)
    run = (await runners.runs(IMPORT_JOB))[0]
    assert (run.state, run.attempts) == ("succeeded", 1 if database.is_sqlite else 2)


async def test_an_end_that_could_not_be_told_is_found_out(database: Database, settings: Settings) -> None:
    """The process was killed between the import's transaction and the end of its run."""
    importing = StoppedImport(database)
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
    assert await state_of(database) == ("done", 1000)


async def test_a_cancelled_import_leaves_nothing(api: RunningApi) -> None:
    rows = [HEADERS, *((f"n{number}", mobile(number), "", "") for number in range(500))]
    file_id = await give_file(api, csv_of(rows))
    begun = await post(api, "/v1/members/imports", {"file_id": file_id}, 202)
    cancelled = await api.client.post(f"/v1/jobs/{begun['job_run_id']}/cancel")
    assert cancelled.status_code in (202, 409)

    async def is_ended() -> bool:
        found = await get(api, f"/v1/members/imports/{begun['id']}")
        return found["state"] in ("cancelled", "done")

    await eventually(is_ended)
    found = await get(api, f"/v1/members/imports/{begun['id']}")
    assert (await count_of(api.runtime.database))[0] == (500 if found["state"] == "done" else 0)


async def test_rows_that_came_between_the_passes_are_told(database: Database, settings: Settings) -> None:
    importing = StoppedImport(database, late=700)
    importing.go_on.set()
    runners = await importing.begin(settings)
    await runners.work_off(runners.new())
    assert await state_of(database) == ("refused", 1)
    async with database.reading(FIRST_PROGRAMME) as session:
        found = (await session.scalars(select(BulkImport))).one()
        assert [fault["code"] for fault in found.faults if isinstance(fault, dict)] == ["exists"]
        assert await session.get(StoredFile, found.report_file_id) is not None


async def test_a_killed_process_leaves_tables_that_the_next_one_clears(
    database: Database, settings: Settings
) -> None:
    """On SQLite its rows wait aside; they are never seen, and their numbers not given again."""
    importing = StoppedImport(database)
    runners = await importing.begin(settings)
    runner = runners.new()
    await runner.tick()
    await asyncio.wait_for(importing.reached.wait(), 60)
    with pytest.MonkeyPatch.context() as patch:

        async def do_not(_stage: Stage, _session: WriteSession) -> None:
            """Who is killed drops nothing."""

        patch.setattr(Stage, "drop", do_not)
        await runner.stop()
    assert bool(await staged_tables(database)) is database.is_sqlite
    assert await count_of(database) == (0, 0)
    async with database.writing(FIRST_PROGRAMME) as session:
        await add_member(session, runners.tools.vault.cipher, 5_000)
    await runners.work_off(runners.new())
    assert await state_of(database) == ("done", 1001)
    assert await staged_tables(database) == []
    async with database.reading(FIRST_PROGRAMME) as reading:
        ids = list(await reading.scalars(select(Member.id)))
        subjects = list(await reading.scalars(select(OutboxRow.subject_id)))
    assert sorted(subjects) == sorted(ids)
    assert len(set(ids)) == 1001


def _national_id(number: int) -> str:
    digits = f"{number + 100_000_000:09d}"
    rest = sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return f"{digits}{rest if rest < 2 else 11 - rest}"


async def test_what_clashes_with_another_row_of_the_file_is_refused_whole(api: RunningApi) -> None:
    """The first pass looks for mobile numbers only; national ids the tables have once."""
    rows = [("name", "mobile", "national_id"), *(("n", mobile(n), _national_id(n % 400)) for n in range(600))]
    begun = await post(api, "/v1/members/imports", {"file_id": await give_file(api, csv_of(rows))}, 202)
    run = f"/v1/jobs/{begun['job_run_id']}"

    async def is_over() -> bool:
        return (await get(api, run))["state"] not in ("waiting", "running")

    await eventually(is_over)
    assert (await get(api, run))["error_kind"] == "identity-taken"
    assert await count_of(api.runtime.database) == (0, 0)
    assert await staged_tables(api.runtime.database) == []
