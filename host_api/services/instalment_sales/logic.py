"""Opening, calling off and reading instalment sales; what other services take from them."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import func, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.persian_text import persian_digits
from host_api.core.tehran_time import tehran_date
from host_api.services.instalment_sales.events import INSTALMENT_LATE, InstalmentLate
from host_api.services.instalment_sales.listing import (
    InstalmentSaleFilters,
    InstalmentSaleQuery,
    OwnInstalmentSaleQuery,
)
from host_api.services.instalment_sales.models import InstalmentPart, InstalmentPayment, InstalmentSale
from host_api.services.instalment_sales.paying import SERVICE, give_all_back, lock, tell_ended
from host_api.services.instalment_sales.plans import plan
from host_api.services.instalment_sales.problems import InstalmentPaymentNotFound, InstalmentSaleNotFound
from host_api.services.instalment_sales.schemas import (
    InstalmentPartRead,
    InstalmentPaymentRead,
    InstalmentPlanRead,
    InstalmentSaleRead,
    InstalmentSaleStatement,
    InstalmentTerms,
    InstalmentTotals,
)
from host_api.services.instalment_sales.states import (
    InstalmentMeans,
    InstalmentPaymentState,
    InstalmentSaleState,
)
from host_api.services.members import logic as members
from host_api.services.messages.logic import tell_members
from host_api.services.messages.member_text import MemberText, Telling
from host_api.services.sellers import logic as sellers

__all__ = [
    "SERVICE",
    "InstalmentPlanRead",
    "InstalmentSale",
    "InstalmentTerms",
    "call_off",
    "open_sale",
    "plan",
]

_MOST_PAYMENTS: Final = 1_000


async def open_sale(
    session: WriteSession,
    *,
    seller_id: int,
    member_id: int,
    price_rials: int,
    terms: InstalmentTerms,
    service: str,
    reference: str,
) -> InstalmentSale:
    """Begin a sale today.

    Parameters:
        service, reference: whose sale it is, and the service's own name of it; once.
    """
    now = utc_now()
    started_on = tehran_date(now)
    planned = await plan(session, price_rials, started_on, terms)
    sale = InstalmentSale(
        seller_id=seller_id,
        member_id=member_id,
        service=service,
        reference=reference,
        price_rials=price_rials,
        charge_rials=planned.charge_rials,
        terms=terms.model_dump(mode="json"),
        started_on=started_on,
        state=InstalmentSaleState.RUNNING.value,
        paid_rials=0,
        asked_rials=0,
        opened_at=now,
    )
    session.add(sale)
    await session.flush()
    session.add_all(
        InstalmentPart(sale_id=sale.id, paid_rials=0, **part.model_dump()) for part in planned.parts
    )
    await session.flush()
    return sale


async def call_off(session: WriteSession, caller: Caller, *, service: str, reference: str) -> None:
    """End a sale whose goods did not come, or went back; what was paid goes back too."""
    sale = await session.scalar(
        select(InstalmentSale)
        .where(InstalmentSale.service == service, InstalmentSale.reference == reference)
        .with_for_update()
    )
    if sale is None or sale.state == InstalmentSaleState.CANCELLED:
        return
    sale.state, sale.ended_at = InstalmentSaleState.CANCELLED.value, utc_now()
    await give_all_back(session, caller, sale)
    tell_ended(session, sale)
    await session.flush()


async def late_parts(session: AnySession, today: date, limit: int) -> list[int]:
    """Ids of parts of running sales whose day has gone by unpaid, and that are not marked yet."""
    found = await session.scalars(
        select(InstalmentPart.id)
        .join(InstalmentSale, InstalmentSale.id == InstalmentPart.sale_id)
        .where(
            InstalmentPart.due_on < today,
            InstalmentPart.late_on.is_(None),
            InstalmentPart.paid_at.is_(None),
            InstalmentSale.state == InstalmentSaleState.RUNNING.value,
        )
        .order_by(InstalmentPart.due_on, InstalmentPart.id)
        .limit(limit)
    )
    return list(found)


async def mark_late(session: WriteSession, part_id: int, today: date) -> bool:
    """Mark a part, tell the member and emit it; whether it is late still."""
    part = await session.get_one(InstalmentPart, part_id)
    sale = await lock(session, part.sale_id)
    await session.refresh(part)
    if sale.state != InstalmentSaleState.RUNNING or part.paid_at is not None or part.late_on is not None:
        return False
    part.late_on = today
    unpaid = part.price_rials + part.charge_rials - part.paid_rials
    late = InstalmentLate(
        sale_id=sale.id,
        seller_id=sale.seller_id,
        member_id=sale.member_id,
        number=part.number,
        due_on=part.due_on,
        unpaid_rials=unpaid,
    )
    emit(session, INSTALMENT_LATE, Subject("instalment_sale", sale.id), late)
    text = MemberText(
        persian_digits(f"قسط {part.number} خرید اقساطی {sale.id} سررسید شده است: {unpaid} ریال."),
        f"Instalment {part.number} of purchase {sale.id} has fallen due: {unpaid} rials.",
    )
    await tell_members(session, [Telling(sale.member_id, "instalment-late", str(part.id), text)])
    await session.flush()
    return True


async def totals(session: ReadSession, seller_id: int) -> InstalmentTotals:
    """What a seller has sold in instalments.

    Raises:
        SellerNotFound
    """
    await sellers.find(session, seller_id)
    sale, part, payment = InstalmentSale, InstalmentPart, InstalmentPayment
    stands = (sale.seller_id == seller_id, sale.state != InstalmentSaleState.CANCELLED.value)
    count, *sums = (
        await session.execute(
            select(
                func.count(sale.id),
                *(
                    func.coalesce(func.sum(column), 0)
                    for column in (sale.price_rials, sale.charge_rials, sale.paid_rials)
                ),
            ).where(*stands)
        )
    ).one()
    price, charge, paid = (int(each) for each in sums)
    late, overdue = (
        await session.execute(
            select(
                func.count(part.id),
                func.coalesce(func.sum(part.price_rials + part.charge_rials - part.paid_rials), 0),
            )
            .join(sale, sale.id == part.sale_id)
            .where(*stands, part.paid_at.is_(None), part.due_on < tehran_date(utc_now()))
        )
    ).one()
    refund = await session.scalar(
        select(func.coalesce(func.sum(payment.rials), 0))
        .join(sale, sale.id == payment.sale_id)
        .where(
            sale.seller_id == seller_id,
            payment.means == InstalmentMeans.DIRECT.value,
            payment.state == InstalmentPaymentState.BACK.value,
        )
    )
    return InstalmentTotals(
        seller_id=seller_id,
        sales=count,
        price_rials=price,
        charge_rials=charge,
        paid_rials=paid,
        left_rials=price + charge - paid,
        overdue_rials=int(overdue),
        late_parts=late,
        to_refund_rials=int(refund or 0),
    )


async def read(session: AnySession, sale_id: int) -> InstalmentSaleStatement:
    """A sale with its parts and payments.

    Raises:
        InstalmentSaleNotFound
    """
    sale = await session.get(InstalmentSale, sale_id)
    if sale is None:
        raise InstalmentSaleNotFound
    parts = await session.scalars(
        select(InstalmentPart).where(InstalmentPart.sale_id == sale_id).order_by(InstalmentPart.number)
    )
    payments = await session.scalars(
        select(InstalmentPayment)
        .where(InstalmentPayment.sale_id == sale_id)
        .order_by(InstalmentPayment.id)
        .limit(_MOST_PAYMENTS)
    )
    return InstalmentSaleStatement(
        **_shown(sale).model_dump(),
        parts=[InstalmentPartRead.model_validate(row) for row in parts],
        payments=[InstalmentPaymentRead.model_validate(row) for row in payments],
    )


async def read_payment(session: AnySession, payment_id: int) -> InstalmentPaymentRead:
    """One payment.

    Raises:
        InstalmentPaymentNotFound
    """
    row = await session.get(InstalmentPayment, payment_id)
    if row is None:
        raise InstalmentPaymentNotFound
    return InstalmentPaymentRead.model_validate(row)


async def read_page(session: ReadSession, query: InstalmentSaleQuery) -> Page[InstalmentSaleRead]:
    """A page of sales."""
    rows, next_cursor = await read_rows(session, select(InstalmentSale), query)
    return Page(items=_all_shown(rows), next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: InstalmentSaleFilters, cursor: str | None, limit: int
) -> tuple[list[InstalmentSaleRead], str | None]:
    """Up to `limit` sales after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(InstalmentSale), query, cursor, limit)
    return _all_shown(rows), next_cursor


async def read_own(
    session: ReadSession, member_id: int, query: OwnInstalmentSaleQuery
) -> Page[InstalmentSaleRead]:
    """A page of a member's sales.

    Raises:
        members.MemberNotFound
    """
    await members.find(session, member_id)
    rows, next_cursor = await read_rows(
        session, select(InstalmentSale).where(InstalmentSale.member_id == member_id), query
    )
    return Page(items=_all_shown(rows), next_cursor=next_cursor)


def _all_shown(rows: Sequence[InstalmentSale]) -> list[InstalmentSaleRead]:
    return [_shown(row) for row in rows]


def _shown(row: InstalmentSale) -> InstalmentSaleRead:
    is_off = row.state == InstalmentSaleState.CANCELLED
    return InstalmentSaleRead(
        id=row.id,
        seller_id=row.seller_id,
        member_id=row.member_id,
        service=row.service,
        reference=row.reference,
        price_rials=row.price_rials,
        charge_rials=row.charge_rials,
        paid_rials=row.paid_rials,
        left_rials=0 if is_off else row.price_rials + row.charge_rials - row.paid_rials,
        state=InstalmentSaleState(row.state),
        started_on=row.started_on,
        opened_at=row.opened_at,
        ended_at=row.ended_at,
    )
