"""Units between members' purses and sellers: asked of the switch, booked on the account, given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import LARGEST_AMOUNT, credit, debit, return_of_debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.services.sellers import accounts
from host_api.services.sellers.listing import SellerMovementQuery
from host_api.services.sellers.models import Seller, SellerMovement
from host_api.services.sellers.problems import SellerMovementNotFailed, SellerMovementNotFound
from host_api.services.sellers.schemas import SellerMovementRead
from host_api.services.sellers.states import (
    PurseMeans,
    SellerLineKind,
    SellerMovementKind,
    SellerMovementState,
)
from protocol.dialect import PurseCode

__all__ = [
    "PATIENCE",
    "Moving",
    "ask_bonus",
    "ask_payment",
    "book_payment",
    "find",
    "give_back",
    "lock_for",
    "note_outcome",
    "retry",
    "units_for",
]

# What the switch has not answered by then is taken back.
PATIENCE: Final = timedelta(minutes=5)

_BASIS: Final = 10_000
_PURSES: Final = {PurseMeans.POINTS: PurseCode.POINTS, PurseMeans.WALLET: PurseCode.WALLET}
_ENDS: Final = {
    RequestState.APPROVED: SellerMovementState.DONE,
    RequestState.DECLINED: SellerMovementState.REFUSED,
    RequestState.REVERSED: SellerMovementState.REFUSED,
    RequestState.DOUBTFUL: SellerMovementState.DOUBTFUL,
}


@dataclass(frozen=True, slots=True)
class Moving:
    """Whose movement it is.

    Parameters:
        service: of the caller of this, by whose name the switch's outcome comes back.
        reference: the service's own, at most 48 characters, no colon; once.
    """

    seller: Seller
    member_id: int
    service: str
    reference: str


def units_for(seller: Seller, means: PurseMeans, rials: int) -> int:
    """Units of a purse that pay so many rials; a part of a point is a whole one."""
    return rials if means is PurseMeans.WALLET else -(-rials // seller.point_rials)


async def ask_payment(
    session: WriteSession,
    caller: Caller,
    moving: Moving,
    means: PurseMeans,
    rials: int,
    *,
    kind: SellerMovementKind = SellerMovementKind.PAYMENT,
) -> tuple[SellerMovement, int]:
    """Ask for what a member pays; the movement, and the request's id."""
    commission = rials * moving.seller.commission_bp // _BASIS if kind is SellerMovementKind.PAYMENT else 0
    row = _new(moving, kind, _PURSES[means], units_for(moving.seller, means, rials), rials, commission)
    session.add(row)
    await session.flush()
    reason = f"{moving.service} {moving.reference}"
    request_id = await request_points(
        session,
        debit(row.member_id, row.purse, row.units, reason),
        service=row.service,
        reference=f"{row.reference}:0",
        asked_by=caller,
        reason=reason,
        patience=PATIENCE,
    )
    return row, request_id


async def ask_bonus(session: WriteSession, caller: Caller, moving: Moving, units: int, rials: int) -> int:
    """Ask for points at a seller's cost, for which `rials` are held on its account; the request's id."""
    row = _new(moving, SellerMovementKind.BONUS, PurseCode.POINTS, units, rials, 0)
    session.add(row)
    await session.flush()
    return await _ask_bonus(session, row, caller)


async def book_payment(session: WriteSession, row: SellerMovement) -> None:
    """The seller has earned what a member paid."""
    if row.is_booked or row.state != SellerMovementState.DONE:
        return
    row.is_booked = True
    for kind, rials in (
        (SellerLineKind.PAYMENT, -row.rials),
        (SellerLineKind.COMMISSION, row.commission_rials),
    ):
        await accounts.book(session, row.seller_id, rials, kind, service=row.service, reference=row.reference)


async def give_back(session: WriteSession, caller: Caller, row: SellerMovement, units: int) -> int | None:
    """Give units of a payment that was done back; the request's id, None where there is nothing to give."""
    if row.state != SellerMovementState.DONE or units <= 0:
        return None
    row.state, row.returned_units = SellerMovementState.RETURNING.value, units
    return await _ask_return(session, row, caller)


async def retry(session: WriteSession, caller: Caller, movement_id: int) -> tuple[SellerMovement, int]:
    """Ask the switch once more for a bonus or a return that it refused; the request's id too.

    Raises:
        SellerMovementNotFound, SellerMovementNotFailed
    """
    row = await session.get(SellerMovement, movement_id, with_for_update=True)
    if row is None:
        raise SellerMovementNotFound
    if row.state == SellerMovementState.UNRETURNED:
        row.state = SellerMovementState.RETURNING.value
        return row, await _ask_return(session, row, caller)
    if row.state == SellerMovementState.REFUSED and row.kind == SellerMovementKind.BONUS:
        row.state = SellerMovementState.ASKED.value
        row.attempt += 1
        return row, await _ask_bonus(session, row, caller)
    raise SellerMovementNotFailed


async def lock_for(session: WriteSession, service: str, outcomes: Sequence[Outcome]) -> list[int]:
    """Keep the movements that outcomes are of from others, in the order of their ids; the sellers' ids."""
    references = [_reference_of(outcome) for outcome in outcomes]
    rows = await session.scalars(
        select(SellerMovement)
        .where(SellerMovement.service == service, SellerMovement.reference.in_(references))
        .order_by(SellerMovement.id)
        .with_for_update()
    )
    return [row.seller_id for row in rows]


async def note_outcome(session: WriteSession, outcome: Outcome) -> SellerMovement:
    """Keep what became of a movement, and book a bonus, or what a booked payment's return takes back."""
    row = await find(session, outcome.service, _reference_of(outcome))
    if row is None:
        raise LookupError("a movement has gone")
    row = await session.get_one(SellerMovement, row.id, with_for_update=True)
    row.response_code, row.ended_at = outcome.response_code, utc_now()
    if row.returned_units:
        await _note_return(session, row, outcome)
        return row
    row.state, row.rrn = _ENDS[outcome.state].value, outcome.rrn
    await session.flush()
    if row.state == SellerMovementState.DONE and row.kind == SellerMovementKind.BONUS:
        row.is_booked = True
        await accounts.book(
            session,
            row.seller_id,
            row.rials,
            SellerLineKind.BONUS,
            service=row.service,
            reference=row.reference,
            held_rials=row.rials,
        )
    return row


async def find(session: AnySession, service: str, reference: str) -> SellerMovement | None:
    """A service's movement by its reference."""
    return await session.scalar(
        select(SellerMovement).where(SellerMovement.service == service, SellerMovement.reference == reference)
    )


async def read(session: AnySession, movement_id: int) -> SellerMovementRead:
    """One movement.

    Raises:
        SellerMovementNotFound
    """
    row = await session.get(SellerMovement, movement_id)
    if row is None:
        raise SellerMovementNotFound
    return SellerMovementRead.model_validate(row)


async def read_page(session: ReadSession, query: SellerMovementQuery) -> Page[SellerMovementRead]:
    """A page of movements."""
    rows, next_cursor = await read_rows(session, select(SellerMovement), query)
    return Page(items=[SellerMovementRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def _note_return(session: WriteSession, row: SellerMovement, outcome: Outcome) -> None:
    if outcome.state is RequestState.DOUBTFUL:
        return
    if outcome.state is not RequestState.APPROVED:
        row.state = SellerMovementState.UNRETURNED.value
        await session.flush()
        return
    row.state, row.return_rrn = SellerMovementState.RETURNED.value, outcome.rrn
    await session.flush()
    if row.is_booked:
        row.is_booked = False
        for kind, rials in (
            (SellerLineKind.PAYMENT_BACK, row.rials),
            (SellerLineKind.COMMISSION_BACK, -row.commission_rials),
        ):
            await accounts.book(
                session, row.seller_id, rials, kind, service=row.service, reference=row.reference
            )


async def _ask_bonus(session: WriteSession, row: SellerMovement, caller: Caller) -> int:
    reason = f"{row.service} {row.reference}"
    return await request_points(
        session,
        credit(row.member_id, row.purse, row.units, reason),
        service=row.service,
        reference=f"{row.reference}:{row.attempt}",
        asked_by=caller,
        reason=reason,
    )


async def _ask_return(session: WriteSession, row: SellerMovement, caller: Caller) -> int:
    """Without an end to the patience: it is the member's, however late the switch answers."""
    row.attempt += 1
    return await request_points(
        session,
        return_of_debit(row.member_id, row.purse, row.returned_units, row.rrn or ""),
        service=row.service,
        reference=f"{row.reference}:{row.attempt}",
        asked_by=caller,
        reason=f"{row.service} {row.reference}: return",
    )


def _reference_of(outcome: Outcome) -> str:
    return outcome.reference.rpartition(":")[0]


def _new(  # noqa: PLR0917
    moving: Moving, kind: SellerMovementKind, purse: int, units: int, rials: int, commission_rials: int
) -> SellerMovement:
    if not 0 < units <= LARGEST_AMOUNT:
        raise ValueError("a movement has one unit or more")
    return SellerMovement(
        seller_id=moving.seller.id,
        member_id=moving.member_id,
        kind=kind.value,
        service=moving.service,
        reference=moving.reference,
        purse=purse,
        units=units,
        rials=rials,
        commission_rials=commission_rials,
        is_booked=False,
        state=SellerMovementState.ASKED.value,
        attempt=0,
        returned_units=0,
        asked_at=utc_now(),
    )
