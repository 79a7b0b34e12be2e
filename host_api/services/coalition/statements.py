"""Statements of two clubs: proposed by one, agreed where the other's books say the same, then settled.

A period begins where the last agreed one ended. An exchange belongs to the period of the instant at which it
was credited, which both clubs keep; whoever credits takes that instant while the account is locked, so
nothing comes into a period after its end.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, decide
from host_api.services.coalition import clubs, mailbox
from host_api.services.coalition.exchange_schemas import (
    ClubExchangeState,
    ClubSettlementCreate,
    ClubSettlementRead,
    ClubSettlementState,
    ClubStatementCreate,
    ClubStatementRead,
    ClubStatementState,
)
from host_api.services.coalition.letter_contents import StatementAnswered, StatementProposed
from host_api.services.coalition.listing import ClubSettlementQuery, ClubStatementQuery
from host_api.services.coalition.models import (
    ClubAccount,
    ClubContract,
    ClubExchange,
    ClubSettlement,
    ClubStatement,
)
from host_api.services.coalition.problems import (
    ClubSettlementNotFound,
    ClubStatementNotAgreed,
    ClubStatementNotFound,
    ClubStatementPeriod,
)

MOST_LINES = 200_000


@dataclass(frozen=True, slots=True)
class Sums:
    """What the books here say of a period."""

    outgoing_count: int
    outgoing_rials: int
    incoming_count: int
    incoming_rials: int
    digest: str


async def propose(session: WriteSession, wanted: ClubStatementCreate) -> ClubStatementRead:
    """State what was exchanged since the last agreed statement, and have the other club compare.

    Raises:
        ClubNotFound, ClubStatementPeriod
    """
    account = await clubs.lock_account(session, wanted.club_id)
    is_over = wanted.end <= utc_now() and _is_after(account, wanted.end)
    if not is_over or await _open(session, account.club_id) is not None:
        raise ClubStatementPeriod
    sums = await sums_of(session, account, wanted.end)
    row = _new(account, wanted.end, sums, ClubStatementState.PROPOSED)
    session.add(row)
    await mailbox.write(
        session,
        account,
        StatementProposed(begin=account.closed_until, end=wanted.end, digest=sums.digest),
    )
    return shown(row)


async def take_proposed(session: WriteSession, account: ClubAccount, letter: StatementProposed) -> None:
    """The other club states a period: agree where the books here say the same."""
    own = await _open(session, account.club_id)
    is_agreed = False
    if letter.end <= utc_now() and letter.begin == account.closed_until and _is_after(account, letter.end):
        try:
            sums = await sums_of(session, account, letter.end)
        except ClubStatementPeriod:  # no letter may keep those behind it from being taken in
            await mailbox.write(session, account, StatementAnswered(end=letter.end, is_agreed=False))
            return
        is_agreed = sums.digest == letter.digest and (own is None or own.end == letter.end)
        if is_agreed:
            # What was proposed here may lack what has come since.
            if own is not None:
                own.state = ClubStatementState.DIFFERS.value
            session.add(_new(account, letter.end, sums, ClubStatementState.AGREED))
            account.closed_until = letter.end
    await mailbox.write(session, account, StatementAnswered(end=letter.end, is_agreed=is_agreed))


async def take_answer(session: WriteSession, account: ClubAccount, letter: StatementAnswered) -> None:
    """The other club has compared; where both proposed the same it is agreed already."""
    row = await _open(session, account.club_id)
    if row is None or row.end != letter.end:
        return
    if letter.is_agreed:
        row.state, account.closed_until = ClubStatementState.AGREED.value, row.end
    else:
        row.state = ClubStatementState.DIFFERS.value


async def sums_of(session: AnySession, account: ClubAccount, end: datetime) -> Sums:
    """The sums and the digest of what was done from the last agreed end on and before `end`.

    A line is the same text in both clubs: who began it, when it was credited, contract, lots and rials.

    Raises:
        ClubStatementPeriod: more lines than a statement may have; end it earlier.
    """
    begin = account.closed_until
    statement = (
        select(
            ClubExchange.reference,
            ClubExchange.done_at,
            ClubContract.code,
            ClubExchange.lots,
            ClubExchange.rials,
            ClubExchange.is_outgoing,
        )
        .join(ClubContract, ClubContract.id == ClubExchange.contract_id)
        .where(
            ClubExchange.club_id == account.club_id,
            ClubExchange.state == ClubExchangeState.DONE.value,
            ClubExchange.done_at < end,
            *(() if begin is None else (ClubExchange.done_at >= begin,)),
        )
        .limit(MOST_LINES + 1)
    )
    lines: list[str] = []
    counts, rials = [0, 0], [0, 0]
    for reference, done_at, contract, lots, worth, is_outgoing in await session.execute(statement):
        if done_at is None:
            raise LookupError("what is done has its time")
        lines.append(f"{reference} {done_at.isoformat()} {contract} {lots} {worth}\n")
        counts[is_outgoing] += 1
        rials[is_outgoing] += worth
    if len(lines) > MOST_LINES:
        raise ClubStatementPeriod
    digest = hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
    return Sums(counts[True], rials[True], counts[False], rials[False], digest)


async def ask_settlement(
    session: WriteSession, caller: Caller, wanted: ClubSettlementCreate
) -> ClubSettlementRead:
    """Tell that a statement was paid; a second person confirms it.

    Raises:
        ClubStatementNotFound, ClubStatementNotAgreed
    """
    statement = await _find(session, wanted.statement_id)
    await clubs.lock_account(session, statement.club_id)
    await session.refresh(statement)
    asked = await session.scalar(
        select(ClubSettlement.id).where(
            ClubSettlement.statement_id == statement.id,
            ClubSettlement.state == ClubSettlementState.ASKED.value,
        )
    )
    if statement.state != ClubStatementState.AGREED or asked is not None:
        raise ClubStatementNotAgreed
    row = ClubSettlement(
        statement_id=statement.id,
        bank_reference=wanted.bank_reference,
        state=ClubSettlementState.ASKED.value,
        **asked_by(caller),
    )
    session.add(row)
    await session.flush()
    return _shown_settlement(row)


async def decide_settlement(
    session: WriteSession, caller: Caller, settlement_id: int, *, is_paid: bool
) -> ClubSettlementRead:
    """Confirm a settlement, or turn it down: what was owed for the period is owed no more.

    Raises:
        ClubSettlementNotFound, AlreadyDecided, OwnAct
    """
    row = await session.get(ClubSettlement, settlement_id)
    if row is None:
        raise ClubSettlementNotFound
    statement = await _find(session, row.statement_id)
    account = await clubs.lock_account(session, statement.club_id)
    await session.refresh(row)
    decide(row, ClubSettlementState.PAID if is_paid else ClubSettlementState.REJECTED, caller)
    if is_paid:
        statement.state = ClubStatementState.SETTLED.value
        account.balance_rials -= statement.net_rials
    await session.flush()
    return _shown_settlement(row)


async def read(session: AnySession, statement_id: int) -> ClubStatementRead:
    """One statement.

    Raises:
        ClubStatementNotFound
    """
    return shown(await _find(session, statement_id))


async def read_page(session: ReadSession, query: ClubStatementQuery) -> Page[ClubStatementRead]:
    """A page of statements."""
    rows, next_cursor = await read_rows(session, select(ClubStatement), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def read_settlements(session: ReadSession, query: ClubSettlementQuery) -> Page[ClubSettlementRead]:
    """A page of settlements."""
    rows, next_cursor = await read_rows(session, select(ClubSettlement), query)
    return Page(items=[_shown_settlement(row) for row in rows], next_cursor=next_cursor)


async def _find(session: AnySession, statement_id: int) -> ClubStatement:
    row = await session.get(ClubStatement, statement_id)
    if row is None:
        raise ClubStatementNotFound
    return row


async def _open(session: AnySession, club_id: int) -> ClubStatement | None:
    return await session.scalar(
        select(ClubStatement).where(
            ClubStatement.club_id == club_id, ClubStatement.state == ClubStatementState.PROPOSED.value
        )
    )


def _is_after(account: ClubAccount, end: datetime) -> bool:
    return account.closed_until is None or account.closed_until < end


def _new(account: ClubAccount, end: datetime, sums: Sums, state: ClubStatementState) -> ClubStatement:
    return ClubStatement(
        club_id=account.club_id,
        begin=account.closed_until,
        end=end,
        outgoing_count=sums.outgoing_count,
        outgoing_rials=sums.outgoing_rials,
        incoming_count=sums.incoming_count,
        incoming_rials=sums.incoming_rials,
        net_rials=sums.incoming_rials - sums.outgoing_rials,
        digest=sums.digest,
        state=state.value,
        made_at=utc_now(),
    )


def shown(row: ClubStatement) -> ClubStatementRead:
    """A statement as callers see it."""
    return ClubStatementRead(
        id=row.id,
        club_id=row.club_id,
        begin=row.begin,
        end=row.end,
        outgoing_count=row.outgoing_count,
        outgoing_rials=row.outgoing_rials,
        incoming_count=row.incoming_count,
        incoming_rials=row.incoming_rials,
        net_rials=row.net_rials,
        digest=row.digest,
        state=ClubStatementState(row.state),
        made_at=row.made_at,
    )


def _shown_settlement(row: ClubSettlement) -> ClubSettlementRead:
    return ClubSettlementRead(
        id=row.id,
        statement_id=row.statement_id,
        bank_reference=row.bank_reference,
        state=ClubSettlementState(row.state),
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
    )
