"""Spendings at partners: proved by the member, debited by the switch, cancelled by the partner."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.isolation import programme_of
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import LARGEST_AMOUNT, debit, return_of_debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.core.period_limits import PeriodLimits, check_period_limits
from host_api.core.persian_text import persian_digits
from host_api.services.cards.lookup import holder_of
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.messages import codes
from host_api.services.partner_spending import partners, statements
from host_api.services.partner_spending.events import (
    PARTNER_SPENDING_ACCEPTED,
    PARTNER_SPENDING_RETURNED,
    PartnerSpendingEvent,
)
from host_api.services.partner_spending.listing import PartnerSpendingQuery
from host_api.services.partner_spending.models import Partner, PartnerSpending
from host_api.services.partner_spending.problems import (
    PartnerNotOpen,
    PartnerReferenceUsed,
    PartnerSpendingNotFound,
    PartnerUnitsOutOfRange,
    ProofNotAccepted,
    SpenderNotFound,
)
from host_api.services.partner_spending.problems import PartnerSpendingState as NotInThisState
from host_api.services.partner_spending.schemas import (
    PartnerCodeCreate,
    PartnerCodeRead,
    PartnerMovementKind,
    PartnerSpendingCreate,
    PartnerSpendingRead,
    PartnerSpendingState,
    Proof,
)

SERVICE: Final = "partner_spending"
PATIENCE: Final = timedelta(minutes=2)  # somebody stands at the partner's counter

_DEBIT, _RETURN = "debit", "return"
_UNCOUNTED: Final = (PartnerSpendingState.REFUSED.value, PartnerSpendingState.RETURNED.value)

Spent = tuple[PartnerSpendingRead, int | None]


async def send_code(
    session: WriteSession, cipher: FieldCipher, caller: Caller, wanted: PartnerCodeCreate
) -> PartnerCodeRead:
    """Text a member a code that is good for this spending alone.

    Raises:
        NotAPartner, PartnerNotOpen, ProofNotAccepted, PartnerUnitsOutOfRange, SpenderNotFound, NoMobile,
        TooManyMemberCodes
    """
    partner = await _open_partner(session, caller, Proof.CODE, wanted.units)
    member_id = await _member(session, cipher, wanted)
    good_until = await codes.send_code(
        session,
        cipher,
        member_id,
        topic=SERVICE,
        reference=_code_reference(partner, wanted),
        text_fa=f"کد خرج {persian_digits(str(wanted.units))} امتیاز نزد {partner.name}",
        text_en=f"Code for spending {wanted.units} points at {partner.name}",
    )
    return PartnerCodeRead(reference=wanted.reference, good_until=good_until)


async def spend(
    session: WriteSession, cipher: FieldCipher, caller: Caller, wanted: PartnerSpendingCreate
) -> Spent | Problem:
    """Debit a member for a partner; again under the same reference nothing new. With the request's id.

    A wrong code is given back as a problem: its try counts, so the transaction is committed.

    Raises:
        NotAPartner, PartnerNotOpen, ProofNotAccepted, PartnerUnitsOutOfRange, SpenderNotFound,
        PartnerReferenceUsed, PeriodLimitReached
    """
    partner = await partners.of_caller(session, caller)
    member_id = await _member(session, cipher, wanted)
    await members.lock(session, member_id)
    known = await _known(session, partner.id, wanted.reference)
    if known is not None:
        if (known.member_id, known.units) != (member_id, wanted.units):
            raise PartnerReferenceUsed
        return shown(known), known.request_id
    partner = await _open_partner(session, caller, wanted.proof, wanted.units)
    await _check_limits(session, partner, member_id, wanted.units)
    if wanted.code is not None:
        problem = await codes.try_member_code(
            session,
            cipher,
            member_id,
            wanted.code,
            topic=SERVICE,
            reference=_code_reference(partner, wanted),
        )
        if problem is not None:
            return problem
    rials, commission = partners.worth_of(partner, wanted.units)
    row = PartnerSpending(
        partner_id=partner.id,
        reference=wanted.reference,
        member_id=member_id,
        proof=wanted.proof.value,
        purse=partner.purse,
        units=wanted.units,
        rials=rials,
        commission_rials=commission,
        state=PartnerSpendingState.PAYING.value,
        is_cancel_wanted=False,
        asked_at=utc_now(),
        return_attempts=0,
    )
    session.add(row)
    async with conflict_as(PartnerReferenceUsed()):  # at the same moment for another member
        await session.flush()
    row.request_id = await request_points(
        session,
        debit(member_id, row.purse, row.units, f"{partner.code} {row.reference}"),
        service=SERVICE,
        reference=f"{_DEBIT}:{row.id}",
        asked_by=caller,
        reason=f"{partner.code} {row.reference}",
        patience=PATIENCE,
    )
    await session.flush()
    return shown(row), row.request_id


async def cancel(session: WriteSession, caller: Caller, reference: str) -> PartnerSpendingRead:
    """Take a spending back, whole; one that is still on its way as soon as it has arrived.

    Raises:
        NotAPartner, PartnerSpendingNotFound, PartnerSpendingState
    """
    partner = await partners.of_caller(session, caller)
    known = await _known(session, partner.id, reference)
    row = None if known is None else await _lock(session, known.id)
    if row is None:
        raise PartnerSpendingNotFound
    if row.state == PartnerSpendingState.REFUSED:
        raise NotInThisState
    row.is_cancel_wanted = True
    if row.state == PartnerSpendingState.ACCEPTED:
        await _give_back(session, row)
    await session.flush()
    return shown(row)


async def return_again(session: WriteSession, spending_id: int) -> PartnerSpendingRead:
    """Ask the switch again to give the units back, where it refused.

    Raises:
        PartnerSpendingNotFound, PartnerSpendingState
    """
    row = await _lock(session, spending_id)
    if row.state != PartnerSpendingState.UNRETURNED:
        raise NotInThisState
    await _give_back(session, row)
    return shown(row)


async def read(session: AnySession, spending_id: int) -> PartnerSpendingRead:
    """One spending.

    Raises:
        PartnerSpendingNotFound
    """
    row = await session.get(PartnerSpending, spending_id)
    if row is None:
        raise PartnerSpendingNotFound
    return shown(row)


async def read_own(session: AnySession, caller: Caller, reference: str) -> PartnerSpendingRead:
    """A partner's own spending by its reference.

    Raises:
        NotAPartner, PartnerSpendingNotFound
    """
    partner = await partners.of_caller(session, caller)
    row = await _known(session, partner.id, reference)
    if row is None:
        raise PartnerSpendingNotFound
    return shown(row)


async def read_page(session: ReadSession, query: PartnerSpendingQuery) -> Page[PartnerSpendingRead]:
    """A page of spendings."""
    rows, next_cursor = await read_rows(session, select(PartnerSpending), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Keep what the switch has made of a spending, or of giving it back, and write the partner's account."""
    what, spending_id = outcome.reference.split(":")[:2]
    row = await _lock(session, int(spending_id))
    row.response_code = outcome.response_code
    if what == _DEBIT:
        await _after_debit(session, row, outcome)
    elif outcome.state is RequestState.APPROVED:
        row.state, row.return_rrn = PartnerSpendingState.RETURNED.value, outcome.rrn
        statements.write(session, row, PartnerMovementKind.RETURN, outcome.rrn or "")
        emit(session, PARTNER_SPENDING_RETURNED, Subject("partner_spending", row.id), _event(row))
    elif outcome.state is not RequestState.DOUBTFUL:  # of that reconciliation tells the end
        row.state = PartnerSpendingState.UNRETURNED.value
    await session.flush()


async def _after_debit(session: WriteSession, row: PartnerSpending, outcome: Outcome) -> None:
    match outcome.state:
        case RequestState.APPROVED:
            row.state, row.rrn = PartnerSpendingState.ACCEPTED.value, outcome.rrn
            statements.write(session, row, PartnerMovementKind.DEBIT, outcome.rrn or "")
            emit(session, PARTNER_SPENDING_ACCEPTED, Subject("partner_spending", row.id), _event(row))
            if row.is_cancel_wanted:
                await _give_back(session, row)
        case RequestState.DOUBTFUL:
            row.state = PartnerSpendingState.DOUBTFUL.value
        case _:
            row.state = PartnerSpendingState.REFUSED.value


async def _give_back(session: WriteSession, row: PartnerSpending) -> None:
    if row.rrn is None:
        raise LookupError("only what was debited can be given back")
    row.state = PartnerSpendingState.RETURNING.value
    row.return_attempts += 1
    await session.flush()
    await request_points(
        session,
        return_of_debit(row.member_id, row.purse, row.units, row.rrn),
        service=SERVICE,
        reference=f"{_RETURN}:{row.id}:{row.return_attempts}",
        asked_by=system_caller(SERVICE, programme_of(session.sync_session)),
        reason=f"partner spending {row.id}",
    )


async def _open_partner(session: AnySession, caller: Caller, proof: Proof, units: int) -> Partner:
    partner = await partners.of_caller(session, caller)
    if not partners.is_open(partner, utc_now()):
        raise PartnerNotOpen
    if proof.value not in partner.proofs:
        raise ProofNotAccepted
    is_in_range = partner.least_units <= units <= partner.most_units
    if not is_in_range or partners.worth_of(partner, units)[0] > LARGEST_AMOUNT:
        raise PartnerUnitsOutOfRange
    return partner


async def _member(
    session: AnySession, cipher: FieldCipher, wanted: PartnerCodeCreate | PartnerSpendingCreate
) -> int:
    found = wanted.member_id
    if wanted.mobile is not None:
        found = (await members.ids_by_mobile(session, cipher, [wanted.mobile])).get(wanted.mobile)
    elif isinstance(wanted, PartnerSpendingCreate) and wanted.card_number is not None:
        found = await holder_of(session, cipher, wanted.card_number)
    try:
        member = await members.find(session, found or 0)
    except members.MemberNotFound:
        raise SpenderNotFound from None
    if member.status != MemberStatus.ACTIVE:
        raise SpenderNotFound
    return member.id


async def _check_limits(session: AnySession, partner: Partner, member_id: int, units: int) -> None:
    await check_period_limits(
        session,
        PeriodLimits.model_validate(partner.limits),
        units,
        utc_now(),
        amount=PartnerSpending.units,
        at=PartnerSpending.asked_at,
        where=[
            PartnerSpending.member_id == member_id,
            PartnerSpending.partner_id == partner.id,
            PartnerSpending.state.not_in(_UNCOUNTED),
        ],
    )


async def _known(session: AnySession, partner_id: int, reference: str) -> PartnerSpending | None:
    return await session.scalar(
        select(PartnerSpending).where(
            PartnerSpending.partner_id == partner_id, PartnerSpending.reference == reference
        )
    )


async def _lock(session: WriteSession, spending_id: int) -> PartnerSpending:
    row = await session.get(PartnerSpending, spending_id, with_for_update=True)
    if row is None:
        raise PartnerSpendingNotFound
    return row


def _code_reference(partner: Partner, wanted: PartnerCodeCreate | PartnerSpendingCreate) -> str:
    """A code is for the units that the member was told, too."""
    return f"{partner.id}:{wanted.reference}:{wanted.units}"


def _event(row: PartnerSpending) -> PartnerSpendingEvent:
    return PartnerSpendingEvent(
        spending_id=row.id,
        partner_id=row.partner_id,
        member_id=row.member_id,
        units=row.units,
        rials=row.rials,
    )


def shown(row: PartnerSpending) -> PartnerSpendingRead:
    """A spending as callers see it."""
    return PartnerSpendingRead(
        id=row.id,
        partner_id=row.partner_id,
        reference=row.reference,
        member_id=row.member_id,
        proof=Proof(row.proof),
        purse=row.purse,
        units=row.units,
        rials=row.rials,
        commission_rials=row.commission_rials,
        state=PartnerSpendingState(row.state),
        asked_at=row.asked_at,
        response_code=row.response_code,
        rrn=row.rrn,
        return_rrn=row.return_rrn,
    )
