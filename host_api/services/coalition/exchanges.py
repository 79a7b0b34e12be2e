"""Exchanges: debited here and credited there, each by its club's own switch, or neither in the end."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.isolation import programme_of
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import LARGEST_AMOUNT, credit, debit, return_of_debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.services.coalition import clubs, contracts, links, mailbox
from host_api.services.coalition.events import CLUB_EXCHANGE_DONE, ClubExchangeEvent
from host_api.services.coalition.exchange_schemas import (
    ClubExchangeCreate,
    ClubExchangeRead,
    ClubExchangeState,
)
from host_api.services.coalition.letter_contents import ExchangeDone, ExchangeRefused, ExchangeSent
from host_api.services.coalition.listing import ClubExchangeFilters, ClubExchangeQuery
from host_api.services.coalition.models import (
    ClubAccount,
    ClubContract,
    ClubExchange,
    ClubLink,
    PartnerClub,
)
from host_api.services.coalition.problems import (
    ClubLinkMissing,
    ExchangeNotFound,
    ExchangeNotReturnable,
    LetterNotUnderstood,
)
from host_api.services.coalition.schemas import ClubLinkState, ClubStatus

SERVICE: Final = "coalition"
PATIENCE: Final = timedelta(minutes=2)  # then a doubtful movement is taken back

_CLOCKS_APART: Final = timedelta(minutes=5)
_DEBIT, _CREDIT, _RETURN = "debit", "credit", "return"
_SWITCH, _LIMIT, _CONTRACT, _MEMBER = "switch", "limit", "contract", "member"


async def ask(session: WriteSession, caller: Caller, wanted: ClubExchangeCreate) -> ClubExchangeRead:
    """Debit a member of whole lots, for the other club to credit.

    Raises:
        ClubContractNotFound, ClubContractNotOpen, ClubNotOpen, ClubMemberNotActive, ClubLinkMissing,
        LessThanALot
    """
    contract = await contracts.find_open(session, wanted.contract_id)
    club = await clubs.find_open(session, contract.club_id)
    await links.check_active(session, wanted.member_id)
    await links.of_member(session, club.id, wanted.member_id)
    lots = contracts.lots_in(contract, wanted.units)
    account = await clubs.lock_account(session, club.id)
    reference = await clubs.next_reference(session, account)
    row = _new(contract, wanted.member_id, lots, reference, is_outgoing=True)
    session.add(row)
    await session.flush()
    await request_points(
        session,
        debit(row.member_id, row.purse, row.own_units, _text(club, row)),
        service=SERVICE,
        reference=f"{_DEBIT}:{row.id}",
        asked_by=caller,
        reason=_text(club, row),
        patience=PATIENCE,
    )
    await session.flush()
    return shown(row)


async def take_sent(session: WriteSession, account: ClubAccount, letter: ExchangeSent) -> None:
    """The other club has debited its member: credit ours, within what that club may owe; else refuse.

    The account is locked by the caller of this: whatever counts against the limit is in it.

    Raises:
        LetterNotUnderstood
    """
    await clubs.check_reference(session, account.club_id, letter.reference)
    if await _by_reference(session, account.club_id, letter.reference) is not None:
        raise LetterNotUnderstood
    club = await clubs.find(session, account.club_id)
    contract = await contracts.by_code(session, club.id, letter.contract)
    link = await links.by_reference(session, club.id, letter.link)
    member_id = None
    if link is not None and link.state == ClubLinkState.ACTIVE:
        member_id = await links.member_of(session, link)
    if contract is None or not contracts.is_open(contract) or club.status != ClubStatus.ACTIVE:
        await _refuse(session, account, letter.reference, _CONTRACT)
        return
    if member_id is None:
        await _refuse(session, account, letter.reference, _MEMBER)
        return
    lots = contracts.lots_of(contract, letter.lots)
    owed = account.balance_rials + account.reserved_rials + lots.rials
    if owed > club.credit_limit_rials or max(lots.own_units, lots.partner_units) > LARGEST_AMOUNT:
        await _refuse(session, account, letter.reference, _LIMIT)
        return
    account.reserved_rials += lots.rials
    row = _new(contract, member_id, lots, letter.reference, is_outgoing=False)
    session.add(row)
    await session.flush()
    await request_points(
        session,
        credit(member_id, row.purse, row.own_units, _text(club, row)),
        service=SERVICE,
        reference=f"{_CREDIT}:{row.id}",
        asked_by=_system(session),
        reason=_text(club, row),
        patience=PATIENCE,
    )


async def take_done(session: WriteSession, account: ClubAccount, letter: ExchangeDone) -> None:
    """The other club has credited its member, so this one owes it.

    Raises:
        LetterNotUnderstood: nothing waits for that, or its time lies ahead or in a period that is closed.
    """
    row = await _sent(session, account.club_id, letter.reference)
    is_closed = account.closed_until is not None and letter.at < account.closed_until
    if is_closed or letter.at > utc_now() + _CLOCKS_APART:
        raise LetterNotUnderstood
    _finish(session, account, row, letter.at)


async def take_refused(session: WriteSession, account: ClubAccount, letter: ExchangeRefused) -> None:
    """The other club won't credit: what was debited goes back.

    Raises:
        LetterNotUnderstood
    """
    row = await _sent(session, account.club_id, letter.reference)
    row.reason = letter.reason
    await _give_back(session, row)


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Go on with what the switch here has decided."""
    what, exchange_id = outcome.reference.split(":")[:2]
    found = await session.get(ClubExchange, int(exchange_id))
    if found is None:
        raise LookupError("an outcome of no exchange")
    account = await clubs.lock_account(session, found.club_id)
    row = await _lock(session, found.id)
    row.response_code = outcome.response_code
    if outcome.state is RequestState.DOUBTFUL:
        row.state = ClubExchangeState.DOUBTFUL.value
    elif what == _RETURN:
        _after_return(row, outcome)
    elif what == _DEBIT:
        await _after_debit(session, account, row, outcome)
    else:
        await _after_credit(session, account, row, outcome)
    await session.flush()


async def return_again(session: WriteSession, exchange_id: int) -> ClubExchangeRead:
    """Ask the switch again to give units back, where it refused.

    Raises:
        ExchangeNotFound, ExchangeNotReturnable
    """
    row = await _lock(session, exchange_id)
    if row.state != ClubExchangeState.UNRETURNED:
        raise ExchangeNotReturnable
    await _give_back(session, row)
    return shown(row)


async def read(session: AnySession, exchange_id: int) -> ClubExchangeRead:
    """One exchange.

    Raises:
        ExchangeNotFound
    """
    row = await session.get(ClubExchange, exchange_id)
    if row is None:
        raise ExchangeNotFound
    return shown(row)


async def read_page(session: ReadSession, query: ClubExchangeQuery) -> Page[ClubExchangeRead]:
    """A page of exchanges."""
    rows, next_cursor = await read_rows(session, select(ClubExchange), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: ClubExchangeFilters, cursor: str | None, limit: int
) -> tuple[list[ClubExchangeRead], str | None]:
    """Up to `limit` exchanges after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(ClubExchange), query, cursor, limit)
    return [shown(row) for row in rows], next_cursor


async def _after_debit(
    session: WriteSession, account: ClubAccount, row: ClubExchange, outcome: Outcome
) -> None:
    if outcome.state is not RequestState.APPROVED:
        row.state, row.reason = ClubExchangeState.REFUSED.value, _SWITCH
        return
    row.rrn = outcome.rrn
    contract = await session.get_one(ClubContract, row.contract_id)
    link = await _link(session, row)
    if link is None:  # ended meanwhile
        row.reason = _MEMBER
        await _give_back(session, row)
        return
    row.state = ClubExchangeState.SENT.value
    letter = ExchangeSent(reference=row.reference, contract=contract.code, link=link.reference, lots=row.lots)
    await mailbox.write(session, account, letter)


async def _after_credit(
    session: WriteSession, account: ClubAccount, row: ClubExchange, outcome: Outcome
) -> None:
    account.reserved_rials -= row.rials
    if outcome.state is not RequestState.APPROVED:
        row.state = ClubExchangeState.REFUSED.value
        await _refuse(session, account, row.reference, _SWITCH)
        return
    row.rrn = outcome.rrn
    at = utc_now()
    if account.closed_until is not None:  # a clock that was set back
        at = max(at, account.closed_until)
    _finish(session, account, row, at)
    await mailbox.write(session, account, ExchangeDone(reference=row.reference, at=at))


def _after_return(row: ClubExchange, outcome: Outcome) -> None:
    is_returned = outcome.state is RequestState.APPROVED
    row.state = (ClubExchangeState.RETURNED if is_returned else ClubExchangeState.UNRETURNED).value
    row.return_rrn = outcome.rrn


def _finish(session: WriteSession, account: ClubAccount, row: ClubExchange, at: datetime) -> None:
    row.state, row.done_at = ClubExchangeState.DONE.value, at
    account.balance_rials += -row.rials if row.is_outgoing else row.rials
    emit(
        session,
        CLUB_EXCHANGE_DONE,
        Subject("club_exchange", row.id),
        ClubExchangeEvent(
            exchange_id=row.id,
            club_id=row.club_id,
            member_id=row.member_id,
            is_outgoing=row.is_outgoing,
            own_units=row.own_units,
            partner_units=row.partner_units,
            rials=row.rials,
        ),
    )


async def _give_back(session: WriteSession, row: ClubExchange) -> None:
    if row.rrn is None:
        raise LookupError("only what was debited can be given back")
    row.state = ClubExchangeState.RETURNING.value
    row.return_attempts += 1
    await session.flush()
    await request_points(
        session,
        return_of_debit(row.member_id, row.purse, row.own_units, row.rrn),
        service=SERVICE,
        reference=f"{_RETURN}:{row.id}:{row.return_attempts}",
        asked_by=_system(session),
        reason=f"exchange {row.reference}",
    )


async def _refuse(session: WriteSession, account: ClubAccount, reference: str, reason: str) -> None:
    await mailbox.write(session, account, ExchangeRefused(reference=reference, reason=reason))


async def _link(session: AnySession, row: ClubExchange) -> ClubLink | None:
    try:
        return await links.of_member(session, row.club_id, row.member_id)
    except ClubLinkMissing:
        return None


async def _by_reference(session: AnySession, club_id: int, reference: str) -> ClubExchange | None:
    return await session.scalar(
        select(ClubExchange).where(ClubExchange.club_id == club_id, ClubExchange.reference == reference)
    )


async def _sent(session: WriteSession, club_id: int, reference: str) -> ClubExchange:
    row = await _by_reference(session, club_id, reference)
    if row is None or not row.is_outgoing or row.state != ClubExchangeState.SENT:
        raise LetterNotUnderstood
    return row


async def _lock(session: WriteSession, exchange_id: int) -> ClubExchange:
    row = await session.get(ClubExchange, exchange_id, with_for_update=True)
    if row is None:
        raise ExchangeNotFound
    return row


def _new(
    contract: ClubContract, member_id: int, lots: contracts.Lots, reference: str, *, is_outgoing: bool
) -> ClubExchange:
    return ClubExchange(
        club_id=contract.club_id,
        contract_id=contract.id,
        member_id=member_id,
        reference=reference,
        is_outgoing=is_outgoing,
        purse=contract.own_purse,
        lots=lots.count,
        own_units=lots.own_units,
        partner_units=lots.partner_units,
        rials=lots.rials,
        remainder_units=lots.remainder_units,
        state=(ClubExchangeState.DEBITING if is_outgoing else ClubExchangeState.CREDITING).value,
        asked_at=utc_now(),
        return_attempts=0,
    )


def _text(club: PartnerClub, row: ClubExchange) -> str:
    return f"{club.club_code} {row.reference}"


def _system(session: WriteSession) -> Caller:
    return system_caller(SERVICE, programme_of(session.sync_session))


def shown(row: ClubExchange) -> ClubExchangeRead:
    """An exchange as callers see it."""
    return ClubExchangeRead(
        id=row.id,
        club_id=row.club_id,
        contract_id=row.contract_id,
        member_id=row.member_id,
        reference=row.reference,
        is_outgoing=row.is_outgoing,
        purse=row.purse,
        lots=row.lots,
        own_units=row.own_units,
        partner_units=row.partner_units,
        rials=row.rials,
        remainder_units=row.remainder_units,
        state=ClubExchangeState(row.state),
        reason=row.reason,
        asked_at=row.asked_at,
        done_at=row.done_at,
        response_code=row.response_code,
        rrn=row.rrn,
        return_rrn=row.return_rrn,
    )
