"""The ledger of a contract: entries between its accounts, and their sums on the contract's row."""

from datetime import date, timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.services.credit_packages.models import CreditContract, CreditEntry
from host_api.services.credit_packages.problems import ContractNotFound
from host_api.services.credit_packages.states import CreditAccount, CreditContractState, CreditEntryKind

DEBTS: Final = (CreditAccount.PRINCIPAL, CreditAccount.INTEREST, CreditAccount.COST, CreditAccount.LATE)
_ACCRUED: Final = (CreditEntryKind.INTEREST, CreditEntryKind.DISCOUNT)


async def lock(session: WriteSession, contract_id: int) -> CreditContract:
    """A contract, kept from other writers until the transaction ends.

    Raises:
        ContractNotFound
    """
    contract = await session.get(CreditContract, contract_id, with_for_update=True)
    if contract is None:
        raise ContractNotFound
    return contract


def post(  # noqa: PLR0917
    session: WriteSession,
    contract: CreditContract,
    kind: CreditEntryKind,
    debit: CreditAccount,
    credit: CreditAccount,
    rials: int,
    day: date,
    key: str,
    *,
    rrn: str | None = None,
) -> None:
    """Move rials from one account to another; fewer than none go the other way round, none are no entry.

    The contract is locked. A day that was accrued already has to be computed again.
    """
    if not rials:
        return
    if rials < 0:
        debit, credit, rials = credit, debit, -rials
    session.add(
        CreditEntry(
            contract_id=contract.id,
            kind=kind.value,
            debit=debit.value,
            credit=credit.value,
            rials=rials,
            day=day,
            key=key,
            rrn=rrn,
            at=utc_now(),
        )
    )
    for account, change in ((debit, rials), (credit, -rials)):
        setattr(contract, account.value, getattr(contract, account.value) + change)
        if account is CreditAccount.INTEREST and kind in _ACCRUED:
            contract.accrued_interest += change
        if account is CreditAccount.PRINCIPAL and kind in (
            CreditEntryKind.DRAWN,
            CreditEntryKind.RETURNED,
            CreditEntryKind.UNDONE,
        ):
            contract.consumed += change
    if kind not in (*_ACCRUED, CreditEntryKind.LATE):
        doubt(contract, day)


def doubt(contract: CreditContract, day: date) -> None:
    """Have what accrued from a day on be computed again, where that day was accrued already."""
    if contract.accrued_through is None or day > contract.accrued_through:
        return
    contract.unsure_from = day if contract.unsure_from is None else min(day, contract.unsure_from)


async def find_entry(session: AnySession, contract_id: int, key: str) -> CreditEntry | None:
    """What was posted under a key before."""
    return await session.scalar(
        select(CreditEntry).where(CreditEntry.contract_id == contract_id, CreditEntry.key == key)
    )


def settle(contract: CreditContract, today: date) -> None:
    """End a contract of which nothing is open or owed, once every day before `today` is accrued; or begin one
    again of which something is.
    """
    is_over = contract.open == 0 and not any(getattr(contract, account.value) for account in DEBTS)
    is_accrued = (
        contract.accrued_through is not None
        and contract.unsure_from is None
        and contract.accrued_through >= today - timedelta(days=1)
    )
    if contract.state == CreditContractState.IN_FORCE and is_over and is_accrued:
        contract.state, contract.settled_at = CreditContractState.SETTLED.value, utc_now()
    elif contract.state == CreditContractState.SETTLED and not is_over:
        contract.state, contract.settled_at = CreditContractState.IN_FORCE.value, None


def is_after(day: date, contract: CreditContract) -> bool:
    """Whether nothing can be used of a contract any more on a day; a day is left for what comes late."""
    return contract.last_day is not None and day > contract.last_day + timedelta(days=1)
