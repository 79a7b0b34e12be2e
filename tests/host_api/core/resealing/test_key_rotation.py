"""New data keys: everything sealed goes over to them, whatever is killed in between, and the old ones go."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import LargeBinary, func, select, update

from host_api.core.application import create_runtime
from host_api.core.audit import AuditEntry
from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.encryption.envelope import key_number
from host_api.core.encryption.sealed_field import declared_fields
from host_api.core.encryption.vault import ProgrammeKey
from host_api.core.idempotency import AnsweredRequest
from host_api.core.jobs.run_table import JobRun
from host_api.core.outbox import OutboxRow, opened_record
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.resealing import places
from host_api.core.resealing.jobs import KEY_JOBS
from host_api.core.settings import Settings
from host_api.core.tables import Base
from host_api.services.catalogue import METADATA
from host_api.services.members.identities.models import MemberIdentity
from host_api.services.members.models import Member
from tests.host_api.api_calls import get, items_of
from tests.host_api.core.jobs.working_jobs import Runners, tools_on
from tests.host_api.eventually import eventually
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.bulk_calls import give_file

pytestmark = pytest.mark.anyio

ASKED = {"name": "Sara", "mobile": "09123456789", "birth_date": "1370/12/30", "city": "tehran"}


def test_every_sealed_column_has_its_declaration() -> None:
    declared = {
        (field.rows.__tablename__, field.sealed.key)
        for fields in declared_fields(Base).values()
        for field in fields
    }
    in_tables = {
        (table.name, column.key)
        for table in METADATA.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.key.endswith("_sealed")
    }
    assert in_tables <= declared
    assert {("users", "totp_secret"), ("answered_requests", "body")} <= declared
    assert [place.name for place in places.sealed_places()][-2:] == ["outbox.record", "audit_log"]


@asynccontextmanager
async def _served(settings: Settings) -> AsyncIterator[RunningApi]:
    async with running_api(create_runtime(settings)) as api:
        yield api


async def _ask_member(api: RunningApi) -> httpx2.Response:
    answer = await api.client.post("/v1/members", json=ASKED, headers={"Idempotency-Key": "counter-0001"})
    assert answer.status_code == 201, answer.text
    return answer


async def _fill(settings: Settings) -> tuple[int, str, str]:
    """A member who was changed, a webhook and a file: the member, the first answer's text, the file."""
    async with _served(settings) as api:
        answer = await _ask_member(api)
        path = f"/v1/members/{answer.json()['id']}"
        changed = await api.client.patch(
            path, json={"city": "shiraz"}, headers={"If-Match": answer.headers["ETag"]}
        )
        assert changed.status_code == 200, changed.text
        for number in range(7):
            others = await api.client.post("/v1/members", json={"name": "R", "mobile": f"0912000000{number}"})
            assert others.status_code == 201, others.text
        file_id = await give_file(api, b"name\nSara\n")
        return answer.json()["id"], answer.text, str(file_id)


async def _numbers(database: Database) -> set[tuple[str, int]]:
    async with database.reading() as session:
        rows = await session.execute(
            select(ProgrammeKey.purpose, ProgrammeKey.number).where(
                ProgrammeKey.programme_id == FIRST_PROGRAMME
            )
        )
        return {(purpose, number) for purpose, number in rows}


async def _carried_out_by_dying_processes(runners: Runners) -> JobRun:
    """The run after many processes died in the middle of it."""
    run_id = await runners.enqueue("reseal-data")
    for _ in range(5):
        reached = (await runners.run(run_id)).progress_done
        dying = runners.new()
        await dying.tick()

        async def is_further(reached: int = reached) -> bool:
            return (await runners.run(run_id)).progress_done > reached + 2

        await eventually(is_further)
        await dying.stop()
    assert (await runners.run(run_id)).state == "waiting"
    await runners.work_off(runners.new())
    run = await runners.run(run_id)
    assert run.state == "succeeded", run.error_kind
    return run


async def _check_rows(runners: Runners, member_id: int) -> None:
    cipher = runners.tools.vault.cipher
    async with runners.database.reading(FIRST_PROGRAMME) as session:
        identity = await session.scalar(select(MemberIdentity).where(MemberIdentity.member_id == member_id))
        assert identity is not None
        assert key_number(identity.value_sealed or b"") == 2
        records = [opened_record(row, cipher) for row in await session.scalars(select(OutboxRow))]
        assert any("19920320" in record.values() for record in records)
        bodies = await session.scalars(select(AnsweredRequest.body))
        assert {key_number(body) for body in bodies} == {2}


async def _check_served(api: RunningApi, member_id: int, first_answer: str, file_id: str) -> None:
    read = await get(api, f"/v1/members/{member_id}")
    assert (read["city"], read["birth_date"]) == ("shiraz", "1992-03-20")
    assert [item["id"] for item in items_of(await get(api, "/v1/members", mobile="09123456789"))] == [
        member_id
    ]
    assert (await _ask_member(api)).text == first_answer
    assert (await api.client.get(f"/v1/files/{file_id}/content")).content == b"name\nSara\n"
    entries = items_of(await get(api, "/v1/audit", table_name="members", row_key=str(member_id)))
    opened = [await get(api, f"/v1/audit/{entry['id']}") for entry in entries]
    assert {"city_sealed": "tehran"}.items() <= next(
        entry["before"] for entry in opened if isinstance(entry["before"], dict)
    ).items()


async def test_data_goes_over_to_new_keys_and_the_old_ones_go(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    member_id, first_answer, file_id = await _fill(settings)
    runners = Runners(await tools_on(database, settings), *KEY_JOBS)
    runners.clock.now = utc_now()
    runner = runners.new()
    made = await runners.enqueue("renew-data-keys")
    again = await runners.enqueue("renew-data-keys")
    await runners.work_off(runner)
    assert (await runners.run(made)).outcome == {"field": 2, "index": 2}
    assert (await runners.run(again)).error_kind == "older-keys-are-still-there"
    # Some minutes later they seal.
    async with database.writing() as session:
        since = utc_now() - timedelta(minutes=1)
        await session.execute(
            update(ProgrammeKey)
            .where(ProgrammeKey.programme_id == FIRST_PROGRAMME, ProgrammeKey.number == 2)
            .values(active_from=since)
        )
    await runners.tools.vault.reload()

    monkeypatch.setattr(places, "_ROWS", 1)
    monkeypatch.setattr(places, "_SCANNED_ROWS", 2)
    run = await _carried_out_by_dying_processes(runners)
    assert run.outcome is not None
    assert run.outcome["left"] == run.outcome["deleted_keys"] == 0
    resealed = run.outcome["resealed"]
    assert isinstance(resealed, int)
    async with database.reading(FIRST_PROGRAMME) as session:
        members = await session.scalar(select(func.count(Member.id))) or 0
        scanned = [await session.scalar(select(func.count(rows.id))) or 0 for rows in (OutboxRow, AuditEntry)]
        rows_of_fields = [
            await session.scalar(select(func.count()).select_from(rows)) or 0
            for rows in declared_fields(Base)
        ]
    assert members == 8
    assert resealed >= 2 * members
    assert sum(rows_of_fields) + sum(scanned) <= run.progress_done <= sum(rows_of_fields) + sum(scanned) + 3

    # The old keys stay for a day, and then for as long as a pass finds anything under them.
    runners.clock.turn(days=1)
    await runners.work_off(runners.new())
    nightly = next(run for run in await runners.runs("reseal-data") if run.due_at is not None)
    assert nightly.outcome == {"resealed": 0, "left": 0, "deleted_keys": 2}, nightly.error_kind
    assert await _numbers(database) == {("field", 2), ("index", 2)}

    await _check_rows(runners, member_id)
    async with _served(settings) as api:
        await _check_served(api, member_id, first_answer, file_id)
