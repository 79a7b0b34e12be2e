"""Running a reconciliation and keeping its report."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from host_api.core.clock import to_epoch_ms, utc_now
from host_api.core.database import AnySession, Database, ReadSession, WriteSession
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.feed_position import read_position
from host_api.core.feed_projection import FeedSettings
from host_api.core.host_link.identity import transmission_time
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.services.reconciliation.comparing import Findings, compare
from host_api.services.reconciliation.differences import Difference, DifferenceKind
from host_api.services.reconciliation.events import RECONCILIATION_DIFFERED, ReconciliationDiffered
from host_api.services.reconciliation.listing import ReconciliationQuery
from host_api.services.reconciliation.models import Cell, Reconciliation
from host_api.services.reconciliation.schemas import (
    DifferenceRead,
    ReconciliationRead,
    ReconciliationState,
    TotalRead,
)
from host_api.services.transactions import evidence
from protocol.feed import MaintenanceEvent, TransactionEvent

if TYPE_CHECKING:
    from host_api.core.feed_client import FeedClient

Sums = dict[tuple[str, str], int]
# Ends a doubtful request as the journal has it: its id, state and RRN; whether that was done.
Settle = Callable[[int, RequestState, str | None], Awaitable[bool]]

_DIFFERENCES_KEPT = 500
_DOUBTFUL_AT_ONCE = 200
# So far the projection may be behind the switch and still be compared with it.
_EVENTS_BETWEEN = 20_000
_ABANDONED_AFTER = timedelta(hours=1)
_CLOCKS_APART = timedelta(minutes=1)
_DAY = timedelta(days=1)


class ReconciliationNotFound(Problem):
    """No reconciliation has this id."""

    status = 404
    code = "reconciliation-not-found"
    title = "Reconciliation not found"
    title_fa = "مغایرت‌گیری پیدا نشد"
    detail = "There is no reconciliation with this id."
    detail_fa = "مغایرت‌گیری‌ای با این شناسه وجود ندارد."


@dataclass(slots=True)
class _Report:
    position: int
    findings: Findings
    settled: int = 0
    totals_position: int | None = None
    totals: list[dict[str, Cell]] = field(default_factory=list)
    fault: str | None = None


async def begin(session: WriteSession, asked_by: str) -> ReconciliationRead:
    """Open a report, from where the last balanced one ended; `run` fills it."""
    now = utc_now()
    await session.execute(
        update(Reconciliation)
        .where(
            Reconciliation.state == ReconciliationState.RUNNING.value,
            Reconciliation.began_at < now - _ABANDONED_AFTER,
        )
        .values(state=ReconciliationState.FAILED.value, fault="the process ended before it", finished_at=now)
        .execution_options(synchronize_session=False)
    )
    last = await _last_balanced(session)
    row = Reconciliation(
        state=ReconciliationState.RUNNING.value,
        asked_by=asked_by,
        began_at=now,
        finished_at=None,
        is_balanced=None,
        fault=None,
        from_position=0 if last is None else last.position,
        position=0,
        totals_position=None,
        requests=0,
        transactions=0,
        settled=0,
        difference_count=0,
        differences=[],
        totals=[],
    )
    session.add(row)
    await session.flush()
    return _read(row)


async def run(
    database: Database,
    programme_id: int,
    report_id: int,
    *,
    feed: FeedSettings | None,
    host_id: str,
    settle: Settle,
    timeout_s: float = 600.0,
) -> ReconciliationRead:
    """Fill the report that `begin` opened; whatever happens, it is then done or failed.

    Parameters:
        host_id: under which this host's transactions stand in the journal.
        settle: ends doubtful requests, as `LedgerWorker.settle` does.
    """
    try:
        async with asyncio.timeout(timeout_s):
            report = await _compared(
                database, programme_id, report_id, feed=feed, host_id=host_id, settle=settle
            )
    except TimeoutError:
        return await _fail(database, programme_id, report_id, f"took longer than {timeout_s:g} seconds")
    except Exception as error:
        await _fail(database, programme_id, report_id, type(error).__name__)
        raise
    differences = list(report.findings.differences)
    async with database.writing(programme_id) as session:
        row = await _find(session, report_id)
        row.state = ReconciliationState.DONE.value
        row.finished_at = utc_now()
        row.is_balanced = not differences and report.fault is None
        row.fault = report.fault
        row.position = report.position
        row.totals_position = report.totals_position
        row.requests, row.transactions = report.findings.requests, report.findings.transactions
        row.settled = report.settled
        row.difference_count = len(differences)
        row.differences = [_cells(difference) for difference in differences[:_DIFFERENCES_KEPT]]
        row.totals = report.totals
        if differences:
            told = ReconciliationDiffered(reconciliation_id=row.id, differences=len(differences))
            emit(session, RECONCILIATION_DIFFERED, Subject("reconciliation", row.id), told)
    return _read(row)


async def reconcile(
    database: Database,
    programme_id: int,
    *,
    feed: FeedSettings | None,
    host_id: str,
    settle: Settle,
    asked_by: str = "reconciliation",
) -> ReconciliationRead:
    """Open a report and fill it: what a scheduled job calls."""
    async with database.writing(programme_id) as session:
        report = await begin(session, asked_by)
    return await run(database, programme_id, report.id, feed=feed, host_id=host_id, settle=settle)


async def read(session: AnySession, report_id: int) -> ReconciliationRead:
    """One report.

    Raises:
        ReconciliationNotFound
    """
    return _read(await _find(session, report_id))


async def read_page(session: ReadSession, query: ReconciliationQuery) -> Page[ReconciliationRead]:
    """A page of reports."""
    rows, next_cursor = await read_rows(session, select(Reconciliation), query)
    return Page(items=[_read(row) for row in rows], next_cursor=next_cursor)


async def _compared(
    database: Database,
    programme_id: int,
    report_id: int,
    *,
    feed: FeedSettings | None,
    host_id: str,
    settle: Settle,
) -> _Report:
    if feed is None:
        report, _ = await _of_database(database, programme_id, report_id, host_id)
        report.fault = "no operations URL is set: sums were not compared with the switch"
        return report
    # The HTTP client is slow to import.
    from host_api.core.feed_client import FeedClient, FeedNotUnderstood, FeedUnavailable  # noqa: PLC0415

    async with FeedClient(feed.operations_url, feed.token_path) as client:
        settled = 0
        try:
            settled = await _settle_doubtful(database, programme_id, client, host_id, settle)
            report, sums = await _of_database(database, programme_id, report_id, host_id)
            await _compare_sums(client, report, sums)
        except (FeedUnavailable, FeedNotUnderstood) as error:
            report, _ = await _of_database(database, programme_id, report_id, host_id)
            report.fault = f"sums were not compared with the switch: {error}"[:200]
    report.settled = settled
    return report


async def _of_database(
    database: Database, programme_id: int, report_id: int, host_id: str
) -> tuple[_Report, Sums]:
    """Everything that this database alone can tell, in one snapshot."""
    async with database.reading(programme_id) as session:
        row = await _find(session, report_id)
        last = await _last_balanced(session)
        position = (await read_position(session)).position
        findings = await compare(
            session,
            host_id,
            after=row.from_position,
            up_to=position,
            since=None if last is None else last.began_at - _CLOCKS_APART,
        )
        return _Report(position, findings), await evidence.lot_sums(session)


async def _compare_sums(client: "FeedClient", report: _Report, sums: Sums) -> None:
    """Compare sums of lots at the switch's position: what the projection has not applied yet is added."""
    totals = await client.totals()
    if totals.position < report.position:
        report.findings.add(
            Difference(DifferenceKind.SWITCH_BEHIND, expected=totals.position, found=report.position)
        )
        return
    lots: list[tuple[str, str, int]] = []
    position, events = report.position, 0
    while position < totals.position:
        batch = await client.poll(position, 1000)
        for event in batch:
            if event.position <= totals.position and isinstance(event, TransactionEvent | MaintenanceEvent):
                lots += [(lot.account, lot.purse, lot.delta) for lot in event.lots]
        events += len(batch)
        if not batch or events > _EVENTS_BETWEEN:
            report.fault = "the projection is too far behind: sums were not compared with the switch"
            return
        position = batch[-1].position
    ours = evidence.moved(sums, lots)
    theirs: Sums = {(row.holder, row.purse): row.amount for row in totals.totals}
    report.totals_position = totals.position
    for holder, purse in sorted({*ours, *theirs}):
        switch, projection = theirs.get((holder, purse), 0), ours.get((holder, purse), 0)
        report.totals.append({"holder": holder, "purse": purse, "switch": switch, "projection": projection})
        if switch != projection:
            report.findings.add(
                Difference(
                    DifferenceKind.OTHER_SUM, holder=holder, purse=purse, expected=switch, found=projection
                )
            )


async def _settle_doubtful(
    database: Database, programme_id: int, client: "FeedClient", host_id: str, settle: Settle
) -> int:
    """Find out from the journal what became of doubtful requests; how many.

    The switch decides nothing more under their identity. So once the projection has passed the moment of that
    answer, what it doesn't have was never decided.
    """
    async with database.reading(programme_id) as session:
        rows = list(
            await session.scalars(
                select(LedgerRequest)
                .where(LedgerRequest.state == RequestState.DOUBTFUL.value)
                .order_by(LedgerRequest.id)
                .limit(_DOUBTFUL_AT_ONCE)
            )
        )
        position = await read_position(session)
        found = {row.id: await _evidence_of(session, host_id, row) for row in rows}
    if not rows:
        return 0
    is_caught_up = not await client.poll(position.position, 0)
    settled = 0
    for row in rows:
        has_passed = is_caught_up or (
            row.finished_at is not None
            and position.last_event_at_ms is not None
            and position.last_event_at_ms > to_epoch_ms(row.finished_at + _CLOCKS_APART)
        )
        if has_passed and await settle(row.id, *_fate(found[row.id])):
            settled += 1
    return settled


async def _evidence_of(session: AnySession, host_id: str, row: LedgerRequest) -> list[evidence.Evidence]:
    if row.sent_at is None or row.finished_at is None:
        return []
    return await evidence.with_identity(
        session,
        host_id,
        row.stan,
        transmission_time(row.sent_at),
        since_ms=to_epoch_ms(row.sent_at - _DAY),
        until_ms=to_epoch_ms(row.finished_at + _DAY),
    )


def _fate(found: list[evidence.Evidence]) -> tuple[RequestState, str | None]:
    for entry in found:
        if entry.is_approved:
            return RequestState.APPROVED if entry.stands else RequestState.REVERSED, entry.rrn
    return RequestState.DECLINED, None


async def _fail(database: Database, programme_id: int, report_id: int, why: str) -> ReconciliationRead:
    async with database.writing(programme_id) as session:
        row = await _find(session, report_id)
        row.state, row.fault, row.finished_at = ReconciliationState.FAILED.value, why, utc_now()
    return _read(row)


async def _last_balanced(session: AnySession) -> Reconciliation | None:
    statement = select(Reconciliation).where(Reconciliation.is_balanced.is_(True))
    row: Reconciliation | None = await session.scalar(statement.order_by(Reconciliation.id.desc()).limit(1))
    return row


async def _find(session: AnySession, report_id: int) -> Reconciliation:
    row = await session.get(Reconciliation, report_id)
    if row is None:
        raise ReconciliationNotFound
    return row


def _cells(difference: Difference) -> dict[str, Cell]:
    return {**asdict(difference), "kind": difference.kind.code}


def _read_difference(cells: dict[str, Cell]) -> DifferenceRead:
    words = DifferenceKind[str(cells["kind"]).upper()].value
    return DifferenceRead.model_validate({**cells, **words._asdict()})


def _read(row: Reconciliation) -> ReconciliationRead:
    return ReconciliationRead(
        id=row.id,
        state=ReconciliationState(row.state),
        is_balanced=row.is_balanced,
        fault=row.fault,
        asked_by=row.asked_by,
        began_at=row.began_at,
        finished_at=row.finished_at,
        from_position=row.from_position,
        position=row.position,
        totals_position=row.totals_position,
        requests=row.requests,
        transactions=row.transactions,
        settled=row.settled,
        difference_count=row.difference_count,
        differences=[_read_difference(cells) for cells in row.differences],
        totals=[TotalRead.model_validate(total) for total in row.totals],
    )
