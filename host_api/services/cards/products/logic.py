"""Card products, and whether one more card of a product may be issued."""

from datetime import date, datetime
from enum import Enum
from typing import Final, Protocol

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.tehran_time import tehran_date, today
from host_api.services.cards.models import Card
from host_api.services.cards.products.listing import ProductQuery
from host_api.services.cards.products.models import CardProduct
from host_api.services.cards.products.problems import (
    CardLimitReached,
    MemberMayNotHold,
    ProductCodeReserved,
    ProductCodeTaken,
    ProductNotFound,
    ProductRetired,
)
from host_api.services.cards.products.schemas import (
    ProductChange,
    ProductCreate,
    ProductKind,
    ProductRead,
    ProductStatus,
)
from host_api.services.cards.states import HELD
from host_api.services.members.schemas import MemberStatus

# What the switch knows by name: cards that hold their value themselves, and phone numbers.
GIFT_CARD_TYPE: Final = "GIFT"
PHONE_CARD_TYPE: Final = "PHONE"

# The product that a programme has without making one.
DEFAULT_CODE: Final = "LOYALTY"

_DEFAULT = ProductCreate(code=DEFAULT_CODE, title="Loyalty card", title_fa="کارت وفاداری")
_LIMITS: Final = ("limit_per_member", "limit_total", "limit_per_branch", "limit_per_branch_day")
_NULLABLE: Final = ("validity_months", *_LIMITS)


class Holder(Protocol):
    """Who is to hold a card: a member's record."""

    @property
    def status(self) -> str:
        """As the switch decides by it."""

    @property
    def tier(self) -> str:
        """Of the member."""

    @property
    def club_level(self) -> str | None:
        """The sub-club's code."""


async def create(session: WriteSession, wanted: ProductCreate) -> ProductRead:
    """Store a new product.

    Raises:
        ProductCodeTaken, ProductCodeReserved
    """
    is_gift = wanted.kind is ProductKind.GIFT
    if wanted.code == PHONE_CARD_TYPE or (wanted.code == GIFT_CARD_TYPE and not is_gift):
        raise ProductCodeReserved
    product = _row(wanted)
    async with conflict_as(ProductCodeTaken()), session.begin_nested():
        session.add(product)
    return ProductRead.model_validate(product)


async def change(session: WriteSession, product_id: int, wanted: ProductChange, if_match: str) -> ProductRead:
    """Change a product; cards that were issued stay as they are.

    Raises:
        ProductNotFound, ChangedMeanwhile
    """
    product = await find(session, product_id)
    check_version(product, if_match)
    for name in wanted.model_fields_set:
        value: object = getattr(wanted, name)
        if value is not None or name in _NULLABLE:
            setattr(product, name, value.value if isinstance(value, Enum) else value)
    await session.flush()
    return ProductRead.model_validate(product)


async def read(session: AnySession, product_id: int) -> ProductRead:
    """One product.

    Raises:
        ProductNotFound
    """
    return ProductRead.model_validate(await find(session, product_id))


async def read_page(session: ReadSession, query: ProductQuery) -> Page[ProductRead]:
    """A page of products."""
    rows, next_cursor = await read_rows(session, select(CardProduct), query)
    return Page(items=[ProductRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def find(session: AnySession, product_id: int) -> CardProduct:
    """One product's row.

    Raises:
        ProductNotFound
    """
    product = await session.get(CardProduct, product_id)
    if product is None:
        raise ProductNotFound
    return product


async def lock(session: WriteSession, code: str) -> CardProduct:
    """The product with this code; one with limits is kept from other writers, so that they count exactly.

    The default product comes up with its first card.

    Raises:
        ProductNotFound, ProductRetired
    """
    by_code = select(CardProduct).where(CardProduct.code == code)
    product: CardProduct | None = await session.scalar(by_code)
    if product is None and code == DEFAULT_CODE:
        try:
            async with session.begin_nested():
                session.add(_row(_DEFAULT))
        except IntegrityError:
            pass  # somebody else's first card
        product = await session.scalar(by_code)
    if product is not None and _has_limits(product):
        locking = by_code.with_for_update()
        product = await session.scalar(locking)
    if product is None:
        raise ProductNotFound
    if product.status != ProductStatus.ACTIVE:
        raise ProductRetired
    return product


def check_holder(product: CardProduct, member: Holder) -> None:
    """See that the member may hold cards of the product.

    Raises:
        MemberMayNotHold
    """
    if (
        member.status != MemberStatus.ACTIVE
        or (product.tiers and member.tier not in product.tiers)
        or (product.club_levels and member.club_level not in product.club_levels)
    ):
        raise MemberMayNotHold


async def check_limits(
    session: WriteSession, product: CardProduct, *, member_id: int | None, branch_id: int | None
) -> None:
    """See that one more card of a product may be issued, to this member and at this branch.

    The product was got by `lock`.

    Raises:
        CardLimitReached
    """
    of_product = select(func.count()).select_from(Card).where(Card.product_id == product.id)
    issued = of_product.where(Card.issued_at.is_not(None))
    at_branch = issued.where(Card.branch_id == branch_id)
    day = today(utc_now())
    counts = []
    if member_id is not None:
        held = [status.value for status in HELD]
        mine = of_product.where(Card.member_id == member_id, Card.status.in_(held))
        counts.append((product.limit_per_member, mine))
    if branch_id is not None:
        counts.append((product.limit_per_branch, at_branch))
        counts.append(
            (
                product.limit_per_branch_day,
                at_branch.where(Card.issued_at >= day.start, Card.issued_at < day.end),
            )
        )
    counts.append((product.limit_total, issued))
    for limit, statement in counts:
        if limit is not None and (await session.scalar(statement) or 0) >= limit:
            raise CardLimitReached


def last_day(product: CardProduct, now: datetime) -> date | None:
    """Last day of a card that is made now: the end of a month, as printed on cards; None for no end."""
    if product.validity_months is None:
        return None
    day = tehran_date(now)
    months = day.year * 12 + day.month - 1 + product.validity_months + 1
    return date.fromordinal(date(months // 12, months % 12 + 1, 1).toordinal() - 1)


def _has_limits(product: CardProduct) -> bool:
    return any(getattr(product, name) is not None for name in _LIMITS)


def _row(wanted: ProductCreate) -> CardProduct:
    values = wanted.model_dump(mode="json")
    card_type = GIFT_CARD_TYPE if wanted.kind is ProductKind.GIFT else wanted.code
    return CardProduct(**values, card_type=card_type, status=ProductStatus.ACTIVE.value, created_at=utc_now())
