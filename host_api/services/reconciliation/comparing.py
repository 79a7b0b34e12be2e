"""The comparison of the bank of requests with the projection, in one snapshot of the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from host_api.core.database import AnySession
from host_api.core.host_link.identity import REQUESTS, REVERSALS, transmission_time
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.ledger.states import RequestState
from host_api.services.reconciliation.differences import Difference, DifferenceKind
from host_api.services.transactions import evidence
from host_api.services.transactions.evidence import Evidence

_PAGE = 500
_UNMOVED = (RequestState.DECLINED, RequestState.REVERSED)


@dataclass(slots=True)
class Findings:
    """What a comparison has looked at and found; each difference once."""

    requests: int = 0
    transactions: int = 0
    differences: dict[Difference, None] = field(default_factory=dict)

    def add(self, difference: Difference) -> None:
        """Note a difference."""
        self.differences[difference] = None


async def compare(
    session: AnySession, host_id: str, *, after: int, up_to: int, since: datetime | None
) -> Findings:
    """Compare transactions of positions above `after` up to `up_to`, and requests that ended since a time."""
    findings = Findings()
    await _transactions(session, host_id, after, up_to, findings)
    await _requests(session, up_to, since, findings)
    return findings


async def _transactions(
    session: AnySession, host_id: str, after: int, up_to: int, findings: Findings
) -> None:
    highest = await session.scalar(select(func.max(LedgerRequest.id))) or 0
    seen: dict[int, str] = {}
    while page := await evidence.of_terminal(session, host_id, after=after, up_to=up_to, limit=_PAGE):
        after = page[-1].position
        findings.transactions += len(page)
        rows = await _rows_of(session, page, highest)
        for found in page:
            row = _owner(found, rows, highest)
            if row is None:
                findings.add(Difference(DifferenceKind.WITHOUT_REQUEST, rrn=found.rrn, found=found.amount))
                continue
            if found.mti.startswith("04"):
                continue
            if row.id in seen and found.is_approved:
                findings.add(Difference(DifferenceKind.TWICE, row.id, found.rrn, found=found.amount))
            seen[row.id] = found.rrn
            _weigh(row, found, findings)


async def _requests(session: AnySession, up_to: int, since: datetime | None, findings: Findings) -> None:
    last_id = 0
    statement = select(LedgerRequest).where(LedgerRequest.state == RequestState.APPROVED.value)
    if since is not None:
        statement = statement.where(LedgerRequest.finished_at >= since)
    while True:
        page = list(
            await session.scalars(
                statement.where(LedgerRequest.id > last_id).order_by(LedgerRequest.id).limit(_PAGE)
            )
        )
        if not page:
            return
        last_id = page[-1].id
        findings.requests += len(page)
        known = await evidence.with_rrns(session, [row.rrn for row in page if row.rrn is not None])
        for row in page:
            if row.rrn is not None and int(row.rrn) > up_to:
                continue  # the projection has not come so far
            found = known.get(row.rrn or "")
            if found is None:
                findings.add(Difference(DifferenceKind.NOT_IN_JOURNAL, row.id, row.rrn, expected=row.amount))
            else:
                _weigh(row, found, findings)


def _weigh(row: LedgerRequest, found: Evidence, findings: Findings) -> None:
    """Compare a request with its transaction."""
    is_same = (
        row.fields["3"] == found.processing_code
        and row.amount == found.amount
        and (row.member_id is None or not found.is_approved or row.member_id == found.member_id)
    )
    if not is_same:
        kind = DifferenceKind.OTHER_CONTENT
    elif found.stands and row.state in _UNMOVED:
        kind = DifferenceKind.STANDS
    elif row.state == RequestState.APPROVED and not found.stands:
        kind = DifferenceKind.FELL
    elif row.state == RequestState.APPROVED and row.rrn != found.rrn:
        kind = DifferenceKind.TWICE
    else:
        return
    findings.add(Difference(kind, row.id, found.rrn, expected=row.amount, found=found.amount))


async def _rows_of(session: AnySession, page: Sequence[Evidence], highest: int) -> dict[int, LedgerRequest]:
    wanted = {number for found in page for number in _numbers(found, highest)}
    rows: Iterable[LedgerRequest] = await session.scalars(
        select(LedgerRequest).where(LedgerRequest.id.in_(sorted(wanted)))
    )
    return {row.id: row for row in rows}


def _numbers(found: Evidence, highest: int) -> list[int]:
    stans = REVERSALS if found.mti.startswith("04") else REQUESTS
    return stans.numbers(found.stan, highest)


def _owner(found: Evidence, rows: dict[int, LedgerRequest], highest: int) -> LedgerRequest | None:
    """The request that a transaction of this host carried out or took back."""
    for number in _numbers(found, highest):
        row = rows.get(number)
        at = None if row is None else (row.reversal_at if found.mti.startswith("04") else row.sent_at)
        if row is not None and at is not None and transmission_time(at) == found.transmitted_at:
            return row
    return None
