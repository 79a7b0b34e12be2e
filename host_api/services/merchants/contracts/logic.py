"""Asking for contracts and deciding them, so that no merchant ever has two in force."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.errors import NotPermitted, Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.files.file_table import find_file, may_read
from host_api.core.files.references import FileUse, refers_to_files
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, cancel, decide
from host_api.services.merchants import access, repository
from host_api.services.merchants.contracts.events import CONTRACT_APPROVED, ContractApproved
from host_api.services.merchants.contracts.listing import ContractQuery
from host_api.services.merchants.contracts.models import Contract
from host_api.services.merchants.contracts.schemas import (
    ContractCreate,
    ContractRead,
    ContractState,
    FundingShare,
    SettlementPeriod,
)
from host_api.services.merchants.logic import MerchantClosed, MerchantNotFound
from host_api.services.merchants.schemas import MerchantStatus

# Claims from a contract outlive it, and so does its paper.
_USES_SHOWN: Final = 10
KEEP_FILE_FOR: Final = timedelta(days=3653)


class ContractNotFound(Problem):
    """No contract has this id."""

    status = 404
    code = "contract-not-found"
    title = "Contract not found"
    title_fa = "قرارداد پیدا نشد"
    detail = "There is no contract with this id."
    detail_fa = "قراردادی با این شناسه وجود ندارد."


class ContractBranchUnknown(Problem):
    """A branch that is listed isn't the merchant's."""

    status = 409
    code = "contract-branch-unknown"
    title = "Branch not of this merchant"
    title_fa = "شعبه از آن این پذیرنده نیست"
    detail = "The contract lists a branch that this merchant doesn't have."
    detail_fa = "در قرارداد شعبه‌ای آمده که از آن این پذیرنده نیست."
    field = "branches"


class ContractFileUnknown(Problem):
    """The paper isn't there."""

    status = 409
    code = "contract-file-unknown"
    title = "File not found"
    title_fa = "فایل پیدا نشد"
    detail = "The contract names a file that doesn't exist or has expired; upload it again."
    detail_fa = "فایل قرارداد وجود ندارد یا منقضی شده است؛ دوباره بارگذاری کنید."
    field = "file_id"


class ContractsOverlap(Problem):
    """A later contract is approved already for a part of the time."""

    status = 409
    code = "contracts-overlap"
    title = "Contracts overlap"
    title_fa = "قراردادها هم‌پوشانی دارند"
    detail = "Another contract of this merchant begins before this one ends; end this one earlier."
    detail_fa = "قرارداد دیگری از این پذیرنده پیش از پایان این یکی آغاز می‌شود؛ پایان این را زودتر بگذارید."


class ContractOver(Problem):
    """What is over can't be approved any more."""

    status = 409
    code = "contract-over"
    title = "Contract is over"
    title_fa = "زمان قرارداد گذشته است"
    detail = "The time of this contract is over already."
    detail_fa = "زمان این قرارداد پیش‌تر به پایان رسیده است."


async def ask(
    session: WriteSession, merchant_key: int, wanted: ContractCreate, caller: Caller
) -> ContractRead:
    """Keep a contract for a second person to decide.

    Raises:
        MerchantNotFound, MerchantClosed, ContractBranchUnknown, ContractFileUnknown, NotPermitted
    """
    merchant = await repository.lock_merchant(session, merchant_key)
    if merchant is None:
        raise MerchantNotFound
    if merchant.status == MerchantStatus.CLOSED:
        raise MerchantClosed
    if wanted.branches is not None:
        own = set(await repository.branch_ids(session, merchant_key))
        if not own.issuperset(wanted.branches):
            raise ContractBranchUnknown
    if wanted.file_id is not None:
        await _keep_file(session, wanted.file_id, wanted.valid_until, caller)
    highest = await session.scalar(
        select(func.max(Contract.number)).where(Contract.merchant_key == merchant_key)
    )
    contract = Contract(
        merchant_key=merchant_key,
        number=(highest or 0) + 1,
        state=ContractState.ASKED.value,
        valid_from=wanted.valid_from,
        valid_until=wanted.valid_until,
        begins_at=wanted.valid_from,
        ends_at=wanted.valid_until,
        may_earn=wanted.may_earn,
        may_burn=wanted.may_burn,
        purses=wanted.purses,
        branches=wanted.branches,
        funding=[funder.model_dump(mode="json", exclude_none=True) for funder in wanted.funding],
        settlement_period=wanted.settlement_period.value,
        settlement_days=wanted.settlement_days,
        commission_parts=wanted.commission,
        text=wanted.text,
        file_id=wanted.file_id,
        **asked_by(caller),
    )
    session.add(contract)
    await session.flush()
    return shown(contract, utc_now())


async def approve(
    session: WriteSession, contract_id: int, caller: Caller, note: str | None, now: datetime
) -> ContractRead:
    """Approve a contract that another has asked for; the one before it ends where this one begins.

    Raises:
        ContractNotFound, AlreadyDecided, OwnAct, ContractOver, ContractsOverlap, MerchantClosed
    """
    contract = await _locked(session, contract_id)
    decide(contract, ContractState.APPROVED, caller)
    contract.note = note
    if contract.valid_until <= now:
        raise ContractOver
    # The merchant is locked: nobody else approves one of its contracts meanwhile.
    others = await _approved_around(session, contract)
    if others:  # what another one has ruled is past, and stays
        contract.begins_at = max(contract.valid_from, now)
    for other in others:
        if other.begins_at >= contract.begins_at:
            raise ContractsOverlap
        other.ends_at = min(other.ends_at, contract.begins_at)
    emit(
        session,
        CONTRACT_APPROVED,
        Subject("contract", contract.id),
        ContractApproved(
            id=contract.id,
            merchant=contract.merchant_key,
            number=contract.number,
            begins_at=contract.begins_at,
            ends_at=contract.ends_at,
        ),
    )
    await session.flush()
    return shown(contract, now)


async def reject(
    session: WriteSession, contract_id: int, caller: Caller, note: str | None, now: datetime
) -> ContractRead:
    """Reject a contract that another has asked for.

    Raises:
        ContractNotFound, AlreadyDecided, OwnAct
    """
    contract = await _locked(session, contract_id, may_be_closed=True)
    decide(contract, ContractState.REJECTED, caller)
    contract.note = note
    await session.flush()
    return shown(contract, now)


async def withdraw(session: WriteSession, contract_id: int, caller: Caller, now: datetime) -> ContractRead:
    """Take one's own back before it is decided.

    Raises:
        ContractNotFound, AlreadyDecided, ActOfAnother
    """
    contract = await _locked(session, contract_id, may_be_closed=True)
    cancel(contract, caller, ContractState.WITHDRAWN)
    await session.flush()
    return shown(contract, now)


async def read(session: AnySession, contract_id: int, now: datetime) -> ContractRead:
    """One contract.

    Raises:
        ContractNotFound
    """
    contract = await session.get(Contract, contract_id)
    if contract is None:
        raise ContractNotFound
    return shown(contract, now)


async def read_page(session: ReadSession, query: ContractQuery, now: datetime) -> Page[ContractRead]:
    """A page of contracts."""
    contracts, next_cursor = await read_rows(session, select(Contract), query)
    return Page(items=[shown(contract, now) for contract in contracts], next_cursor=next_cursor)


async def in_force(session: AnySession, merchant_key: int, at: datetime) -> ContractRead | None:
    """The merchant's contract at an instant, None where it has none then."""
    contract = await session.scalar(
        select(Contract).where(
            Contract.merchant_key == merchant_key,
            Contract.state == ContractState.APPROVED.value,
            Contract.begins_at <= at,
            Contract.ends_at > at,
        )
    )
    return None if contract is None else shown(contract, at)


def shown(contract: Contract, at: datetime) -> ContractRead:
    """A contract as the API tells of it at an instant."""
    return ContractRead(
        id=contract.id,
        merchant=contract.merchant_key,
        number=contract.number,
        state=ContractState(contract.state),
        valid_from=contract.valid_from,
        valid_until=contract.valid_until,
        begins_at=contract.begins_at,
        ends_at=contract.ends_at,
        is_in_force=(
            contract.state == ContractState.APPROVED and contract.begins_at <= at < contract.ends_at
        ),
        may_earn=contract.may_earn,
        may_burn=contract.may_burn,
        purses=contract.purses,
        branches=contract.branches,
        funding=[FundingShare.model_validate(funder) for funder in contract.funding],
        settlement_period=SettlementPeriod(contract.settlement_period),
        settlement_days=contract.settlement_days,
        commission=contract.commission_parts,
        text=contract.text,
        file_id=contract.file_id,
        asked_by=contract.asked_by_name,
        asked_at=contract.asked_at,
        decided_by=contract.decided_by_name,
        decided_at=contract.decided_at,
        note=contract.note,
    )


@refers_to_files
async def _uses_of_file(session: AnySession, file_id: int) -> list[FileUse]:
    found = await session.scalars(
        select(Contract.id).where(Contract.file_id == file_id).order_by(Contract.id).limit(_USES_SHOWN)
    )
    return [
        FileUse("contract", f"It is the paper of contract {number}", f"سند قرارداد {number} است.")
        for number in found
    ]


async def _keep_file(session: WriteSession, file_id: int, valid_until: datetime, caller: Caller) -> None:
    """Have the paper kept as long as the contract may be asked for, for those who may read contracts."""
    file = await find_file(session, file_id, now=utc_now())
    if file is None:
        raise ContractFileUnknown
    if not may_read(file, caller):
        raise NotPermitted
    file.expires_at = max(file.expires_at, valid_until + KEEP_FILE_FOR)
    file.audience = file.audience or str(access.CONTRACTS_READ)


async def _locked(session: WriteSession, contract_id: int, *, may_be_closed: bool = False) -> Contract:
    """A contract and its merchant, both kept from others."""
    # Only its column: what is loaded before it is locked can't be read anew then.
    merchant_key = await session.scalar(select(Contract.merchant_key).where(Contract.id == contract_id))
    if merchant_key is None:
        raise ContractNotFound
    merchant = await repository.lock_merchant(session, merchant_key)
    contract = await session.get(Contract, contract_id, with_for_update=True)
    if contract is None or merchant is None:
        raise ContractNotFound
    if merchant.status == MerchantStatus.CLOSED and not may_be_closed:
        raise MerchantClosed
    return contract


async def _approved_around(session: WriteSession, contract: Contract) -> list[Contract]:
    """The merchant's other approved contracts that are in force at some time of this one."""
    rows = await session.scalars(
        select(Contract)
        .where(
            Contract.merchant_key == contract.merchant_key,
            Contract.id != contract.id,
            Contract.state == ContractState.APPROVED.value,
            Contract.begins_at < contract.ends_at,
            Contract.ends_at > contract.begins_at,
        )
        .with_for_update()
    )
    return list(rows)
