"""Corrections of a debt by two persons: counter entries, as all corrections are."""

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, decide
from host_api.core.second_person import cancel as withdraw
from host_api.core.tehran_time import tehran_date
from host_api.services.credit_packages.ledger import lock, post, settle
from host_api.services.credit_packages.listing import CorrectionQuery
from host_api.services.credit_packages.models import CreditCorrection
from host_api.services.credit_packages.payment_schemas import CreditCorrectionCreate, CreditCorrectionRead
from host_api.services.credit_packages.problems import ContractNotInThisState, CorrectionNotFound
from host_api.services.credit_packages.states import (
    CreditAccount,
    CreditContractState,
    CreditCorrectionState,
    CreditEntryKind,
)


async def ask(session: WriteSession, caller: Caller, wanted: CreditCorrectionCreate) -> CreditCorrectionRead:
    """Keep a correction for a second person.

    Raises:
        ContractNotFound
    """
    await lock(session, wanted.contract_id)
    row = CreditCorrection(
        **wanted.model_dump(mode="json"), state=CreditCorrectionState.ASKED.value, **asked_by(caller)
    )
    session.add(row)
    await session.flush()
    return CreditCorrectionRead.model_validate(row)


async def approve(session: WriteSession, caller: Caller, correction_id: int) -> CreditCorrectionRead:
    """Post a correction from today on.

    Raises:
        CorrectionNotFound, AlreadyDecided, OwnAct, ContractNotInThisState
    """
    row = await _lock(session, correction_id)
    decide(row, CreditCorrectionState.DONE, caller)
    contract = await lock(session, row.contract_id)
    if contract.state not in (CreditContractState.IN_FORCE, CreditContractState.SETTLED):
        raise ContractNotInThisState
    today = tehran_date(utc_now())
    post(
        session,
        contract,
        CreditEntryKind.CORRECTED,
        CreditAccount(row.debt),
        CreditAccount.CLUB,
        row.rials,
        today,
        f"corrected:{row.id}",
    )
    contract.overdue = max(min(contract.overdue, contract.principal), 0)
    contract.overdue_since = contract.overdue_since if contract.overdue else None
    settle(contract, today)
    await session.flush()
    return CreditCorrectionRead.model_validate(row)


async def reject(session: WriteSession, caller: Caller, correction_id: int) -> CreditCorrectionRead:
    """Turn a correction down.

    Raises:
        CorrectionNotFound, AlreadyDecided, OwnAct
    """
    row = await _lock(session, correction_id)
    decide(row, CreditCorrectionState.REJECTED, caller)
    await session.flush()
    return CreditCorrectionRead.model_validate(row)


async def cancel(session: WriteSession, caller: Caller, correction_id: int) -> CreditCorrectionRead:
    """Take one's own correction back.

    Raises:
        CorrectionNotFound, AlreadyDecided, ActOfAnother
    """
    row = await _lock(session, correction_id)
    withdraw(row, caller)
    await session.flush()
    return CreditCorrectionRead.model_validate(row)


async def read_page(session: ReadSession, query: CorrectionQuery) -> Page[CreditCorrectionRead]:
    """A page of corrections."""
    rows, next_cursor = await read_rows(session, select(CreditCorrection), query)
    return Page(items=[CreditCorrectionRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def _lock(session: WriteSession, correction_id: int) -> CreditCorrection:
    row = await session.get(CreditCorrection, correction_id, with_for_update=True)
    if row is None:
        raise CorrectionNotFound
    return row
