"""Contracts: asked for by one person, approved by another, accepted by the other club."""

from dataclasses import dataclass
from math import gcd

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.isolation import programme_of
from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, decide
from host_api.services.coalition import clubs, mailbox
from host_api.services.coalition.letter_contents import ContractAnswered, ContractEnded, ContractOffered
from host_api.services.coalition.listing import ClubContractQuery
from host_api.services.coalition.models import ClubAccount, ClubContract
from host_api.services.coalition.problems import (
    ClubContractCodeTaken,
    ClubContractNotFound,
    ClubContractNotOpen,
    LessThanALot,
    LetterNotUnderstood,
)
from host_api.services.coalition.schemas import ClubContractCreate, ClubContractRead, ClubContractState

_UNDECIDED = frozenset({ClubContractState.ASKED, ClubContractState.RECEIVED})


@dataclass(frozen=True, slots=True)
class Lots:
    """Whole lots of a contract: nothing is rounded, and `remainder_units` stay where they are."""

    count: int
    own_units: int
    partner_units: int
    rials: int
    remainder_units: int = 0


def lots_in(contract: ClubContract, units: int) -> Lots:
    """The lots that so many units here make.

    Raises:
        LessThanALot
    """
    count, remainder = divmod(units, contract.own_units)
    found = lots_of(contract, count)
    if not count or max(found.partner_units, found.rials) > LARGEST_AMOUNT:
        raise LessThanALot
    return Lots(count, found.own_units, found.partner_units, found.rials, remainder)


def lots_of(contract: ClubContract, count: int) -> Lots:
    """What so many lots are."""
    return Lots(count, count * contract.own_units, count * contract.partner_units, count * contract.rials)


async def ask(session: WriteSession, caller: Caller, wanted: ClubContractCreate) -> ClubContractRead:
    """Write a contract down in its smallest whole numbers, for a second person.

    Raises:
        ClubNotFound, ClubNotOpen, ClubContractCodeTaken
    """
    await clubs.find_open(session, wanted.club_id)
    shared = gcd(wanted.own_units, wanted.partner_units, wanted.rials)
    values = wanted.model_dump()
    for name in ("own_units", "partner_units", "rials"):
        values[name] //= shared
    row = ClubContract(**values, is_ours=True, state=ClubContractState.ASKED.value, **asked_by(caller))
    session.add(row)
    async with conflict_as(ClubContractCodeTaken()):
        await session.flush()
    return shown(row)


async def approve(session: WriteSession, caller: Caller, contract_id: int) -> ClubContractRead:
    """Offer it to the other club; or accept one that the other club has offered.

    Raises:
        ClubContractNotFound, ClubNotOpen, AlreadyDecided, OwnAct
    """
    account, row = await _lock(session, contract_id)
    await clubs.find_open(session, row.club_id)
    if row.is_ours:
        decide(row, ClubContractState.OFFERED, caller, undecided=_UNDECIDED)
        await mailbox.write(
            session,
            account,
            ContractOffered(
                code=row.code,
                own_purse=row.own_purse,
                partner_purse=row.partner_purse,
                own_units=row.own_units,
                partner_units=row.partner_units,
                rials=row.rials,
                valid_until=row.valid_until,
            ),
        )
    else:
        decide(row, ClubContractState.ACTIVE, caller, undecided=_UNDECIDED)
        await mailbox.write(session, account, ContractAnswered(code=row.code, is_accepted=True))
    await session.flush()
    return shown(row)


async def reject(session: WriteSession, caller: Caller, contract_id: int) -> ClubContractRead:
    """Turn it down; one that the other club has offered is refused.

    Raises:
        ClubContractNotFound, AlreadyDecided, OwnAct
    """
    account, row = await _lock(session, contract_id)
    if row.is_ours:
        decide(row, ClubContractState.REJECTED, caller, undecided=_UNDECIDED)
    else:
        decide(row, ClubContractState.REFUSED, caller, undecided=_UNDECIDED)
        await mailbox.write(session, account, ContractAnswered(code=row.code, is_accepted=False))
    await session.flush()
    return shown(row)


async def end(session: WriteSession, contract_id: int) -> ClubContractRead:
    """End it for both clubs; what has not arrived there goes back.

    Raises:
        ClubContractNotFound, ClubContractNotOpen
    """
    account, row = await _lock(session, contract_id)
    if row.state != ClubContractState.ACTIVE:
        raise ClubContractNotOpen
    row.state = ClubContractState.ENDED.value
    await mailbox.write(session, account, ContractEnded(code=row.code))
    return shown(row)


async def take_offer(session: WriteSession, account: ClubAccount, letter: ContractOffered) -> None:
    """The other club offers a contract: it waits for a person here. A code used before is refused."""
    if await by_code(session, account.club_id, letter.code) is not None:
        await mailbox.write(session, account, ContractAnswered(code=letter.code, is_accepted=False))
        return
    club = await clubs.find(session, account.club_id)
    caller = system_caller(club.club_code, programme_of(session.sync_session))
    session.add(
        ClubContract(
            club_id=club.id,
            code=letter.code,
            is_ours=False,
            own_purse=letter.partner_purse,
            partner_purse=letter.own_purse,
            own_units=letter.partner_units,
            partner_units=letter.own_units,
            rials=letter.rials,
            valid_until=letter.valid_until,
            state=ClubContractState.RECEIVED.value,
            **asked_by(caller),
        )
    )
    await session.flush()


async def take_answer(session: WriteSession, account: ClubAccount, letter: ContractAnswered) -> None:
    """The other club has accepted or refused.

    Raises:
        LetterNotUnderstood
    """
    row = await by_code(session, account.club_id, letter.code)
    if row is None or not row.is_ours or row.state != ClubContractState.OFFERED:
        raise LetterNotUnderstood
    row.state = (ClubContractState.ACTIVE if letter.is_accepted else ClubContractState.REFUSED).value


async def take_end(session: WriteSession, account: ClubAccount, letter: ContractEnded) -> None:
    """The other club has ended a contract, perhaps in the same moment as this one.

    Raises:
        LetterNotUnderstood
    """
    row = await by_code(session, account.club_id, letter.code)
    if row is None or row.state not in {ClubContractState.ACTIVE, ClubContractState.ENDED}:
        raise LetterNotUnderstood
    row.state = ClubContractState.ENDED.value


async def by_code(session: AnySession, club_id: int, code: str) -> ClubContract | None:
    """The contract that both clubs call so."""
    return await session.scalar(
        select(ClubContract).where(ClubContract.club_id == club_id, ClubContract.code == code)
    )


async def find_open(session: AnySession, contract_id: int) -> ClubContract:
    """A contract in force.

    Raises:
        ClubContractNotFound, ClubContractNotOpen
    """
    row = await session.get(ClubContract, contract_id)
    if row is None:
        raise ClubContractNotFound
    if not is_open(row):
        raise ClubContractNotOpen
    return row


def is_open(row: ClubContract) -> bool:
    """Whether units may be exchanged by it now."""
    has_ended = row.valid_until is not None and row.valid_until <= utc_now()
    return row.state == ClubContractState.ACTIVE and not has_ended


async def read(session: AnySession, contract_id: int) -> ClubContractRead:
    """One contract.

    Raises:
        ClubContractNotFound
    """
    row = await session.get(ClubContract, contract_id)
    if row is None:
        raise ClubContractNotFound
    return shown(row)


async def read_page(session: ReadSession, query: ClubContractQuery) -> Page[ClubContractRead]:
    """A page of contracts."""
    rows, next_cursor = await read_rows(session, select(ClubContract), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def _lock(session: WriteSession, contract_id: int) -> tuple[ClubAccount, ClubContract]:
    row = await session.get(ClubContract, contract_id)
    if row is None:
        raise ClubContractNotFound
    account = await clubs.lock_account(session, row.club_id)
    await session.refresh(row)
    return account, row


def shown(row: ClubContract) -> ClubContractRead:
    """A contract as callers see it."""
    return ClubContractRead(
        id=row.id,
        club_id=row.club_id,
        code=row.code,
        is_ours=row.is_ours,
        own_purse=row.own_purse,
        partner_purse=row.partner_purse,
        own_units=row.own_units,
        partner_units=row.partner_units,
        rials=row.rials,
        valid_until=row.valid_until,
        state=ClubContractState(row.state),
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
    )
