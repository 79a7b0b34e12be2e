"""Stocks of branches: what is there, moving cards between them, counting them."""

from sqlalchemy import ColumnElement, func, select, update

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.isolation import programme_of
from host_api.core.listing import Page, read_rows
from host_api.services.cards import logic as cards
from host_api.services.cards import record, repository
from host_api.services.cards.lifecycle.change import Change, apply
from host_api.services.cards.models import NUMBER, Card
from host_api.services.cards.products import logic as products
from host_api.services.cards.products.models import CardProduct
from host_api.services.cards.products.problems import ProductNotFound
from host_api.services.cards.states import CardStatus, ChangeReason
from host_api.services.cards.stock.listing import AllotmentQuery, CountQuery
from host_api.services.cards.stock.models import CardAllotment, CardCount
from host_api.services.cards.stock.problems import (
    CountNotFound,
    CountSettled,
    SamePlace,
    StockTooLarge,
    StockTooSmall,
)
from host_api.services.cards.stock.schemas import (
    LARGEST_COUNT,
    AllotmentCreate,
    AllotmentRead,
    CountCreate,
    CountRead,
    StockRead,
)


async def read(session: AnySession, code: str, branch_id: int | None) -> StockRead:
    """How many cards of a product are at a place.

    Raises:
        ProductNotFound, merchants.BranchNotFound
    """
    await cards.check_branch(session, branch_id)
    product = await _product(session, code)
    rows = await session.execute(
        select(Card.status, func.count())
        .where(Card.product_id == product.id, _at(branch_id))
        .group_by(Card.status)
    )
    counts = {CardStatus(status): count for status, count in rows}
    issued = await session.scalar(
        select(func.count())
        .select_from(Card)
        .where(Card.product_id == product.id, _at(branch_id), Card.issued_at.is_not(None))
    )
    return StockRead(
        card_type=code,
        branch_id=branch_id,
        ordered=counts.get(CardStatus.ORDERED, 0),
        in_stock=counts.get(CardStatus.NEW, 0),
        issued=issued or 0,
        destroyed=counts.get(CardStatus.DESTROYED, 0),
    )


async def allot(session: WriteSession, wanted: AllotmentCreate) -> AllotmentRead:
    """Move the oldest free cards of a product from one stock to another: all of them or none.

    Raises:
        SamePlace, StockTooSmall, ProductNotFound, ProductRetired, merchants.BranchNotFound
    """
    if wanted.from_branch_id == wanted.to_branch_id:
        raise SamePlace
    for branch_id in (wanted.from_branch_id, wanted.to_branch_id):
        await cards.check_branch(session, branch_id)
    product = await products.lock(session, wanted.card_type)
    free = (
        select(Card.id)
        .where(Card.product_id == product.id, _at(wanted.from_branch_id), Card.status == CardStatus.NEW.value)
        .order_by(Card.id)
        .limit(wanted.quantity)
        .with_for_update(skip_locked=True)
    )
    ids = list(await session.scalars(free))
    if len(ids) < wanted.quantity:
        raise StockTooSmall
    await session.execute(
        update(Card)
        .where(Card.id.in_(ids))
        .values(branch_id=wanted.to_branch_id)
        .execution_options(synchronize_session=False)
    )
    allotment = CardAllotment(
        product_id=product.id,
        from_branch_id=wanted.from_branch_id,
        to_branch_id=wanted.to_branch_id,
        quantity=len(ids),
        first_card_id=ids[0],
        last_card_id=ids[-1],
        at=utc_now(),
    )
    session.add(allotment)
    await session.flush()
    return AllotmentRead.model_validate(allotment)


async def count(session: WriteSession, cipher: FieldCipher, caller: Caller, wanted: CountCreate) -> CountRead:
    """Compare the cards found at a place with those that should be there; nothing is changed.

    Raises:
        ProductNotFound, merchants.BranchNotFound, StockTooLarge
    """
    await cards.check_branch(session, wanted.branch_id)
    product = await _product(session, wanted.card_type)
    programme_id = programme_of(session.sync_session)
    numbers = set(wanted.numbers)
    indexes = [index for number in numbers for index in cipher.indexes(programme_id, NUMBER.name, number)]
    rows = await session.execute(
        select(Card.id, Card.product_id, Card.branch_id, Card.status).where(Card.number_index.in_(indexes))
    )
    here, found = (
        (product.id, wanted.branch_id, CardStatus.NEW.value),
        {row[0]: tuple(row[1:]) for row in rows},
    )
    expected = set(
        await session.scalars(
            select(Card.id)
            .where(Card.product_id == product.id, _at(wanted.branch_id), Card.status == CardStatus.NEW.value)
            .limit(LARGEST_COUNT + 1)
        )
    )
    if len(expected) > LARGEST_COUNT:
        raise StockTooLarge
    made = CardCount(
        product_id=product.id,
        branch_id=wanted.branch_id,
        expected=len(expected),
        counted=len(numbers),
        missing=sorted(expected - found.keys()),
        misplaced=sorted(card_id for card_id, place in found.items() if place != here),
        unknown=len(numbers) - len(found),
        at=utc_now(),
        counted_by=caller.name,
        settled_at=None,
    )
    session.add(made)
    await session.flush()
    return CountRead.model_validate(made)


async def settle(session: WriteSession, cipher: FieldCipher, caller: Caller, count_id: int) -> CountRead:
    """Write a count's missing cards off, and book misplaced free cards here.

    Raises:
        CountNotFound, CountSettled
    """
    counted = await session.get(CardCount, count_id, with_for_update=True)
    if counted is None:
        raise CountNotFound
    if counted.settled_at is not None:
        raise CountSettled
    change = Change(CardStatus.DESTROYED, ChangeReason.MISSING, caller)
    missing = [card for card in await repository.lock_many(session, counted.missing) if _is_free(card)]
    for card in missing:
        apply(session, card, change)
    for card in await repository.lock_many(session, counted.misplaced):
        if _is_free(card) and card.product_id == counted.product_id:
            card.branch_id = counted.branch_id
    await record.send(session, cipher, missing)
    counted.settled_at = utc_now()
    await session.flush()
    return CountRead.model_validate(counted)


async def read_allotments(session: ReadSession, query: AllotmentQuery) -> Page[AllotmentRead]:
    """A page of allotments."""
    rows, next_cursor = await read_rows(session, select(CardAllotment), query)
    return Page(items=[AllotmentRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def read_counts(session: ReadSession, query: CountQuery) -> Page[CountRead]:
    """A page of counts."""
    rows, next_cursor = await read_rows(session, select(CardCount), query)
    return Page(items=[CountRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def _product(session: AnySession, code: str) -> CardProduct:
    product: CardProduct | None = await session.scalar(select(CardProduct).where(CardProduct.code == code))
    if product is None:
        raise ProductNotFound
    return product


def _at(branch_id: int | None) -> ColumnElement[bool]:
    return Card.branch_id.is_(None) if branch_id is None else Card.branch_id == branch_id


def _is_free(card: Card) -> bool:
    # Since the count it may have been given out.
    return card.status == CardStatus.NEW
