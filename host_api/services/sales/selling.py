"""Registering sales and gifts: stock, books and points, all or nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.emission import Subject, emit
from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.services.cards.digital import logic as digital_cards
from host_api.services.cards.digital.problems import CodeNotFound
from host_api.services.members.succession import survivor_of
from host_api.services.merchants import logic as merchants
from host_api.services.sales import points
from host_api.services.sales.baskets import basket_of
from host_api.services.sales.events import STORE_SALE_REGISTERED, StoreSaleRegistered
from host_api.services.sales.models import StoreSale, StoreSaleLine
from host_api.services.sales.pricing import PricedLine, priced
from host_api.services.sales.problems import (
    PaymentsDiffer,
    SaleCustomerNotFound,
    SaleTimeRefused,
    SaleTooLarge,
    SaleTransactionDiffers,
)
from host_api.services.sales.schemas import (
    BasketLine,
    SalePointsState,
    StoreGiftCreate,
    StorePayment,
    StoreSaleCreate,
    StoreSaleKind,
)
from host_api.services.stock import logic as stock
from host_api.services.stock.logic import StockMove
from host_api.services.stock.schemas import StockEntryKind
from host_api.services.store_accounts import books
from host_api.services.store_accounts import logic as store_accounts
from host_api.services.store_accounts.books import Part, StoreDocument
from host_api.services.store_accounts.schemas import StoreAccount, StoreDocumentKind
from host_api.services.store_accounts.till_documents import TillReferenceUsed, digest_of, known_document

OLDEST: Final = timedelta(days=92)
_CLOCK_AHEAD: Final = timedelta(minutes=5)


async def register(
    session: WriteSession, cipher: FieldCipher, wanted: StoreSaleCreate, caller: Caller
) -> StoreSale:
    """Register a sale; the same document again is the same sale.

    Raises:
        MemberNotFound, BranchNotFound, TransactionNotFound, DebtorNotServed, NotInStock, TillReferenceUsed,
        and those of `problems`
    """
    member_id = await _customer(session, cipher, wanted)
    digest = digest_of(wanted, member_id)
    known = await known_document(session, StoreSale, wanted.till, wanted.reference, digest)
    if known is not None:
        return known
    branch = await merchants.find_branch(session, wanted.branch_id)
    merchant_id = (await merchants.find_merchant(session, branch.merchant_key)).merchant_id
    at = check_time(wanted.at)
    lines = await priced(session, branch.merchant_key, wanted.lines, at)
    total = _total(lines)
    check_payments(total, wanted.payments, wanted.debt)
    state = SalePointsState.NONE
    if wanted.rrn is not None:
        await _check_free(session, wanted.rrn)
        member_id = await points.linked_member(session, wanted.rrn, merchant_id, total, member_id)
        state = SalePointsState.LINKED
    if wanted.debt and member_id is None:
        raise PaymentsDiffer
    sale = _sale(wanted, StoreSaleKind.SALE, branch.merchant_key, member_id, at, lines, digest, caller)
    sale.payments = [payment.model_dump(mode="json") for payment in wanted.payments]
    sale.debt, sale.rrn, sale.points_state = wanted.debt, wanted.rrn, state.value
    await _keep(session, sale, lines, caller)
    await _post(session, sale, wanted.payments)
    if state is SalePointsState.NONE and member_id is not None and total:
        basket = await basket_of(session, [(line.product, line.quantity, line.total) for line in lines])
        await points.earn(session, sale, merchant_id, branch.branch_number, basket, caller)
    return sale


async def give(
    session: WriteSession, cipher: FieldCipher, wanted: StoreGiftCreate, caller: Caller
) -> StoreSale:
    """Register a gift: goods go out, nothing is paid and nothing earned.

    Raises:
        MemberNotFound, BranchNotFound, NotInStock, TillReferenceUsed, and those of `problems`
    """
    member_id = await _customer(session, cipher, wanted)
    digest = digest_of(wanted, member_id)
    known = await known_document(session, StoreSale, wanted.till, wanted.reference, digest)
    if known is not None:
        return known
    branch = await merchants.find_branch(session, wanted.branch_id)
    at = check_time(wanted.at)
    for_nothing = [
        BasketLine(product=line.product, quantity=line.quantity, unit_price=0) for line in wanted.lines
    ]
    lines = await priced(session, branch.merchant_key, for_nothing, at)
    gift = _sale(wanted, StoreSaleKind.GIFT, branch.merchant_key, member_id, at, lines, digest, caller)
    await _keep(session, gift, lines, caller)
    return gift


def check_time(at: datetime | None) -> datetime:
    """When a document was made.

    Raises:
        SaleTimeRefused
    """
    now = utc_now()
    if at is not None and not now - OLDEST <= at <= now + _CLOCK_AHEAD:
        raise SaleTimeRefused
    return at or now


def check_payments(total: int, payments: Sequence[StorePayment], debt: int) -> None:
    """See that payments and debt come to the total.

    Raises:
        PaymentsDiffer
    """
    if sum(payment.amount for payment in payments) + debt != total:
        raise PaymentsDiffer


def money_parts(payments: Sequence[StorePayment], sign: int) -> list[Part]:
    """The payments' parts in the books: debits of a sale with sign 1, credits of a return with -1."""
    return [Part(payment.method.account, sign * payment.amount) for payment in payments]


async def _customer(
    session: AnySession, cipher: FieldCipher, wanted: StoreSaleCreate | StoreGiftCreate
) -> int | None:
    if wanted.code is None:
        return None if wanted.member_id is None else await survivor_of(session, wanted.member_id)
    try:
        member_id = (await digital_cards.look_up(session, cipher, wanted.code)).member_id
    except CodeNotFound:
        member_id = None
    if member_id is None:
        raise SaleCustomerNotFound
    return await survivor_of(session, member_id)


def _total(lines: Sequence[PricedLine]) -> int:
    total = sum(line.total for line in lines)
    if total > LARGEST_AMOUNT:
        raise SaleTooLarge
    return total


async def _check_free(session: AnySession, rrn: str) -> None:
    if await session.scalar(select(StoreSale.id).where(StoreSale.rrn == rrn)) is not None:
        raise SaleTransactionDiffers


def _sale(  # noqa: PLR0917
    wanted: StoreSaleCreate | StoreGiftCreate,
    kind: StoreSaleKind,
    merchant: int,
    member_id: int | None,
    at: datetime,
    lines: Sequence[PricedLine],
    digest: bytes,
    caller: Caller,
) -> StoreSale:
    return StoreSale(
        till=wanted.till,
        reference=wanted.reference,
        digest=digest,
        kind=kind.value,
        merchant=merchant,
        branch_id=wanted.branch_id,
        member_id=member_id,
        net=sum(line.net for line in lines),
        tax=sum(line.tax for line in lines),
        payments=[],
        debt=0,
        sold_at=at,
        registered_at=utc_now(),
        by_name=caller.name,
        points_state=SalePointsState.NONE.value,
        has_basket=False,
    )


async def _keep(session: WriteSession, sale: StoreSale, lines: Sequence[PricedLine], caller: Caller) -> None:
    """Store the document first, so that of two at once only one goes on; then take its goods out."""
    session.add(sale)
    async with conflict_as(TillReferenceUsed()):
        await session.flush()
    session.add_all(
        StoreSaleLine(
            sale_id=sale.id,
            number=number,
            product_id=line.product.id,
            quantity=line.quantity,
            returned=0,
            unit_price=line.unit_price,
            discount=line.discount,
            net=line.net,
            tax=line.tax,
        )
        for number, line in enumerate(lines, 1)
    )
    moves = [
        StockMove(line.product.id, -line.quantity, f"lines.{index}.quantity")
        for index, line in enumerate(lines)
    ]
    kind = StockEntryKind.GIFT if sale.kind == StoreSaleKind.GIFT else StockEntryKind.SALE
    await stock.book(session, sale.branch_id, moves, kind, caller, document_id=sale.id)
    emit(
        session,
        STORE_SALE_REGISTERED,
        Subject("store_sale", sale.id),
        StoreSaleRegistered(
            sale_id=sale.id,
            kind=StoreSaleKind(sale.kind),
            merchant=sale.merchant,
            branch_id=sale.branch_id,
            member_id=sale.member_id,
            total=sale.net + sale.tax,
        ),
    )


async def _post(session: WriteSession, sale: StoreSale, payments: Sequence[StorePayment]) -> None:
    if sale.debt and sale.member_id is not None:
        await store_accounts.check_debtor(session, sale.member_id)
    document = StoreDocument(
        StoreDocumentKind.SALE, sale.id, sale.merchant, sale.branch_id, sale.sold_at, sale.by_name
    )
    parts = [
        *money_parts(payments, 1),
        Part(StoreAccount.RECEIVABLE, sale.debt, sale.member_id),
        Part(StoreAccount.SALES, -sale.net),
        Part(StoreAccount.TAX, -sale.tax),
    ]
    await books.post(session, document, parts)
