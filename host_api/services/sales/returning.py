"""Goods that come back: stock, money and debt at once, points through the switch."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.emission import Subject, emit
from host_api.services.members.succession import survivor_of
from host_api.services.products import logic as products
from host_api.services.products.amounts import part_of
from host_api.services.sales import points
from host_api.services.sales.baskets import basket_of
from host_api.services.sales.events import STORE_SALE_RETURNED, StoreSaleReturned
from host_api.services.sales.models import StoreReturn, StoreReturnLine, StoreSale, StoreSaleLine
from host_api.services.sales.problems import (
    PaymentsDiffer,
    SaleLinesRefused,
    SaleNotFound,
    SalePointsSettled,
    SaleReturnNotFound,
    SaleTransactionDiffers,
)
from host_api.services.sales.schemas import ReturnedLine, StoreReturnCreate
from host_api.services.sales.selling import check_payments, check_time, money_parts
from host_api.services.stock import logic as stock
from host_api.services.stock.logic import StockMove
from host_api.services.stock.schemas import StockEntryKind
from host_api.services.store_accounts import books
from host_api.services.store_accounts.books import Part, StoreDocument
from host_api.services.store_accounts.schemas import StoreAccount, StoreDocumentKind
from host_api.services.store_accounts.till_documents import TillReferenceUsed, digest_of, known_document
from host_api.services.transaction_requests import logic as transaction_requests
from host_api.services.transaction_requests.basket import ReturnLine
from host_api.services.transaction_requests.schemas import RequestState

_MAY_BE_ASKED_AGAIN = (RequestState.FAILED, RequestState.REJECTED, RequestState.CANCELLED)


@dataclass(frozen=True, slots=True)
class _Back:
    """What comes back of a line."""

    line: StoreSaleLine
    quantity: int
    net: int
    tax: int


async def take_back(
    session: WriteSession, cipher: FieldCipher, wanted: StoreReturnCreate, caller: Caller, alone_limit: int
) -> StoreReturn:
    """Register a return; the same document again is the same return.

    Raises:
        SaleNotFound, SaleLinesRefused, PaymentsDiffer, SaleTimeRefused, SalePointsUndecided, DebtExceeded,
        SaleTransactionDiffers, TransactionNotFound, TillReferenceUsed, and those of
        `transaction_requests.ask_return`
    """
    digest = digest_of(wanted, None)
    known = await known_document(session, StoreReturn, wanted.till, wanted.reference, digest)
    if known is not None:
        return known
    at = check_time(wanted.at)
    sale = await _lock_sale(session, wanted)
    parts = await _parts(session, sale, wanted.lines)
    net, tax = sum(part.net for part in parts), sum(part.tax for part in parts)
    check_payments(net + tax, wanted.refunds, wanted.debt)
    if wanted.rrn is not None:
        await _check_free(session, wanted.rrn)
        await points.check_return(session, wanted.rrn, sale, net + tax)
    row = StoreReturn(
        till=wanted.till,
        reference=wanted.reference,
        digest=digest,
        sale_id=sale.id,
        net=net,
        tax=tax,
        refunds=[refund.model_dump(mode="json") for refund in wanted.refunds],
        debt=wanted.debt,
        reason=wanted.reason,
        rrn=wanted.rrn,
        returned_at=at,
        registered_at=utc_now(),
        by_name=caller.name,
    )
    session.add(row)
    async with conflict_as(TillReferenceUsed()):
        await session.flush()
    await _take_in(session, sale, row, parts, caller)
    await _post(session, sale, row, wanted)
    if wanted.rrn is None:
        row.transaction_request_id = await points.take_back(
            session,
            cipher,
            sale,
            net + tax,
            await _basket(session, parts),
            wanted.reason,
            caller,
            alone_limit=alone_limit,
        )
    emit(
        session,
        STORE_SALE_RETURNED,
        Subject("store_sale", sale.id),
        StoreSaleReturned(return_id=row.id, sale_id=sale.id, member_id=sale.member_id, total=net + tax),
    )
    await session.flush()
    return row


async def ask_points_again(
    session: WriteSession, cipher: FieldCipher, return_id: int, caller: Caller, alone_limit: int
) -> StoreReturn:
    """Ask for the points of a return once more, which were refused to come back.

    Raises:
        SaleReturnNotFound, SalePointsSettled, and those of `transaction_requests.ask_return`
    """
    row = await session.get(StoreReturn, return_id, with_for_update=True)
    if row is None:
        raise SaleReturnNotFound
    if row.transaction_request_id is None:
        raise SalePointsSettled
    asked = await transaction_requests.read(session, row.transaction_request_id)
    sale = await session.get(StoreSale, row.sale_id)
    if sale is None or asked.state not in _MAY_BE_ASKED_AGAIN:
        raise SalePointsSettled
    row.transaction_request_id = await points.take_back(
        session,
        cipher,
        sale,
        asked.amount,
        asked.lines,
        asked.reason,
        caller,
        alone_limit=alone_limit,
    )
    await session.flush()
    return row


async def _lock_sale(session: WriteSession, wanted: StoreReturnCreate) -> StoreSale:
    """The sale, of which nothing else comes back until the transaction ends."""
    statement = select(StoreSale).with_for_update()
    if wanted.sale_id is not None:
        statement = statement.where(StoreSale.id == wanted.sale_id)
    else:
        statement = statement.where(
            StoreSale.till == wanted.till, StoreSale.reference == wanted.sale_reference
        )
    sale = await session.scalar(statement)
    if sale is None:
        raise SaleNotFound
    return sale


async def _parts(session: WriteSession, sale: StoreSale, wanted: Sequence[ReturnedLine]) -> list[_Back]:
    rows = await session.scalars(
        select(StoreSaleLine).where(StoreSaleLine.sale_id == sale.id).with_for_update()
    )
    by_number = {row.number: row for row in rows}
    parts: list[_Back] = []
    faults: list[tuple[str, str, str, str]] = []
    for index, back in enumerate(wanted):
        line = by_number.get(back.number)
        if line is None:
            text = "The sale has no such line", "فروش چنین ردیفی ندارد."
            faults.append((f"lines.{index}.number", "line-not-found", *text))
        elif line.returned + back.quantity > line.quantity:
            text = "Less of it is left to come back", "ماندهٔ قابل برگشت کمتر است."
            faults.append((f"lines.{index}.quantity", "more-than-left", *text))
        else:
            parts.append(_part(line, back.quantity))
    if faults:
        raise SaleLinesRefused(faults)
    return parts


def _part(line: StoreSaleLine, quantity: int) -> _Back:
    """The amounts of all that is back after this, less what was before: together they are the line's."""

    def difference(whole: int) -> int:
        after = part_of(whole, line.returned + quantity, line.quantity)
        return after - part_of(whole, line.returned, line.quantity)

    return _Back(line, quantity, difference(line.net), difference(line.tax))


async def _check_free(session: AnySession, rrn: str) -> None:
    if await session.scalar(select(StoreReturn.id).where(StoreReturn.rrn == rrn)) is not None:
        raise SaleTransactionDiffers


async def _take_in(
    session: WriteSession, sale: StoreSale, row: StoreReturn, parts: Sequence[_Back], caller: Caller
) -> None:
    for part in parts:
        part.line.returned += part.quantity
        session.add(
            StoreReturnLine(
                return_id=row.id,
                number=part.line.number,
                quantity=part.quantity,
                net=part.net,
                tax=part.tax,
            )
        )
    moves = [StockMove(part.line.product_id, part.quantity) for part in parts]
    await stock.book(session, sale.branch_id, moves, StockEntryKind.RETURN, caller, document_id=row.id)


async def _post(session: WriteSession, sale: StoreSale, row: StoreReturn, wanted: StoreReturnCreate) -> None:
    member_id = None if sale.member_id is None else await survivor_of(session, sale.member_id)
    document = StoreDocument(
        StoreDocumentKind.RETURN, row.id, sale.merchant, sale.branch_id, row.returned_at, row.by_name
    )
    if wanted.debt and member_id is None:
        raise PaymentsDiffer
    parts = [
        Part(StoreAccount.SALES, row.net),
        Part(StoreAccount.TAX, row.tax),
        *money_parts(wanted.refunds, -1),
        Part(StoreAccount.RECEIVABLE, -wanted.debt, member_id),
    ]
    await books.post(session, document, parts)


async def _basket(session: AnySession, parts: Sequence[_Back]) -> list[ReturnLine]:
    known = await products.by_ids(session, {part.line.product_id for part in parts})
    return await basket_of(
        session, [(known[part.line.product_id], part.quantity, part.net + part.tax) for part in parts]
    )
