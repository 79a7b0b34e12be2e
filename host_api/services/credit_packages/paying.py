"""Paying what is owed: a member's wallet is debited, a guest's receipt is seen by a second person."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.isolation import programme_of
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import debit, return_of_debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, decide
from host_api.core.second_person import cancel as withdraw
from host_api.core.tehran_time import tehran_date
from host_api.services.credit_packages import packages
from host_api.services.credit_packages.contracts import SERVICE
from host_api.services.credit_packages.interest.allocation import CreditDebt, Owed, allocate
from host_api.services.credit_packages.ledger import post, settle
from host_api.services.credit_packages.listing import PaymentQuery
from host_api.services.credit_packages.models import CreditContract, CreditPayment
from host_api.services.credit_packages.payment_schemas import CreditPaymentCreate, CreditPaymentRead
from host_api.services.credit_packages.problems import (
    PaymentNotFound,
    PaymentNotInThisState,
    PaymentTooLarge,
    ReferenceUsed,
)
from host_api.services.credit_packages.states import (
    CreditAccount,
    CreditContractState,
    CreditEntryKind,
    CreditPaymentState,
)
from host_api.services.guests import logic as guests
from host_api.services.members import logic as members
from protocol.dialect import PurseCode

PATIENCE: Final = timedelta(minutes=15)
OPEN_STATES: Final = (
    CreditPaymentState.DEBITING.value,
    CreditPaymentState.DOUBTFUL.value,
    CreditPaymentState.RETURNING.value,
    CreditPaymentState.UNRETURNED.value,
)


async def pay(
    session: WriteSession, cipher: FieldCipher, caller: Caller, wanted: CreditPaymentCreate
) -> tuple[CreditPaymentRead, int | None]:
    """Take a payment in; and of a member the id of the request that debits the wallet.

    Raises:
        MemberNotFound, GuestNotFound, PaymentTooLarge, ReferenceUsed
    """
    row = CreditPayment(
        **wanted.model_dump(),
        applied=0,
        return_attempts=0,
        state=CreditPaymentState.ASKED.value,
        **asked_by(caller),
    )
    if row.member_id is not None:
        # Whoever pays in a member's name queues here, so that two do not pay the same debt.
        await members.lock(session, row.member_id)
        row.state, row.paid_on = CreditPaymentState.DEBITING.value, tehran_date(utc_now())
    else:
        row.guest_id = (await guests.read(session, cipher, row.guest_id or 0)).id
    _, left = allocate(row.rials, await owed_by(session, await _contracts(session, row)))
    if left or (row.paid_on is not None and row.paid_on > tehran_date(utc_now())):
        raise PaymentTooLarge
    session.add(row)
    async with conflict_as(ReferenceUsed()):
        await session.flush()
    if row.member_id is None:
        return CreditPaymentRead.model_validate(row), None
    request_id = await request_points(
        session,
        debit(row.member_id, PurseCode.WALLET, row.rials, _reason(row)),
        service=SERVICE,
        reference=f"pay-{row.id}",
        asked_by=caller,
        reason=_reason(row),
        patience=PATIENCE,
    )
    return CreditPaymentRead.model_validate(row), request_id


async def approve(session: WriteSession, caller: Caller, payment_id: int) -> CreditPaymentRead:
    """See a guest's receipt as the second person: it pays what is owed.

    Raises:
        PaymentNotFound, AlreadyDecided, OwnAct, PaymentTooLarge: less is owed by now.
    """
    row = await _lock(session, payment_id)
    decide(row, CreditPaymentState.APPLIED, caller)
    if await _apply(session, row):
        raise PaymentTooLarge
    await session.flush()
    return CreditPaymentRead.model_validate(row)


async def reject(session: WriteSession, caller: Caller, payment_id: int) -> CreditPaymentRead:
    """Turn a receipt down; its number may be told again.

    Raises:
        PaymentNotFound, AlreadyDecided, OwnAct
    """
    row = await _lock(session, payment_id)
    decide(row, CreditPaymentState.REJECTED, caller)
    row.receipt = None
    await session.flush()
    return CreditPaymentRead.model_validate(row)


async def cancel(session: WriteSession, caller: Caller, payment_id: int) -> CreditPaymentRead:
    """Take one's own receipt back; its number may be told again.

    Raises:
        PaymentNotFound, AlreadyDecided, ActOfAnother
    """
    row = await _lock(session, payment_id)
    withdraw(row, caller)
    row.receipt = None
    await session.flush()
    return CreditPaymentRead.model_validate(row)


async def return_again(session: WriteSession, payment_id: int) -> CreditPaymentRead:
    """Ask the switch again to give back what no debt took.

    Raises:
        PaymentNotFound, PaymentNotInThisState
    """
    row = await _lock(session, payment_id)
    if row.state != CreditPaymentState.UNRETURNED:
        raise PaymentNotInThisState
    await _return_rest(session, row)
    return CreditPaymentRead.model_validate(row)


async def on_paid(session: WriteSession, outcome: Outcome, payment_id: int) -> None:
    """Apply what the switch has debited; what no debt takes any more goes back."""
    row = await _lock(session, payment_id)
    row.response_code = outcome.response_code
    if outcome.state is RequestState.DOUBTFUL:
        row.state = CreditPaymentState.DOUBTFUL.value
    elif outcome.state is not RequestState.APPROVED:
        row.state = CreditPaymentState.REFUSED.value
    else:
        row.state, row.debit_rrn = CreditPaymentState.APPLIED.value, outcome.rrn
        if await _apply(session, row):
            await _return_rest(session, row)
    await session.flush()


async def on_returned(session: WriteSession, outcome: Outcome, payment_id: int) -> None:
    """The rest is back, or a person has to look."""
    row = await _lock(session, payment_id)
    row.response_code = outcome.response_code
    is_back = outcome.state is RequestState.APPROVED
    if is_back or outcome.state is not RequestState.DOUBTFUL:
        row.state = (CreditPaymentState.APPLIED if is_back else CreditPaymentState.UNRETURNED).value
    await session.flush()


async def read(session: AnySession, payment_id: int) -> CreditPaymentRead:
    """One payment.

    Raises:
        PaymentNotFound
    """
    row = await session.get(CreditPayment, payment_id)
    if row is None:
        raise PaymentNotFound
    return CreditPaymentRead.model_validate(row)


async def read_page(session: ReadSession, query: PaymentQuery) -> Page[CreditPaymentRead]:
    """A page of payments."""
    rows, next_cursor = await read_rows(session, select(CreditPayment), query)
    return Page(items=[CreditPaymentRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def absorb(session: WriteSession, from_member_id: int, to_member_id: int) -> None:
    """Have a merged record's payments be the other's; one that is under way goes back where it came from."""
    rows = await session.scalars(
        select(CreditPayment)
        .where(CreditPayment.member_id == from_member_id, CreditPayment.state.not_in(OPEN_STATES))
        .with_for_update()
    )
    for row in rows:
        row.member_id = to_member_id
    await session.flush()


async def owed_by(session: AnySession, contracts: Sequence[CreditContract]) -> list[Owed]:
    """What contracts owe now; only what is above zero can be paid."""
    found = []
    for contract in contracts:
        package = await packages.find(session, contract.package_id)
        debts = {debt: max(getattr(contract, debt.value), 0) for debt in CreditDebt}
        found.append(Owed(contract.id, package.rate_bp, contract.overdue_since, contract.overdue, debts))
    return found


async def _apply(session: WriteSession, row: CreditPayment) -> int:
    """Post a payment to the debts that it pays; what is left."""
    contracts = await _contracts(session, row)
    by_id = {contract.id: contract for contract in contracts}
    parts, left = allocate(row.rials, await owed_by(session, contracts))
    day = row.paid_on or tehran_date(utc_now())
    for part in parts:
        contract = by_id[part.contract_id]
        post(
            session,
            contract,
            CreditEntryKind.PAID,
            CreditAccount.PAID,
            CreditAccount(part.debt.value),
            part.amount,
            max(day, contract.started_on or day),
            f"paid:{row.id}:{part.debt.value}",
        )
        if part.debt is CreditDebt.PRINCIPAL:
            contract.overdue = max(contract.overdue - part.amount, 0)
            contract.overdue_since = contract.overdue_since if contract.overdue else None
        settle(contract, tehran_date(utc_now()))
    row.applied = row.rials - left
    await session.flush()
    return left


async def _return_rest(session: WriteSession, row: CreditPayment) -> None:
    row.state = CreditPaymentState.RETURNING.value
    row.return_attempts += 1
    await session.flush()
    await request_points(
        session,
        return_of_debit(row.member_id or 0, PurseCode.WALLET, row.rials - row.applied, row.debit_rrn or ""),
        service=SERVICE,
        reference=f"back-{row.id}-{row.return_attempts}",
        asked_by=system_caller(SERVICE, programme_of(session.sync_session)),
        reason=_reason(row),
    )


async def _contracts(session: WriteSession, row: CreditPayment) -> list[CreditContract]:
    """The contracts that a payment may pay, locked in the order of their ids."""
    is_theirs = (
        CreditContract.guest_id == row.guest_id
        if row.member_id is None
        else CreditContract.member_id == row.member_id
    )
    statement = select(CreditContract).where(
        is_theirs,
        CreditContract.state.in_((CreditContractState.IN_FORCE.value, CreditContractState.SETTLED.value)),
    )
    if row.contract_id is not None:
        statement = statement.where(CreditContract.id == row.contract_id)
    return list(await session.scalars(statement.order_by(CreditContract.id).with_for_update()))


async def _lock(session: WriteSession, payment_id: int) -> CreditPayment:
    row = await session.get(CreditPayment, payment_id, with_for_update=True)
    if row is None:
        raise PaymentNotFound
    return row


def _reason(row: CreditPayment) -> str:
    return f"credit payment {row.id}"
