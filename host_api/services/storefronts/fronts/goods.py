"""Goods and services of storefronts, and how members find them."""

from typing import Final

from sqlalchemy import ColumnElement, Select, select

from host_api.core.access.caller import Caller
from host_api.core.counted_rows import change_count
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.persian_text import name_key, search_words
from host_api.core.second_person import asked_by, decide
from host_api.services.members.interests import logic as interests
from host_api.services.sellers.logic import active_ids
from host_api.services.storefronts.fronts import fronts
from host_api.services.storefronts.fronts.listing import StorefrontGoodQuery, StorefrontOfferQuery
from host_api.services.storefronts.fronts.models import Storefront, StorefrontGood
from host_api.services.storefronts.fronts.problems import (
    StorefrontClosed,
    StorefrontGoodNotFound,
    StorefrontInterestUnknown,
)
from host_api.services.storefronts.fronts.schemas import (
    StorefrontGoodCreate,
    StorefrontGoodRead,
    StorefrontGoodUpdate,
    StorefrontOfferRead,
)
from host_api.services.storefronts.fronts.states import ShowState, StorefrontGoodKind

_LONGEST_KEY: Final = 1_200
_LOOKED_AT: Final = ("name", "description", "interest", "file_ids")


async def add(session: WriteSession, caller: Caller, wanted: StorefrontGoodCreate) -> StorefrontGood:
    """Ask for goods to be shown.

    Raises:
        StorefrontNotFound, StorefrontClosed, SellerNotActive, StorefrontInterestUnknown,
        StorefrontPictureNotFound
    """
    await fronts.find_unclosed(session, wanted.storefront_id)
    await _check(session, wanted)
    row = StorefrontGood(
        **wanted.model_dump(mode="json"),
        **asked_by(caller),
        state=ShowState.ASKED.value,
        is_offered=True,
        search_key=_search_key(wanted.name, wanted.description),
    )
    session.add(row)
    await session.flush()
    return row


async def change(
    session: WriteSession, caller: Caller, good_id: int, if_match: str, wanted: StorefrontGoodUpdate
) -> StorefrontGood:
    """Change goods; price, stock and whether they are offered are the seller's own affair.

    Raises:
        StorefrontGoodNotFound, StorefrontClosed, StorefrontInterestUnknown, StorefrontPictureNotFound,
        ChangedMeanwhile
    """
    row = await session.get(StorefrontGood, good_id, with_for_update=True)
    if row is None:
        raise StorefrontGoodNotFound
    check_version(row, if_match)
    front = await fronts.find(session, row.storefront_id)
    if front.state == ShowState.CLOSED:
        raise StorefrontClosed
    await _check(session, wanted)
    values = {
        name: value
        for name, value in wanted.model_dump(mode="json", exclude_unset=True).items()
        if value is not None or name == "stock"
    }
    fronts.apply(row, values, caller, _LOOKED_AT)
    row.search_key = _search_key(row.name, row.description)
    await session.flush()
    return row


async def decide_good(
    session: WriteSession, caller: Caller, good_id: int, state: ShowState
) -> StorefrontGood:
    """Have goods shown or not, as the second person.

    Raises:
        StorefrontGoodNotFound, AlreadyDecided, OwnAct
    """
    row = await session.get(StorefrontGood, good_id, with_for_update=True)
    if row is None:
        raise StorefrontGoodNotFound
    decide(row, state, caller)
    await session.flush()
    return row


async def find(session: AnySession, good_id: int) -> StorefrontGood:
    """One kind of goods.

    Raises:
        StorefrontGoodNotFound
    """
    row = await session.get(StorefrontGood, good_id)
    if row is None:
        raise StorefrontGoodNotFound
    return row


async def change_stock(session: WriteSession, good_id: int, change: int) -> bool:
    """Take from what is left or give back to it; False where not enough is left."""
    stock = await session.scalar(select(StorefrontGood.stock).where(StorefrontGood.id == good_id))
    if stock is None:
        return True
    row: list[ColumnElement[bool]] = [StorefrontGood.id == good_id]
    return await change_count(session, StorefrontGood.stock, row, change) is not None


async def read_page(session: ReadSession, query: StorefrontGoodQuery) -> Page[StorefrontGoodRead]:
    """A page of goods."""
    rows, next_cursor = await read_rows(session, select(StorefrontGood), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def read_offers(session: ReadSession, query: StorefrontOfferQuery) -> Page[StorefrontOfferRead]:
    """A page of what members can order: shown and offered, at a storefront that is shown, of an active
    seller."""
    statement = offered()
    for word in search_words(query.q or ""):
        statement = statement.where(StorefrontGood.search_key.contains(word, autoescape=True))
    rows, next_cursor = await read_rows(session, statement, query)
    named = await session.scalars(
        select(Storefront).where(Storefront.id.in_({row.storefront_id for row in rows}))
    )
    names = {front.id: front.name for front in named}
    return Page(
        items=[
            StorefrontOfferRead(
                id=row.id,
                storefront_id=row.storefront_id,
                storefront_name=names[row.storefront_id],
                kind=StorefrontGoodKind(row.kind),
                name=row.name,
                description=row.description,
                interest=row.interest,
                price_rials=row.price_rials,
                file_ids=row.file_ids,
                is_sold_out=row.stock == 0,
            )
            for row in rows
        ],
        next_cursor=next_cursor,
    )


def offered() -> Select[StorefrontGood]:
    """The goods that members can order."""
    open_fronts = select(Storefront.id).where(
        Storefront.state == ShowState.SHOWN.value, Storefront.seller_id.in_(active_ids())
    )
    return select(StorefrontGood).where(
        StorefrontGood.state == ShowState.SHOWN.value,
        StorefrontGood.is_offered,
        StorefrontGood.storefront_id.in_(open_fronts),
    )


def shown(row: StorefrontGood) -> StorefrontGoodRead:
    """Goods as seller and back office see them."""
    return StorefrontGoodRead(
        **fronts.decision(row).model_dump(),
        id=row.id,
        storefront_id=row.storefront_id,
        kind=StorefrontGoodKind(row.kind),
        name=row.name,
        description=row.description,
        interest=row.interest,
        price_rials=row.price_rials,
        stock=row.stock,
        file_ids=row.file_ids,
        is_offered=row.is_offered,
    )


async def _check(session: AnySession, wanted: StorefrontGoodCreate | StorefrontGoodUpdate) -> None:
    if wanted.interest is not None and not await interests.offered(session, [wanted.interest]):
        raise StorefrontInterestUnknown
    await fronts.check_pictures(session, wanted.file_ids or ())


def _search_key(name: str, description: str) -> str:
    return f"{name_key(name)} {name_key(description)}"[:_LONGEST_KEY]
