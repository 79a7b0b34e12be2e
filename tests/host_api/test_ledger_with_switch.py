"""The bank of requests before a real switch: cut links, a killed switch, two processes, then the books."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from host_api.client.models.members import MemberCreate
from host_api.client.models.points import TransferCreate
from host_api.core import outbox
from host_api.core.database import Database
from host_api.core.feed_projection import FeedSettings, clear_projection
from host_api.core.ledger.movements import credit, debit, transfer
from host_api.core.ledger.worker import LedgerWorker
from host_api.core.outbox import SubjectKind
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.rebuild import rebuild
from host_api.services.catalogue import projectors
from host_api.services.reconciliation import logic
from host_api.services.reconciliation.schemas import ReconciliationRead
from host_api.services.transactions import evidence
from protocol.dialect import FileName
from tests.host_api.core.ledger_bench import LedgerBench
from tests.host_api.cutting_proxy import CuttingProxy
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import person, runtime_with
from tests.host_api.running_api import running_api
from tests.switch.conftest import FEED_TOKEN, HOST, SwitchProcess

pytestmark = pytest.mark.anyio

MEMBERS = (1, 2, 3)


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[SwitchProcess]:
    found = SwitchProcess(tmp_path / "switch")
    try:
        yield found.start()
    finally:
        if found.process is not None and found.process.poll() is None:
            found.kill()


def _start_again(switch: SwitchProcess) -> None:
    """After a power cut, under the same addresses."""
    _, _, operations_port = switch.operations.rpartition(":")
    switch.kill()
    switch.start(terminals_port=switch.terminals[1], operations_port=operations_port)


async def _make_members(database: Database) -> None:
    async with database.writing(FIRST_PROGRAMME) as session:
        for number in MEMBERS:
            outbox.enqueue(
                session,
                subject_kind=SubjectKind.MEMBER,
                subject_id=number,
                file_name=FileName.MEMBER,
                record={"DF20": f"{number:012d}", "DF05": "n", "DF06": "gold", "DF21": "A"},
            )


async def _report(bench: LedgerBench, settings: Settings, worker: LedgerWorker) -> ReconciliationRead:
    """Read the journal from its beginning, and reconcile."""
    await clear_projection(bench.database, FIRST_PROGRAMME, projectors())
    await rebuild(settings)
    assert settings.operations_url is not None
    return await logic.reconcile(
        bench.database,
        FIRST_PROGRAMME,
        feed=FeedSettings(settings.operations_url, settings.feed_token_path),
        host_id=HOST,
        settle=worker.settle,
    )


@asynccontextmanager
async def _cut_links(switch: SwitchProcess, one_in: int) -> AsyncIterator[CuttingProxy]:
    async with CuttingProxy(switch.terminals, seed=7) as proxy:
        proxy.one_in = one_in
        yield proxy


async def test_a_storm_before_a_real_switch_leaves_the_books_in_balance(
    database: Database, settings: Settings, tmp_path: Path, switch: SwitchProcess
) -> None:
    (tmp_path / "token").write_text(FEED_TOKEN)
    settings = settings.model_copy(
        update={"operations_url": switch.operations, "feed_token_file": tmp_path / "token"}
    )
    async with _cut_links(switch, one_in=6) as proxy:
        bench = LedgerBench(database, tmp_path, proxy.endpoint)
        bench.response_timeout_s = 2.0
        await _make_members(database)
        first, second = bench.life(), bench.life()
        async with bench.running(first, second):
            for number in range(30):
                await bench.ask(credit(MEMBERS[number % 3], 91, 10 + number, "r"), patience_s=None)
            for number in range(15):
                await bench.ask(transfer(MEMBERS[number % 3], MEMBERS[(number + 1) % 3], 91, 5))
                # Some of these are never decided in their time, and are taken back.
                await bench.ask(debit(MEMBERS[number % 3], 91, 3, "r"), patience_s=0.05)
            await eventually(lambda: proxy.cuts >= 5, 60)
            _start_again(switch)
        # Both were killed; a third goes on.
        third = bench.life()
        async with bench.running(third):
            proxy.one_in = 0
            await bench.all_over()
        report = await _report(bench, settings, third.worker)
    rows = await bench.rows()
    assert report.is_balanced is True, report
    assert report.transactions >= len([row for row in rows if row.state == "approved"]) >= 30
    assert {row.state for row in rows if row.kind == "credit"} == {"approved"}
    assert {row.state for row in rows} <= {"approved", "declined", "reversed"}
    assert await bench.books() == {row.id: row.state for row in rows}
    expected = sum(10 + number for number in range(30)) - sum(
        row.amount for row in rows if row.kind == "debit" and row.state == "approved"
    )
    async with database.reading(FIRST_PROGRAMME) as session:
        assert await evidence.lot_sums(session) == {("member", "points"): expected}
    assert [(total.switch, total.projection) for total in report.totals] == [(expected, expected)]


async def test_points_by_two_persons_through_a_real_switch(
    settings: Settings, tmp_path: Path, switch: SwitchProcess
) -> None:
    runtime = runtime_with(
        settings,
        tmp_path,
        switch=switch.terminals,
        operations_url=switch.operations,
        token=FEED_TOKEN,
    )
    async with running_api(runtime) as api:
        asker = await person(api, "asker", "points:write")
        approver = await person(api, "approver", "points:approve")
        member, other = [
            (await api.calls.members.create_member(MemberCreate(name=name))).id for name in ("Sara", "Reza")
        ]
        given = await approver.approve(await asker.ask_credit(member, 500))
        assert (given.state, given.balances_after) == ("done", {"91": 500, "92": 0})
        taken = await approver.approve(await asker.ask_credit(member, 501, direction="debit"))
        assert (taken.state, taken.response_code) == ("failed", "51")
        moved = await asker.points.ask_transfer(
            TransferCreate(
                from_member_id=member,
                to_member_id=other,
                amount=200,
                reason_code="request",
                reason="by letter",
            )
        )
        assert (await approver.approve(moved)).balances_after == {"91": 300, "92": 0}

        async def is_projected() -> bool:
            return (await api.calls.members.read_balances(other)).points == 200

        await eventually(is_projected)
        seen = await api.calls.transactions.read_transaction(given.rrn or "")
        assert (seen.operation, seen.merchant_id, seen.currency) == ("adjustment", "CLUB", "999")
        report = await api.calls.reconciliation.create_reconciliation()
        assert report.is_balanced is True, report
        assert (report.requests, report.transactions) == (2, 3)
        (total,) = report.totals
        assert (total.holder, total.purse, total.switch, total.projection) == ("member", "points", 500, 500)
    await asyncio.to_thread(switch.stop)
