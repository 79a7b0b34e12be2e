"""What the switch's transactions use of contracts' credit, and give back.

A contract's credit is a lot of the member's credit purse. Of several the switch takes the one that ends
first; of one lot that several contracts share the oldest contract is used first, and what other credit is in
it last. Each transaction is posted once, whenever and however often it is read.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.clock import from_epoch_ms
from host_api.core.database import AnySession, WriteSession
from host_api.core.tehran_time import tehran_date
from host_api.services.credit_packages.contracts import begin
from host_api.services.credit_packages.ledger import find_entry, lock, post, settle
from host_api.services.credit_packages.models import CreditContract, CreditEntry
from host_api.services.credit_packages.states import CreditAccount, CreditContractState, CreditEntryKind
from host_api.services.transactions.lot_movements import LotLine, LotMovement, lot_movement
from host_api.services.transactions.operation import Operation
from protocol.dialect import PurseCode

PURSE_NAME: Final = PurseCode.CREDIT.name.lower()

_Lot = tuple[str, int, int]


async def waiting(session: AnySession) -> list[int]:
    """Contracts whose credit the switch has given, and that are not yet in force."""
    rows = await session.scalars(
        select(CreditContract.id)
        .where(CreditContract.state == CreditContractState.GIVEN.value)
        .order_by(CreditContract.id)
    )
    return list(rows)


async def begin_given(session: WriteSession, contract_id: int) -> tuple[str, int] | None:
    """Put a contract into force once the journal shows its lot; its account, and the position."""
    contract = await lock(session, contract_id)
    if contract.state != CreditContractState.GIVEN or contract.credit_rrn is None:
        return None
    movement = await lot_movement(session, contract.credit_rrn)
    if movement is None:
        return None
    first = tehran_date(movement.at)
    given = [line for line in movement.lines if line.purse == PURSE_NAME and line.delta > 0]
    lot = next((line for line in given if line.expires_at_s), None)
    if lot is None:
        last = first
    else:
        contract.account = lot.account
        contract.available_from_s, contract.expires_at_s = lot.available_from_s, lot.expires_at_s
        last = tehran_date(from_epoch_ms(lot.expires_at_s * 1000) - timedelta(seconds=1))
    await begin(session, contract, first, last)
    # What the purse owed took its part at once.
    owed = contract.open - (0 if lot is None else lot.delta)
    _use(session, contract, CreditEntryKind.DRAWN, owed, first, f"owed:{movement.rrn}", movement.rrn)
    await session.flush()
    return (f"member:{contract.member_id}" if lot is None else lot.account), movement.position


async def take_in_all(session: WriteSession, movements: Sequence[LotMovement], today: date) -> int:
    """Post what transactions use of contracts or give back; how many times a contract was concerned."""
    accounts = {line.account for movement in movements for line in movement.lines if line.purse == PURSE_NAME}
    # All of them in the order of their ids, as whoever accrues or pays locks them.
    await session.execute(
        select(CreditContract.id)
        .where(CreditContract.account.in_(accounts))
        .order_by(CreditContract.id)
        .with_for_update()
    )
    return sum([await take_in(session, movement, today) for movement in movements])


async def take_in(session: WriteSession, movement: LotMovement, today: date) -> int:
    """Post what a transaction uses of contracts or gives back; how many contracts it concerned."""
    if movement.operation is Operation.AUTHORISATION:
        return 0  # what is only held is used by the completion
    day = tehran_date(movement.at)
    if movement.reverses_rrn is not None:
        return await _undo(session, movement, day, today)
    lines = [line for line in movement.lines if line.purse == PURSE_NAME]
    if movement.concerns_rrn is not None:
        original = await lot_movement(session, movement.concerns_rrn)
        if original is not None and original.operation is Operation.AUTHORISATION:
            lines += [line for line in original.lines if line.purse == PURSE_NAME]
    changes = _changes(lines)
    touched = await _contracts(session, changes)
    if not touched:
        return 0
    if movement.operation is Operation.TRANSFER:
        touched = [contract for contract in touched if not _has_moved(contract, changes)]
    count = 0
    for lot, change in changes.items():
        sharing = [contract for contract in touched if _lot_of(contract) == lot]
        if change < 0:
            count += await _draw(session, sharing, -change, movement.rrn, day)
        elif movement.concerns_rrn is not None:
            count += await _give_back(session, sharing, change, movement, day)
    for contract in touched:
        settle(contract, today)
    await session.flush()
    return count


async def _draw(
    session: WriteSession, sharing: Sequence[CreditContract], rials: int, rrn: str, day: date
) -> int:
    count = 0
    for contract in sharing:
        key = f"drawn:{rrn}"
        known = await find_entry(session, contract.id, key)
        if known is not None:
            rials -= known.rials
            continue
        taken = min(rials, contract.open + await _lapsed(session, contract))
        if taken > 0:
            if taken > contract.open:  # it was used in time, and the journal told it late
                lapsed, accounts = contract.open - taken, (CreditAccount.CLUB, CreditAccount.OPEN)
                post(session, contract, CreditEntryKind.LAPSED, *accounts, lapsed, day, f"late:{rrn}")
            _use(session, contract, CreditEntryKind.DRAWN, taken, day, key, rrn)
            rials -= taken
            count += 1
    return count


async def _give_back(
    session: WriteSession, sharing: Sequence[CreditContract], rials: int, movement: LotMovement, day: date
) -> int:
    """A return gives back at most what its sale has used, the last contract first."""
    count = 0
    for contract in reversed(sharing):
        key = f"returned:{movement.rrn}"
        known = await find_entry(session, contract.id, key)
        if known is not None:
            rials -= known.rials
            continue
        given = min(rials, await _used_by(session, contract, movement.concerns_rrn or ""))
        if given > 0:
            _use(session, contract, CreditEntryKind.RETURNED, -given, day, key, movement.concerns_rrn)
            rials -= given
            count += 1
    return count


async def _undo(session: WriteSession, movement: LotMovement, day: date, today: date) -> int:
    """Take back all that a reversed transaction has posted, whatever it was."""
    reversed_rrn = movement.reverses_rrn or ""
    own_keys = (f"drawn:{reversed_rrn}", f"returned:{reversed_rrn}")
    own = select(CreditEntry).where(CreditEntry.key.in_(own_keys)).order_by(CreditEntry.id)
    entries = list(await session.scalars(own))
    for entry in entries:
        contract = await lock(session, entry.contract_id)
        key = f"undone:{entry.id}"
        if await find_entry(session, contract.id, key) is None:
            sign = -1 if entry.debit == CreditAccount.PRINCIPAL else 1
            _use(session, contract, CreditEntryKind.UNDONE, sign * entry.rials, day, key, entry.rrn)
            settle(contract, today)
    await session.flush()
    return len(entries)


def _use(  # noqa: PLR0917
    session: WriteSession,
    contract: CreditContract,
    kind: CreditEntryKind,
    rials: int,
    day: date,
    key: str,
    rrn: str | None,
) -> None:
    post(session, contract, kind, CreditAccount.PRINCIPAL, CreditAccount.OPEN, rials, day, key, rrn=rrn)


async def _lapsed(session: WriteSession, contract: CreditContract) -> int:
    rows = await session.scalars(
        select(CreditEntry).where(
            CreditEntry.contract_id == contract.id, CreditEntry.kind == CreditEntryKind.LAPSED.value
        )
    )
    return sum(row.rials if row.credit == CreditAccount.OPEN else -row.rials for row in rows)


async def _used_by(session: WriteSession, contract: CreditContract, rrn: str) -> int:
    rows = await session.scalars(
        select(CreditEntry).where(CreditEntry.contract_id == contract.id, CreditEntry.rrn == rrn)
    )
    return sum(row.rials if row.debit == CreditAccount.PRINCIPAL else -row.rials for row in rows)


def _changes(lines: Sequence[LotLine]) -> dict[_Lot, int]:
    found: dict[_Lot, int] = {}
    for line in lines:
        lot = (line.account, line.available_from_s, line.expires_at_s)
        found[lot] = found.get(lot, 0) + line.delta
    return {lot: change for lot, change in found.items() if change}


async def _contracts(session: WriteSession, changes: dict[_Lot, int]) -> list[CreditContract]:
    rows = await session.scalars(
        select(CreditContract)
        .where(CreditContract.account.in_({account for account, _, _ in changes}))
        .order_by(CreditContract.id)
        .with_for_update()
    )
    return [contract for contract in rows if _lot_of(contract) in changes]


def _lot_of(contract: CreditContract) -> _Lot:
    return contract.account or "", contract.available_from_s or 0, contract.expires_at_s or 0


def _has_moved(contract: CreditContract, changes: dict[_Lot, int]) -> bool:
    """Whether its credit went over to the record that now has the contract; it keeps its end there."""
    lot = _lot_of(contract)
    moved = (f"member:{contract.member_id}", *lot[1:])
    if moved == lot or changes.get(moved, 0) <= 0:
        return False
    contract.account = moved[0]
    return True
