"""Payments of instalment sales: they fill the parts in order, whatever they are made of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.isolation import programme_of
from host_api.core.ledger.outcomes import Outcome
from host_api.services.instalment_sales.events import INSTALMENT_SALE_ENDED, InstalmentSaleEnded
from host_api.services.instalment_sales.models import InstalmentPart, InstalmentPayment, InstalmentSale
from host_api.services.instalment_sales.problems import (
    InstalmentPaymentFixed,
    InstalmentPaymentNotFound,
    InstalmentReferenceUsed,
    InstalmentSaleNotFound,
    InstalmentSaleOver,
    InstalmentTooMuch,
)
from host_api.services.instalment_sales.schemas import (
    DirectPaymentCreate,
    InstalmentPaymentCreate,
    InstalmentPaymentRead,
)
from host_api.services.instalment_sales.states import (
    InstalmentMeans,
    InstalmentPaymentState,
    InstalmentSaleState,
)
from host_api.services.sellers import logic as sellers
from host_api.services.sellers import movements
from host_api.services.sellers.movements import Moving
from host_api.services.sellers.states import PurseMeans, SellerMovementState

SERVICE: Final = "instalment_sales"


async def lock(session: WriteSession, sale_id: int) -> InstalmentSale:
    """A sale, kept from others.

    Raises:
        InstalmentSaleNotFound
    """
    sale = await session.get(InstalmentSale, sale_id, with_for_update=True)
    if sale is None:
        raise InstalmentSaleNotFound
    return sale


async def pay(
    session: WriteSession, caller: Caller, sale_id: int, wanted: InstalmentPaymentCreate
) -> tuple[InstalmentPaymentRead, int | None]:
    """Pay from a member's purse; again under the same reference nothing new. With the request's id.

    Raises:
        InstalmentSaleNotFound, InstalmentSaleOver, InstalmentTooMuch, InstalmentReferenceUsed,
        SellerMemberNotActive
    """
    sale = await lock(session, sale_id)
    means = InstalmentMeans(wanted.means.value)
    known = await _known(session, sale, wanted.reference, means, wanted.rials)
    if known is not None:
        return known, None
    await sellers.check_member(session, sale.member_id)
    row = await _new(session, caller, sale, wanted.reference, means, wanted.rials)
    sale.asked_rials += wanted.rials
    seller = await sellers.find(session, sale.seller_id)
    moving = Moving(seller, sale.member_id, SERVICE, f"payment-{row.id}")
    _, request_id = await movements.ask_payment(
        session, caller, moving, PurseMeans(wanted.means), wanted.rials
    )
    return InstalmentPaymentRead.model_validate(row), request_id


async def note_direct(
    session: WriteSession, caller: Caller, sale_id: int, wanted: DirectPaymentCreate
) -> InstalmentPaymentRead:
    """Keep what a member has paid at the seller's; again under the same reference nothing new.

    Raises:
        InstalmentSaleNotFound, InstalmentSaleOver, InstalmentTooMuch, InstalmentReferenceUsed
    """
    sale = await lock(session, sale_id)
    known = await _known(session, sale, wanted.reference, InstalmentMeans.DIRECT, wanted.rials)
    if known is not None:
        return known
    row = await _new(session, caller, sale, wanted.reference, InstalmentMeans.DIRECT, wanted.rials)
    row.state = InstalmentPaymentState.DONE.value
    await _set_paid(session, sale, sale.paid_rials + row.rials, row.at)
    return InstalmentPaymentRead.model_validate(row)


async def void(session: WriteSession, caller: Caller, sale_id: int, payment_id: int) -> InstalmentPaymentRead:
    """Take back a direct payment that was told by mistake; the sale runs on where it was settled by it.

    Raises:
        InstalmentSaleNotFound, InstalmentPaymentNotFound, InstalmentPaymentFixed
    """
    sale = await lock(session, sale_id)
    row = await session.get(InstalmentPayment, payment_id)
    if row is None or row.sale_id != sale.id:
        raise InstalmentPaymentNotFound
    is_told = row.means == InstalmentMeans.DIRECT and row.state == InstalmentPaymentState.DONE
    if not is_told or sale.state == InstalmentSaleState.CANCELLED:
        raise InstalmentPaymentFixed
    row.state, row.told_by = InstalmentPaymentState.VOID.value, caller.name
    sale.state, sale.ended_at = InstalmentSaleState.RUNNING.value, None
    await _set_paid(session, sale, sale.paid_rials - row.rials, utc_now())
    return InstalmentPaymentRead.model_validate(row)


async def on_outcomes(session: WriteSession, outcomes: Sequence[Outcome], /) -> None:
    """Go on with payments that the switch has decided, or given back."""
    payment_ids = {outcome.request_id: _payment_of(outcome) for outcome in outcomes}
    of_payments = select(InstalmentPayment.sale_id).where(InstalmentPayment.id.in_(payment_ids.values()))
    await session.execute(
        select(InstalmentSale.id)
        .where(InstalmentSale.id.in_(of_payments))
        .order_by(InstalmentSale.id)
        .with_for_update()
    )
    await sellers.lock_accounts(session, await movements.lock_for(session, SERVICE, outcomes))
    for outcome in outcomes:
        await _on_outcome(session, outcome, payment_ids[outcome.request_id])


async def _on_outcome(session: WriteSession, outcome: Outcome, payment_id: int) -> None:
    moved = await movements.note_outcome(session, outcome)
    payment = await session.get_one(InstalmentPayment, payment_id, with_for_update=True)
    sale = await lock(session, payment.sale_id)
    if payment.state != InstalmentPaymentState.ASKED or moved.state == SellerMovementState.DOUBTFUL:
        return
    sale.asked_rials -= payment.rials
    if moved.state == SellerMovementState.REFUSED:
        payment.state = InstalmentPaymentState.REFUSED.value
        await session.flush()
        return
    if sale.state == InstalmentSaleState.CANCELLED:
        payment.state = InstalmentPaymentState.BACK.value
        caller = system_caller(SERVICE, programme_of(session.sync_session))
        await movements.give_back(session, caller, moved, moved.units)
        await session.flush()
        return
    payment.state = InstalmentPaymentState.DONE.value
    await movements.book_payment(session, moved)
    await _set_paid(session, sale, sale.paid_rials + payment.rials, utc_now())


async def give_all_back(session: WriteSession, caller: Caller, sale: InstalmentSale) -> None:
    """The sale is off: purses get back what they paid; what was paid directly the seller owes the member."""
    rows = await session.scalars(
        select(InstalmentPayment)
        .where(
            InstalmentPayment.sale_id == sale.id,
            InstalmentPayment.state == InstalmentPaymentState.DONE.value,
        )
        .order_by(InstalmentPayment.id)
    )
    for row in rows.all():
        row.state = InstalmentPaymentState.BACK.value
        moved = await movements.find(session, SERVICE, f"payment-{row.id}")
        if moved is not None:
            await movements.give_back(session, caller, moved, moved.units)
    await session.flush()


def tell_ended(session: WriteSession, sale: InstalmentSale) -> None:
    """Emit how a sale has ended."""
    ended = InstalmentSaleEnded(
        sale_id=sale.id,
        seller_id=sale.seller_id,
        member_id=sale.member_id,
        is_settled=sale.state == InstalmentSaleState.SETTLED,
    )
    emit(session, INSTALMENT_SALE_ENDED, Subject("instalment_sale", sale.id), ended)


async def _known(
    session: AnySession, sale: InstalmentSale, reference: str, means: InstalmentMeans, rials: int
) -> InstalmentPaymentRead | None:
    row = await session.scalar(
        select(InstalmentPayment).where(
            InstalmentPayment.sale_id == sale.id, InstalmentPayment.reference == reference
        )
    )
    if row is None:
        return None
    if (row.means, row.rials) != (means, rials):
        raise InstalmentReferenceUsed
    return InstalmentPaymentRead.model_validate(row)


async def _new(  # noqa: PLR0917
    session: WriteSession,
    caller: Caller,
    sale: InstalmentSale,
    reference: str,
    means: InstalmentMeans,
    rials: int,
) -> InstalmentPayment:
    if sale.state != InstalmentSaleState.RUNNING:
        raise InstalmentSaleOver
    if sale.paid_rials + sale.asked_rials + rials > sale.price_rials + sale.charge_rials:
        raise InstalmentTooMuch
    row = InstalmentPayment(
        sale_id=sale.id,
        means=means.value,
        reference=reference,
        rials=rials,
        state=InstalmentPaymentState.ASKED.value,
        told_by=caller.name,
        at=utc_now(),
    )
    session.add(row)
    await session.flush()
    return row


async def _set_paid(session: WriteSession, sale: InstalmentSale, paid_rials: int, at: datetime) -> None:
    """Fill the parts in order with all that is paid."""
    sale.paid_rials = left = paid_rials
    parts = await session.scalars(
        select(InstalmentPart).where(InstalmentPart.sale_id == sale.id).order_by(InstalmentPart.number)
    )
    for part in parts:
        whole = part.price_rials + part.charge_rials
        part.paid_rials = min(left, whole)
        left -= part.paid_rials
        is_paid = part.paid_rials == whole
        part.paid_at = (part.paid_at or at) if is_paid else None
    if sale.paid_rials == sale.price_rials + sale.charge_rials:
        sale.state, sale.ended_at = InstalmentSaleState.SETTLED.value, at
        tell_ended(session, sale)
    await session.flush()


def _payment_of(outcome: Outcome) -> int:
    return int(outcome.reference.partition(":")[0].removeprefix("payment-"))
