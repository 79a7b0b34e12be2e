"""Reconciliation: bank of requests, projection and the switch's sums, compared at one position."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from host_api.client.models.jobs import JobRunCreate
from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.feed_position import FeedPosition, read_position
from host_api.core.feed_projection import FeedSettings, apply_batch
from host_api.core.host_link.identity import REQUESTS, REVERSALS
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.ledger.states import RequestState
from host_api.core.programmes import FIRST_PROGRAMME, Programme
from host_api.core.settings import Settings
from host_api.services.catalogue import projectors
from host_api.services.reconciliation import logic
from host_api.services.reconciliation.differences import DifferenceKind
from host_api.services.reconciliation.models import Reconciliation
from host_api.services.reconciliation.schemas import ReconciliationRead
from host_api.services.transactions.models import Lot
from protocol.feed import FEED_EVENT
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.feed_peer import TOKEN, FeedPeer, lot, maintenance, transaction
from tests.host_api.points_bench import person, runtime_with
from tests.host_api.running_api import running_api

# On PostgreSQL the storms before a real switch end with a reconciliation.
pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

HOST = "HOST0001"
AT = datetime(2026, 9, 21, 14, 13, 27, tzinfo=UTC)
FIELD_7 = "0921141327"

Line = dict[str, object]


class Books:
    """A database with a projection and a bank of requests, and the switch's operations port beside it."""

    def __init__(self, database: Database, feed: FeedPeer, directory: Path) -> None:
        self.database = database
        self.feed = feed
        self.settled: list[tuple[int, RequestState, str | None]] = []
        token = directory / "token"
        token.write_text(TOKEN)
        self.feed_settings = FeedSettings(feed.url, token)

    async def request(self, number: int, **changes: object) -> None:
        """An approved credit of 50 points, which the journal has at the position of its number."""
        values: dict[str, object] = {
            "id": number,
            "service": "tests",
            "reference": str(number),
            "kind": "credit",
            "member_id": 12,
            "purse": 91,
            "amount": 50,
            "reason": "",
            "asked_by": "user:1",
            "asked_by_name": "n",
            "mti": "0200",
            "fields": {"3": "220091"},
            "tags": {},
            "after_outbox_id": 0,
            "created_at": AT,
            "state": "approved",
            "sent_at": AT,
            "attempts": 1,
            "reversal_attempts": 0,
            "response_code": "00",
            "rrn": f"{number:012d}",
            "finished_at": utc_now(),
        }
        async with self.database.writing(FIRST_PROGRAMME) as session:
            session.add(LedgerRequest(**(values | changes)))

    def line(self, position: int, *, number: int | None = None, **changes: object) -> Line:
        """The transaction of a request, by default of the one with the position's number."""
        usual: Line = {
            "terminal_id": HOST,
            "processing_code": "220091",
            "amount": 50,
            "currency": "999",
            "stan": REQUESTS.of(position if number is None else number),
            "transmitted_at": FIELD_7,
            "at_ms": int(AT.timestamp() * 1000) + position,
            "lots": [lot("member:12", 50)],
            "transfers": [],
            "grants": [],
        }
        return transaction(position) | usual | changes

    async def project(self, *lines: Line) -> None:
        self.feed.lines += lines
        events = [FEED_EVENT.validate_python(line) for line in lines]
        async with self.database.reading(FIRST_PROGRAMME) as session:
            position = (await read_position(session)).position
        await apply_batch(self.database, FIRST_PROGRAMME, projectors(), position, events)

    def totals(self, position: int, **amounts: int) -> None:
        """What the switch says: sums by holder, in points."""
        rows = [{"holder": holder, "purse": "points", "amount": amount} for holder, amount in amounts.items()]
        self.feed.totals = {"version": 1, "position": position, "totals": rows}

    async def reconcile(self, *, with_switch: bool = True) -> ReconciliationRead:
        async def settle(request_id: int, state: RequestState, rrn: str | None) -> bool:
            self.settled.append((request_id, state, rrn))
            async with self.database.writing(FIRST_PROGRAMME) as session:
                await session.execute(
                    update(LedgerRequest).where(LedgerRequest.id == request_id).values(state=state, rrn=rrn)
                )
            return True

        return await logic.reconcile(
            self.database,
            FIRST_PROGRAMME,
            feed=self.feed_settings if with_switch else None,
            host_id=HOST,
            settle=settle,
        )


@pytest.fixture
async def books(database: Database, tmp_path: Path) -> AsyncIterator[Books]:
    async with FeedPeer() as feed:
        yield Books(database, feed, tmp_path)


def _found(report: ReconciliationRead) -> list[tuple[str, int | None, str | None]]:
    return [(entry.kind, entry.request_id, entry.rrn) for entry in report.differences]


async def test_nothing_is_in_balance(books: Books) -> None:
    books.totals(0)
    report = await books.reconcile()
    assert (report.state, report.is_balanced, report.fault) == ("done", True, None)
    assert (report.position, report.totals_position, report.difference_count) == (0, 0, 0)


async def test_what_agrees_is_in_balance_and_is_not_looked_at_again(books: Books) -> None:
    for number in (1, 2):
        await books.request(number)
    await books.project(
        books.line(1), transaction(3, points=0, lots=[lot("gift_card:5", 7)]), books.line(4, number=2)
    )
    async with books.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(LedgerRequest).where(LedgerRequest.id == 2).values(rrn=f"{4:012d}"))
    books.totals(4, member=100, gift_card=7)
    report = await books.reconcile()
    assert report.is_balanced is True, report
    assert (report.requests, report.transactions, report.from_position) == (2, 2, 0)
    assert [(total.holder, total.switch, total.projection) for total in report.totals] == [
        ("gift_card", 7, 7),
        ("member", 100, 100),
    ]
    again = await books.reconcile()
    assert (again.is_balanced, again.from_position, again.transactions) == (True, 4, 0)


async def test_sums_are_compared_at_the_switchs_position(books: Books) -> None:
    await books.project(transaction(1, points=250))
    # Not projected yet: what the feed has up to the switch's position counts, what it has behind doesn't.
    books.feed.lines += [maintenance(2, lot("member:12", -50)), transaction(3, member=13), transaction(4)]
    books.totals(3, member=450)
    report = await books.reconcile()
    assert (report.is_balanced, report.position, report.totals_position) == (True, 1, 3)


DIFFERENCES: list[tuple[str, Line | None, Line | None, DifferenceKind]] = [
    ("missing", {}, None, DifferenceKind.NOT_IN_JOURNAL),
    ("not asked", None, {}, DifferenceKind.WITHOUT_REQUEST),
    ("other amount", {"amount": 60}, {}, DifferenceKind.OTHER_CONTENT),
    ("other member", {"member_id": 13}, {}, DifferenceKind.OTHER_CONTENT),
    ("other purse", {"fields": {"3": "220092"}}, {}, DifferenceKind.OTHER_CONTENT),
    ("reversed, but stands", {"state": "reversed"}, {}, DifferenceKind.STANDS),
    ("declined, but stands", {"state": "declined", "rrn": None}, {}, DifferenceKind.STANDS),
    ("approved, but declined", {}, {"response_code": "51", "lots": []}, DifferenceKind.FELL),
    ("of another second", {"sent_at": AT + timedelta(seconds=1)}, {}, DifferenceKind.WITHOUT_REQUEST),
]


@pytest.mark.parametrize(
    ("request_changes", "line_changes", "kind"),
    [case[1:] for case in DIFFERENCES],
    ids=[case[0] for case in DIFFERENCES],
)
async def test_each_difference_is_told(
    books: Books, request_changes: Line | None, line_changes: Line | None, kind: DifferenceKind
) -> None:
    if request_changes is not None:
        await books.request(1, **request_changes)
    await books.project(transaction(5, member=99, lots=[]))
    if line_changes is not None:
        books.feed.lines.clear()
        await books.project(books.line(6, number=1, **line_changes))
        if request_changes is not None and request_changes.get("rrn", "") is not None:
            async with books.database.writing(FIRST_PROGRAMME) as session:
                await session.execute(update(LedgerRequest).values(rrn=f"{6:012d}"))
    report = await books.reconcile(with_switch=False)
    assert kind.code in {entry.kind for entry in report.differences}
    assert report.is_balanced is False
    assert all(entry.advice_fa and entry.advice.isascii() for entry in report.differences)
    # What differs once is told again until it doesn't.
    assert _found(await books.reconcile(with_switch=False)) == _found(report)


async def test_one_request_in_the_journal_twice_is_told(books: Books) -> None:
    await books.request(1)
    await books.project(books.line(1), books.line(2, number=1))
    report = await books.reconcile(with_switch=False)
    assert ("twice", 1, f"{2:012d}") in _found(report)


async def test_requests_under_way_and_taken_back_are_no_differences(books: Books) -> None:
    await books.request(1, state="sent", rrn=None, finished_at=None)
    await books.request(2, state="reversed", reversal_at=AT, rrn=None)
    await books.request(3, state="declined", response_code="51")
    await books.request(9, rrn=f"{9:012d}")  # the projection has not come so far
    reversal = books.line(
        5, mti="0400", stan=REVERSALS.of(2), reverses=f"{2:012d}", lots=[lot("member:12", -50)]
    )
    await books.project(books.line(1), books.line(2), books.line(3, response_code="51", lots=[]), reversal)
    books.totals(5, member=50)
    report = await books.reconcile()
    assert (_found(report), report.is_balanced) == ([], True)


async def test_sums_that_differ_are_told_by_holder_and_purse(books: Books) -> None:
    await books.project(transaction(1, points=250))
    async with books.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(Lot).values(amount=249))
    books.totals(1, member=250)
    report = await books.reconcile()
    (difference,) = report.differences
    assert (difference.kind, difference.holder, difference.purse) == ("other_sum", "member", "points")
    assert (difference.expected, difference.found) == (250, 249)


async def test_a_switch_that_fell_behind_is_told(books: Books) -> None:
    await books.project(transaction(7))
    books.totals(3, member=250)
    report = await books.reconcile()
    assert [entry.kind for entry in report.differences] == ["switch_behind"]


async def test_a_switch_that_can_not_be_asked_leaves_the_rest_compared(books: Books) -> None:
    await books.project(books.line(1))
    report = await books.reconcile()  # it knows no totals
    assert report.fault is not None
    assert "status 404" in report.fault
    assert (report.state, report.is_balanced) == ("done", False)
    assert [entry.kind for entry in report.differences] == ["without_request"]


@pytest.mark.parametrize(
    ("lines", "fate"),
    [
        (["approved"], (RequestState.APPROVED, f"{1:012d}")),
        (["approved", "reversed"], (RequestState.REVERSED, f"{1:012d}")),
        (["declined"], (RequestState.DECLINED, None)),
        ([], (RequestState.DECLINED, None)),
    ],
    ids=["stands", "undone", "declined", "never decided"],
)
async def test_doubtful_requests_end_as_the_journal_has_them(
    books: Books, lines: list[str], fate: tuple[RequestState, str | None]
) -> None:
    await books.request(1, state="doubtful", rrn=None, reversal_at=AT, finished_at=AT + timedelta(minutes=1))
    made = {
        "approved": books.line(1),
        "reversed": books.line(
            2, mti="0400", stan=REVERSALS.of(1), reverses=f"{1:012d}", lots=[lot("member:12", -50)]
        ),
        "declined": books.line(1, response_code="51", lots=[]),
    }
    await books.project(*[made[name] for name in lines], transaction(5, member=99, lots=[]))
    books.totals(5, **({"member": 50} if lines == ["approved"] else {}))
    report = await books.reconcile()
    assert books.settled == [(1, *fate)]
    assert (report.settled, report.is_balanced) == (1, True), report


async def test_doubtful_requests_wait_for_a_projection_that_has_passed_them(books: Books) -> None:
    await books.request(1, state="doubtful", rrn=None, finished_at=utc_now() + timedelta(days=400))
    await books.project(transaction(5, member=99, lots=[]))
    books.feed.lines.append(transaction(6, member=99, lots=[]))
    books.totals(6)
    report = await books.reconcile()
    assert (books.settled, report.settled) == ([], 0)


async def test_a_report_whose_process_died_is_ended_by_the_next(books: Books) -> None:
    async with books.database.writing(FIRST_PROGRAMME) as session:
        dead = await logic.begin(session, "n")
    async with books.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(Reconciliation).values(began_at=utc_now() - timedelta(hours=2)))
    books.totals(0)
    await books.reconcile()
    async with books.database.reading(FIRST_PROGRAMME) as session:
        assert (await logic.read(session, dead.id)).state == "failed"


async def test_reconciling_over_http(settings: Settings, tmp_path: Path) -> None:
    async with FeedPeer() as feed:
        feed.totals = {"version": 1, "position": 0, "totals": []}
        runtime = runtime_with(settings, tmp_path, operations_url=feed.url, token=TOKEN)
        async with running_api(runtime) as api:
            made = await post(api, "/v1/reconciliations", None)
            assert (made["state"], made["is_balanced"], made["asked_by"]) == ("done", True, "first key")
            assert await get(api, f"/v1/reconciliations/{made['id']}") == made
            assert items_of(await get(api, "/v1/reconciliations", is_balanced=True)) == [made]
            assert items_of(await get(api, "/v1/reconciliations", state="failed")) == []
            assert (await api.client.get("/v1/reconciliations/99")).status_code == 404


async def test_the_daily_job_keeps_its_report_and_tells_a_difference(
    settings: Settings, tmp_path: Path
) -> None:
    async with FeedPeer() as feed:
        feed.totals = {
            "version": 1,
            "position": 0,
            "totals": [{"holder": "member", "purse": "points", "amount": 7}],
        }
        runtime = runtime_with(settings, tmp_path, operations_url=feed.url, token=TOKEN)
        async with running_api(runtime) as api:
            kinds = {kind.name: kind for kind in await api.calls.jobs.list_job_kinds()}
            assert kinds["reconciliation"].schedule == "daily 04:20"
            run = await api.calls.jobs.start_job("reconciliation", JobRunCreate())

            async def is_over() -> bool:
                return (await api.calls.jobs.read_job_run(run.id)).state == "succeeded"

            await eventually(is_over)
            (report,) = (await api.calls.reconciliation.list_reconciliations()).items
            assert (report.is_balanced, report.difference_count) == (False, 1)
            assert (await api.calls.jobs.read_job_run(run.id)).outcome == {
                "is_compared": True,
                "reconciliation_id": report.id,
                "is_balanced": False,
                "differences": 1,
            }
            (notice,) = (await api.calls.status.read_status()).notices
            assert (notice.code, notice.since) == ("reconciliation-differs", report.began_at)

            async def is_told() -> bool:
                events = (await api.calls.events.list_events(type_="reconciliation.differed")).items
                return [event.data for event in events] == [
                    {"reconciliation_id": report.id, "differences": 1}
                ]

            await eventually(is_told)
            feed.totals = {"version": 1, "position": 0, "totals": []}
            assert (await api.calls.reconciliation.create_reconciliation()).is_balanced
            assert (await api.calls.status.read_status()).notices == []


async def test_a_programme_is_never_compared_with_the_switch_of_another(
    settings: Settings, tmp_path: Path
) -> None:
    async with FeedPeer() as feed:
        feed.totals = {
            "version": 1,
            "position": 0,
            "totals": [{"holder": "member", "purse": "points", "amount": 7}],
        }
        runtime = runtime_with(settings, tmp_path, operations_url=feed.url, token=TOKEN)
        async with running_api(runtime) as api:
            async with runtime.database.writing() as session:
                session.add(
                    Programme(id=2, code="two", name="two", mode="live", status="active", created_at=AT)
                )
            async with runtime.database.writing(2) as session:
                session.add(FeedPosition(position=0))
            other = await person(api, "other", "*", programme=2)
            calls = api.calls.as_caller(api_key=other.headers["X-API-Key"])
            report = await calls.reconciliation.create_reconciliation()
            assert (report.differences, report.totals, report.is_balanced) == ([], [], False)
            assert "no operations URL" in (report.fault or "")
            (notice,) = (await calls.status.read_status()).notices
            assert notice.code == "reconciliation-incomplete"
            run = await calls.jobs.start_job("reconciliation", JobRunCreate())

            async def is_over() -> bool:
                return (await calls.jobs.read_job_run(run.id)).outcome == {"is_compared": False}

            await eventually(is_over)
            assert (await api.calls.status.read_status()).notices == []
