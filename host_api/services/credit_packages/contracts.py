"""Contracts: kept for the shop or asked for by a person, given by the switch, and in force."""

from datetime import date, timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.emission import Subject, emit
from host_api.core.isolation import programme_of
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import credit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.money import format_amount
from host_api.core.second_person import asked_by, decide
from host_api.core.second_person import cancel as withdraw
from host_api.core.tehran_time import tehran_date
from host_api.services.budgets import logic as budgets
from host_api.services.credit_packages import packages
from host_api.services.credit_packages.events import CONTRACT_IN_FORCE, CreditContractEvent
from host_api.services.credit_packages.ledger import find_entry, lock, post, settle
from host_api.services.credit_packages.listing import ContractFilters, ContractQuery, EntryFilters, EntryQuery
from host_api.services.credit_packages.models import CreditContract, CreditEntry, CreditPackage
from host_api.services.credit_packages.problems import (
    ContractNotFound,
    ContractNotInThisState,
    PackageNotSold,
    ReferenceUsed,
    TooLittleOpen,
)
from host_api.services.credit_packages.schemas import (
    CreditContractCreate,
    CreditContractRead,
    CreditEntryRead,
    CreditUseCreate,
)
from host_api.services.credit_packages.states import CreditAccount, CreditContractState, CreditEntryKind
from host_api.services.guests import logic as guests
from host_api.services.members import logic as members
from host_api.services.messages.logic import tell_member

SERVICE: Final = "credit_packages"
_STATES: Final = {
    RequestState.APPROVED: CreditContractState.GIVEN,
    RequestState.DECLINED: CreditContractState.FAILED,
    RequestState.REVERSED: CreditContractState.FAILED,
    RequestState.DOUBTFUL: CreditContractState.DOUBTFUL,
}


async def keep_back(
    session: WriteSession, package_id: int, member_id: int, caller: Caller, *, service: str, reference: str
) -> None:
    """Keep a package back for a member who is paying for it.

    Raises:
        PackageNotFound, PackageNotSold
    """
    package = await packages.find(session, package_id)
    packages.check_sold(package, tehran_date(utc_now()))
    contract = _new(package, caller, CreditContractState.KEPT, service, reference)
    contract.member_id = member_id
    session.add(contract)
    await session.flush()
    await _reserve(session, package, contract)


async def let_go(session: WriteSession, *, service: str, reference: str) -> None:
    """Nobody pays for what was kept back."""
    contract = await _kept(session, service, reference)
    contract.state = CreditContractState.CANCELLED.value
    package = await packages.find(session, contract.package_id)
    if package.budget_id is not None:
        await budgets.release(session, service=SERVICE, reference=str(contract.id))


async def give_kept(session: WriteSession, *, service: str, reference: str) -> None:
    """What was kept back is paid: have the switch give it."""
    await _give(session, await _kept(session, service, reference))


async def ask(
    session: WriteSession, cipher: FieldCipher, caller: Caller, wanted: CreditContractCreate
) -> CreditContractRead:
    """Keep a contract for a second person to decide.

    Raises:
        PackageNotFound, PackageNotSold, MemberNotFound, GuestNotFound, ReferenceUsed
    """
    package = await packages.find(session, wanted.package_id)
    packages.check_sold(package, tehran_date(utc_now()))
    contract = _new(package, caller, CreditContractState.ASKED, SERVICE, wanted.reference)
    if wanted.member_id is not None:
        contract.member_id = (await members.read(session, wanted.member_id)).id
    else:
        contract.guest_id = (await guests.read(session, cipher, wanted.guest_id or 0)).id
    contract.reason = wanted.reason
    session.add(contract)
    async with conflict_as(ReferenceUsed()):
        await session.flush()
    return shown(contract)


async def approve(session: WriteSession, caller: Caller, contract_id: int) -> CreditContractRead:
    """Approve what another has asked for: a member's goes to the switch, a guest's is in force at once.

    Raises:
        ContractNotFound, AlreadyDecided, OwnAct, PackageNotSold
    """
    contract = await lock(session, contract_id)
    decide(contract, CreditContractState.GIVING, caller)
    package = await packages.find(session, contract.package_id)
    await _reserve(session, package, contract)
    if contract.member_id is not None:
        await _give(session, contract)
    else:
        today = tehran_date(utc_now())
        await begin(session, contract, today, today + timedelta(days=package.valid_days))
    await session.flush()
    return shown(contract)


async def reject(session: WriteSession, caller: Caller, contract_id: int) -> CreditContractRead:
    """Reject what another has asked for.

    Raises:
        ContractNotFound, AlreadyDecided, OwnAct
    """
    contract = await lock(session, contract_id)
    decide(contract, CreditContractState.REJECTED, caller)
    await session.flush()
    return shown(contract)


async def cancel(session: WriteSession, caller: Caller, contract_id: int) -> CreditContractRead:
    """Take one's own wish back.

    Raises:
        ContractNotFound, AlreadyDecided, ActOfAnother
    """
    contract = await lock(session, contract_id)
    withdraw(contract, caller)
    await session.flush()
    return shown(contract)


async def give_again(session: WriteSession, contract_id: int) -> CreditContractRead:
    """Ask the switch again for what it refused.

    Raises:
        ContractNotFound, ContractNotInThisState
    """
    contract = await lock(session, contract_id)
    if contract.state != CreditContractState.FAILED:
        raise ContractNotInThisState
    await _give(session, contract)
    return shown(contract)


async def on_given(session: WriteSession, outcome: Outcome, contract_id: int) -> None:
    """Keep what the switch made of a contract's credit; the journal shows where it went."""
    contract = await lock(session, contract_id)
    contract.state = _STATES[outcome.state].value
    contract.response_code, contract.credit_rrn = outcome.response_code, outcome.rrn
    await session.flush()


async def begin(session: WriteSession, contract: CreditContract, first: date, last: date) -> None:
    """Put a contract into force: its credit is open, its cost is owed."""
    package = await packages.find(session, contract.package_id)
    contract.state = CreditContractState.IN_FORCE.value
    contract.started_on, contract.last_day = first, last
    post(
        session,
        contract,
        CreditEntryKind.GRANTED,
        CreditAccount.OPEN,
        CreditAccount.CLUB,
        package.rials,
        first,
        "granted",
    )
    post(
        session,
        contract,
        CreditEntryKind.COST,
        CreditAccount.COST,
        CreditAccount.CLUB,
        package.cost_rials,
        first,
        "cost",
    )
    if package.budget_id is not None:
        await budgets.consume(session, service=SERVICE, reference=str(contract.id))
    event = CreditContractEvent(
        contract_id=contract.id,
        package_id=package.id,
        member_id=contract.member_id,
        guest_id=contract.guest_id,
        rials=package.rials,
    )
    emit(session, CONTRACT_IN_FORCE, Subject("credit_contract", contract.id), event)
    await session.flush()
    if contract.member_id is not None:
        await tell_member(
            session,
            contract.member_id,
            topic=SERVICE,
            reference=f"{contract.id}:in-force",
            text_fa=f"{format_amount(package.rials)} اعتبار از بستهٔ «{package.title_fa}» برای شما باز شد.",
            text_en=f"{format_amount(package.rials, 'en')} of credit is open for you: {package.title}.",
        )


async def use(session: WriteSession, contract_id: int, wanted: CreditUseCreate) -> CreditContractRead:
    """Keep what a guest has used, or given back; once for each reference.

    Raises:
        ContractNotFound, ContractNotInThisState, TooLittleOpen, ReferenceUsed
    """
    contract = await lock(session, contract_id)
    key = f"used:{wanted.reference}"
    known = await find_entry(session, contract.id, key)
    if known is not None:
        sign = 1 if known.debit == CreditAccount.PRINCIPAL else -1
        if (known.day, sign * known.rials) != (wanted.day, wanted.rials):
            raise ReferenceUsed
        return shown(contract)
    if contract.guest_id is None or contract.state not in (
        CreditContractState.IN_FORCE,
        CreditContractState.SETTLED,
    ):
        raise ContractNotInThisState
    today = tehran_date(utc_now())
    first, last = contract.started_on, contract.last_day
    is_within = first is not None and last is not None and first <= wanted.day <= min(last, today)
    if not is_within or not -contract.consumed <= wanted.rials <= contract.open or not wanted.rials:
        raise TooLittleOpen
    kind = CreditEntryKind.DRAWN if wanted.rials > 0 else CreditEntryKind.RETURNED
    post(
        session,
        contract,
        kind,
        CreditAccount.PRINCIPAL,
        CreditAccount.OPEN,
        wanted.rials,
        wanted.day,
        key,
        rrn=wanted.reference,
    )
    settle(contract, today)
    await session.flush()
    return shown(contract)


async def absorb(session: WriteSession, from_member_id: int, to_member_id: int) -> None:
    """Have what a merged record owes be owed by the record that it went into."""
    rows = await session.scalars(
        select(CreditContract)
        .where(CreditContract.member_id == from_member_id)
        .order_by(CreditContract.id)
        .with_for_update()
    )
    for contract in rows:
        contract.member_id = to_member_id
    await session.flush()


async def read(session: AnySession, contract_id: int) -> CreditContractRead:
    """One contract.

    Raises:
        ContractNotFound
    """
    contract = await session.get(CreditContract, contract_id)
    if contract is None:
        raise ContractNotFound
    return shown(contract)


async def read_page(session: ReadSession, query: ContractQuery) -> Page[CreditContractRead]:
    """A page of contracts with their figures."""
    rows, next_cursor = await read_rows(session, select(CreditContract), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: ContractFilters, cursor: str | None, limit: int
) -> tuple[list[CreditContractRead], str | None]:
    """Up to `limit` contracts after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(CreditContract), query, cursor, limit)
    return [shown(row) for row in rows], next_cursor


async def read_entries(session: ReadSession, query: EntryQuery) -> Page[CreditEntryRead]:
    """A page of entries."""
    rows, next_cursor = await read_rows(session, select(CreditEntry), query)
    return Page(items=[CreditEntryRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def read_entries_after(
    session: AnySession, query: EntryFilters, cursor: str | None, limit: int
) -> tuple[list[CreditEntryRead], str | None]:
    """Up to `limit` entries after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(CreditEntry), query, cursor, limit)
    return [CreditEntryRead.model_validate(row) for row in rows], next_cursor


def shown(contract: CreditContract) -> CreditContractRead:
    """A contract as callers see it."""
    return CreditContractRead.model_validate(contract)


def _new(
    package: CreditPackage, caller: Caller, state: CreditContractState, service: str, reference: str | None
) -> CreditContract:
    zeros = dict.fromkeys([*(account.value for account in CreditAccount), "consumed", "accrued_interest"], 0)
    return CreditContract(
        package_id=package.id,
        service=service,
        reference=reference,
        state=state.value,
        giving_attempts=0,
        overdue=0,
        instalments_due=0,
        **zeros,
        **asked_by(caller),
    )


async def _reserve(session: WriteSession, package: CreditPackage, contract: CreditContract) -> None:
    """Raises: PackageNotSold."""
    if package.budget_id is None:
        return
    try:
        await budgets.reserve(
            session, package.budget_id, package.rials, service=SERVICE, reference=str(contract.id)
        )
    except budgets.BudgetExhausted:
        raise PackageNotSold from None


async def _kept(session: WriteSession, service: str, reference: str) -> CreditContract:
    contract = await session.scalar(
        select(CreditContract)
        .where(CreditContract.service == service, CreditContract.reference == reference)
        .with_for_update()
    )
    if contract is None or contract.state != CreditContractState.KEPT:
        raise LookupError("a contract that was kept back has gone")
    return contract


async def _give(session: WriteSession, contract: CreditContract) -> None:
    """Nobody waits at a counter for it: it is sent until it is answered."""
    package = await packages.find(session, contract.package_id)
    contract.state = CreditContractState.GIVING.value
    contract.giving_attempts += 1
    await session.flush()
    reason = f"credit contract {contract.id}"
    await request_points(
        session,
        credit(contract.member_id or 0, packages.PURSE, package.rials, reason, valid_days=package.valid_days),
        service=SERVICE,
        reference=f"give-{contract.id}-{contract.giving_attempts}",
        asked_by=system_caller(SERVICE, programme_of(session.sync_session)),
        reason=reason,
    )
