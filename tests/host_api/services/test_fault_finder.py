"""The fault finder (SW-11): what is collected, that it counts once, and how it is found and acknowledged."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from host_api.core.access.caller import system_caller
from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.fault_reports import FaultReports, cause_of, of_worker
from host_api.core.jobs import run_store
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import return_of
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.outbox import OutboxRow
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.fault_finder.collector import FaultCollector
from host_api.services.fault_finder.kinds import EXPLANATIONS, FaultKind
from host_api.services.fault_finder.models import Fault, FaultSighting
from host_api.services.fault_finder.sightings import MOST_SIGHTINGS, Sighting, forget, record
from host_api.services.fault_finder.switch_sight import sightings_of_switch
from host_api.services.webhooks.models import Webhook
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.idle_switches import idle_switches
from tests.host_api.points_bench import person
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio

REQUEST_ID = "5f0c7c1e-6d0e-4b0a-9d57-2f8b6a1f2c3d"


def _collector(database: Database, reports: FaultReports | None = None) -> FaultCollector:
    return FaultCollector(database, reports or FaultReports(), idle_switches(database))


async def _faults(api: RunningApi, **query: object) -> list[dict[str, object]]:
    return items_of(await get(api, "/v1/faults", **query))


async def _counts(database: Database) -> dict[str, int]:
    async with database.reading(FIRST_PROGRAMME) as session:
        return {fault.kind: fault.count for fault in await session.scalars(select(Fault))}


async def test_a_request_that_failed_is_found_by_its_id_and_acknowledged(api: RunningApi) -> None:
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(text("ALTER TABLE disputes RENAME TO disputes_gone"))
    for _ in range(2):
        failed = await api.client.get("/v1/disputes/7", headers={"X-Request-Id": REQUEST_ID})
        assert failed.status_code >= 500
    await api.client.get("/v1/disputes/8")

    async def is_counted() -> bool:
        return [fault["count"] for fault in await _faults(api)] == [3]

    await eventually(is_counted)
    (fault,) = await _faults(api, request_id=REQUEST_ID.upper())
    assert fault["kind"] == "request_failed"
    assert fault["place"] == "GET /v1/disputes/{dispute_id}"
    assert "host_api." in str(fault["cause"])
    assert fault["next_step_fa"]
    assert await _faults(api, request_id="6f0c7c1e-6d0e-4b0a-9d57-2f8b6a1f2c3d") == []
    found = await get(api, f"/v1/faults/{fault['id']}")
    sightings = found["sightings"]
    assert isinstance(sightings, list)
    assert [sighting["request_id"] == REQUEST_ID for sighting in sightings].count(True) == 2
    keeper = await person(api, "نگهبان", "fault_finder:write")
    done = await keeper.post(f"/v1/faults/{fault['id']}/acknowledgement", {"note": "table is back"})
    assert (done["is_open"], done["acknowledged_by"], done["note"]) == (False, "نگهبان", "table is back")
    assert await _faults(api, is_open="true") == []
    trail = items_of(await get(api, "/v1/audit", table_name="faults"))
    assert trail[0]["caller_name"] == "نگهبان"
    await api.client.get("/v1/disputes/7")

    async def is_open_again() -> bool:
        return [fault["count"] for fault in await _faults(api, is_open="true")] == [4]

    await eventually(is_open_again)


async def test_what_stands_in_tables_counts_once_however_often_it_is_seen(api: RunningApi) -> None:
    database, now = api.runtime.database, utc_now()
    hook = await post(
        api, "/v1/webhooks", {"url": "https://shop.example/hook", "event_types": ["member.joined"]}
    )
    caller = system_caller("tests", FIRST_PROGRAMME)
    async with database.writing(FIRST_PROGRAMME) as session:
        for state in ("failed", "failed", "succeeded"):
            run = run_store.enqueue(session, "sweep-files", {}, caller, now=now)
            run.state, run.error_kind, run.finished_at = state, "NoRoom", now
        session.add(
            OutboxRow(
                subject_kind="terminal",
                subject_id=5,
                file_name="TERMINAL",
                update_code="1",
                record={"DF28": "TERM0009"},
                created_at=now,
                state="refused",
                attempts=1,
                response_code="12",
                finished_at=now,
            )
        )
        request_id = await request_points(
            session, return_of(12, 500, "000000000017"), service="tests", reference="1", asked_by=caller
        )
        row = await session.get_one(LedgerRequest, request_id)
        row.state, row.finished_at, row.next_attempt_at = "doubtful", now, None
        webhook = await session.get_one(Webhook, hook["id"])
        webhook.is_active, webhook.switched_off_at, webhook.switched_off_reason = False, now, "gone"
    wanted = {"job_failed": 2, "record_refused": 1, "movement_doubtful": 1, "webhook_off": 1}
    # Two processes at once, then again.
    await asyncio.gather(_collector(database).look(), _collector(database).look())
    assert await _counts(database) == wanted
    await _collector(database).look()
    assert await _counts(database) == wanted
    (terminal,) = await _faults(api, terminal_id="TERM0009")
    assert (terminal["place"], terminal["cause"]) == ("terminal", "code 12")
    (doubtful,) = await _faults(api, rrn="000000000017")
    assert doubtful["kind"] == "movement_doubtful"
    assert [fault["kind"] for fault in await _faults(api, kind="job_failed")] == ["job_failed"]
    assert (await get(api, "/v1/dashboard"))["waiting"] == {
        "voids_and_returns": 0,
        "points_acts": 0,
        "disputes": 0,
        "overdue_disputes": 0,
        "faults": 4,
    }


Answer = Callable[[str], tuple[int, object]]


@asynccontextmanager
async def _operations_port(answer: Answer) -> AsyncIterator[str]:
    """A switch's operations port that answers paths with status and JSON."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                assert "authorization: bearer token" in head.lower()
                status, document = answer(head.split()[1])
                body = json.dumps(document).encode()
                writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_what_the_switch_tells_of_itself(tmp_path: Path) -> None:
    token = tmp_path / "token"
    await asyncio.to_thread(token.write_text, "token\n")
    letter = {"number": 7, "terminal": "TERM0004", "kind": "advice", "mti": "0220", "amount": 5}
    letter |= {"queued_at": "2026-03-21T06:30:00Z", "attempts": 3, "reason": "refused 57"}
    documents: dict[str, tuple[int, object]] = {
        "/status": (200, {"ready": False, "reasons": ["journal-failed"], "metrics": {}, "entries": 5}),
        "/dead-letters?limit=500": (200, {"link": "bank", "count": 1, "letters": [letter]}),
    }
    now = utc_now()
    async with _operations_port(lambda path: documents[path]) as url:
        found = await sightings_of_switch(url, token, now)
        later = await sightings_of_switch(url, token, now)
        documents["/dead-letters?limit=500"] = (404, {})
        documents["/status"] = (200, {"ready": True, "reasons": []})
        assert await sightings_of_switch(url, token, now) == []
        documents["/status"] = (200, {"ready": "maybe"})
        (unread,) = await sightings_of_switch(url, token, now)
    assert [(each.kind, each.cause, each.terminal_id) for each in found] == [
        (FaultKind.SWITCH_OBSTACLE, "journal-failed", None),
        (FaultKind.DEAD_LETTER, "advice: refused 57", "TERM0004"),
    ]
    assert [each.reference for each in later] == [each.reference for each in found]
    (gone,) = await sightings_of_switch(url, token, now)
    (no_token,) = await sightings_of_switch(url, tmp_path / "nothing", now)
    assert {each.kind for each in (unread, gone, no_token)} == {FaultKind.SWITCH_UNREACHABLE}


async def test_reports_outlive_a_database_that_is_away_and_are_bounded(database: Database) -> None:
    reports = FaultReports()
    for number in range(1100):
        reports.report(of_worker(f"worker {number}", ValueError("9364120000000007")))
    collector = _collector(database, reports)
    async with database.writing(FIRST_PROGRAMME) as session:
        await session.execute(text("ALTER TABLE fault_sightings RENAME TO away"))
    with pytest.raises(Exception, match=r"fault_sightings"):
        await collector.write_reports()
    async with database.writing(FIRST_PROGRAMME) as session:
        await session.execute(text("ALTER TABLE away RENAME TO fault_sightings"))
    kept = reports.take(2000)
    assert (len(kept), kept[0].place) == (1000, "worker 100")
    reports.put_back(kept[:5])
    await collector.write_reports()
    async with database.reading(FIRST_PROGRAMME) as session:
        faults = list(await session.scalars(select(Fault)))
    assert [fault.place for fault in faults] == [f"worker {number}" for number in range(100, 105)]
    assert all("9364" not in fault.cause for fault in faults)


async def test_old_ones_are_forgotten_and_no_fault_keeps_too_many(database: Database) -> None:
    now = utc_now()

    def seen(number: int, days_ago: int, place: str) -> Sighting:
        at = now - timedelta(days=days_ago)
        return Sighting(FaultKind.JOB_FAILED, place, "x", at, f"run:{number}")

    async with database.writing(FIRST_PROGRAMME) as session:
        many = [seen(number, 1, "often") for number in range(MOST_SIGHTINGS + 20)]
        assert await record(session, many[:600]) == 600
        assert await record(session, many[500:]) == MOST_SIGHTINGS + 20 - 600
        await record(session, [seen(1, 31, "a month ago"), seen(1, 91, "long ago")])
        kept = select(func.count()).select_from(FaultSighting)
        assert await session.scalar(kept) == MOST_SIGHTINGS + 2
        await forget(session, now, 500)
        places = set(await session.scalars(select(Fault.place)))
        assert (places, await session.scalar(kept)) == ({"often", "a month ago"}, MOST_SIGHTINGS)
        fault = (await session.scalars(select(Fault).where(Fault.place == "often"))).one()
        assert fault.count == MOST_SIGHTINGS + 20


def test_every_kind_is_explained_and_causes_name_code_only() -> None:
    assert set(EXPLANATIONS) == set(FaultKind)
    for explanation in EXPLANATIONS.values():
        texts = (explanation.title_fa, explanation.meaning_fa, explanation.next_step_fa)
        assert all("\u0600" <= text[0] <= "\u06ff" or text[0] == "\u200e" for text in texts), texts
    try:
        int("9364120000000007x")
    except ValueError as error:
        group = ExceptionGroup("several", [error])
    assert cause_of(group) == "ValueError"
