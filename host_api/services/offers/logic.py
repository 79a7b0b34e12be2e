"""Making offers, publishing, pausing and ending them."""

from datetime import datetime, timedelta
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.emission import Subject, emit
from host_api.core.jobs import run_store
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.tehran_time import start_of_day, tehran_date
from host_api.services.groups import logic as groups
from host_api.services.groups.audience import stored_audience
from host_api.services.groups.schemas import GroupKind
from host_api.services.offers import drawing
from host_api.services.offers.events import OFFER_CHANGED, OfferChanged
from host_api.services.offers.listing import OfferQuery
from host_api.services.offers.models import Offer, OfferCount
from host_api.services.offers.problems import OfferIncomplete, OfferInOtherState, OfferNotFound
from host_api.services.offers.schemas import (
    Allocation,
    OfferCreate,
    OfferRead,
    OfferState,
    OfferUpdate,
    Place,
)
from host_api.services.offers.seasons import Season, holds_on

SERVICE: Final = "offers"
ALLOCATE_OFFER: Final = "offer-allocation"

_MICRO: Final = 1_000_000
_ONE_DAY: Final = timedelta(days=1)
_SEASONS: Final = TypeAdapter(list[Season])
_LEADS_TO: Final = {
    OfferState.OPEN: (OfferState.DRAFT, OfferState.PAUSED),
    OfferState.PAUSED: (OfferState.OPEN,),
    OfferState.ENDED: (OfferState.DRAFT, OfferState.OPEN, OfferState.PAUSED),
}
_PLAIN: Final = (
    *("kind", "title", "title_fa", "text", "text_fa", "till_text", "till_text_fa", "prize_id", "pool_id"),
    *("rule_id", "group_id", "sku", "price", "privilege", "points_needed", "first_day", "last_day"),
    *("merchants", "branches", "interests", "stock", "per_member", "allocation", "places", "use_days"),
)


async def create(session: WriteSession, wanted: OfferCreate, caller: Caller) -> Offer:
    """Keep a draft."""
    offer = Offer(
        **{name: getattr(wanted, name) for name in _PLAIN},
        state=OfferState.DRAFT.value,
        seasons=_SEASONS.dump_python(wanted.seasons, mode="json", by_alias=True),
        weekdays=[day.value for day in wanted.weekdays],
        audience=stored_audience(wanted.audience),
        created_by=caller.name,
        created_at=utc_now(),
    )
    offer.kind, offer.allocation = wanted.kind.value, wanted.allocation.value
    _set_place(offer, wanted.place)
    session.add(offer)
    await session.flush()
    session.add(OfferCount(offer_id=offer.id, taken=0))
    await session.flush()
    return offer


async def find(session: AnySession, offer_id: int) -> Offer:
    """One offer.

    Raises:
        OfferNotFound
    """
    offer = await session.get(Offer, offer_id)
    if offer is None:
        raise OfferNotFound
    return offer


async def change(session: WriteSession, offer_id: int, if_match: str, wanted: OfferUpdate) -> Offer:
    """Change what is given.

    Raises:
        OfferNotFound, ChangedMeanwhile, OfferInOtherState
    """
    offer = await find(session, offer_id)
    check_version(offer, if_match)
    if offer.state == OfferState.ENDED:
        raise OfferInOtherState
    for name in ("title", "title_fa", "text", "text_fa", "till_text", "till_text_fa", "last_day", "stock"):
        value = getattr(wanted, name)
        if value is not None:
            setattr(offer, name, value)
    if wanted.seasons is not None:
        offer.seasons = _SEASONS.dump_python(wanted.seasons, mode="json", by_alias=True)
    if wanted.weekdays is not None:
        offer.weekdays = [day.value for day in wanted.weekdays]
    if wanted.audience is not None:
        offer.audience = stored_audience(wanted.audience)
    if wanted.place is not None:
        _set_place(offer, wanted.place)
    if offer.last_day < offer.first_day:
        raise OfferInOtherState
    await session.flush()
    return offer


async def publish(session: WriteSession, cipher: FieldCipher, offer_id: int, caller: Caller) -> Offer:
    """Open an offer; it is given out to its audience by a job where its allocation says so.

    Raises:
        OfferNotFound, OfferInOtherState, OfferIncomplete
    """
    offer = await _move(session, offer_id, OfferState.OPEN)
    if offer.group_id is not None:
        try:
            group = await groups.find(session, offer.group_id)
        except groups.GroupNotFound:
            raise OfferIncomplete from None
        if group.kind != GroupKind.STATIC:
            raise OfferIncomplete
    if offer.allocation == Allocation.DRAW and offer.draw_id is None:
        await drawing.commit(session, cipher, offer, caller.key, utc_now())
    if offer.allocation != Allocation.FIRST_COME and offer.allocated_at is None:
        run_store.enqueue(session, ALLOCATE_OFFER, {"offer_id": offer.id}, caller, now=utc_now())
    await session.flush()
    return offer


async def pause(session: WriteSession, offer_id: int) -> Offer:
    """Nobody gets or uses it until it is published again.

    Raises:
        OfferNotFound, OfferInOtherState
    """
    return await _move(session, offer_id, OfferState.PAUSED)


async def end(session: WriteSession, offer_id: int) -> Offer:
    """End an offer for good.

    Raises:
        OfferNotFound, OfferInOtherState
    """
    return await _move(session, offer_id, OfferState.ENDED)


async def shown(session: AnySession, offer: Offer) -> OfferRead:
    """The offer as it is shown."""
    return (await _shown(session, [offer]))[0]


async def read_page(session: ReadSession, query: OfferQuery) -> Page[OfferRead]:
    """A page of offers."""
    offers, next_cursor = await read_rows(session, select(Offer), query)
    return Page(items=await _shown(session, offers), next_cursor=next_cursor)


async def open_today(session: AnySession, now: datetime) -> list[Offer]:
    """The offers that hold now, by id; there are some hundreds at most."""
    today = tehran_date(now)
    rows = await session.scalars(
        select(Offer)
        .where(Offer.state == OfferState.OPEN.value, Offer.first_day <= today, Offer.last_day >= today)
        .order_by(Offer.id)
    )
    return [offer for offer in rows if holds(offer, now)]


def holds(offer: Offer, now: datetime) -> bool:
    """Whether an offer is open and holds on the day."""
    return offer.state == OfferState.OPEN and holds_on(
        tehran_date(now),
        first=offer.first_day,
        last=offer.last_day,
        seasons=offer.seasons,
        weekdays=offer.weekdays,
    )


def ends_at(offer: Offer, now: datetime) -> datetime:
    """Until when a member who gets the offer now has it."""
    end = start_of_day(offer.last_day + _ONE_DAY)
    return end if offer.use_days is None else min(end, now + timedelta(days=offer.use_days))


async def _move(session: WriteSession, offer_id: int, state: OfferState) -> Offer:
    offer = await session.get(Offer, offer_id, with_for_update=True)
    if offer is None:
        raise OfferNotFound
    if offer.state not in _LEADS_TO[state]:
        raise OfferInOtherState
    offer.state = state.value
    emit(session, OFFER_CHANGED, Subject("offer", offer.id), OfferChanged(offer_id=offer.id, state=state))
    await session.flush()
    return offer


def _set_place(offer: Offer, place: Place | None) -> None:
    if place is not None:
        offer.latitude_e6 = round(place.latitude * _MICRO)
        offer.longitude_e6 = round(place.longitude * _MICRO)
        offer.radius_m = place.radius_m


def _place(offer: Offer) -> Place | None:
    if offer.latitude_e6 is None or offer.longitude_e6 is None or offer.radius_m is None:
        return None
    return Place(
        latitude=offer.latitude_e6 / _MICRO, longitude=offer.longitude_e6 / _MICRO, radius_m=offer.radius_m
    )


async def _shown(session: AnySession, offers: list[Offer]) -> list[OfferRead]:
    rows = await session.execute(
        select(OfferCount.offer_id, OfferCount.taken).where(
            OfferCount.offer_id.in_([offer.id for offer in offers])
        )
    )
    taken = {offer_id: int(count) for offer_id, count in rows}
    now = utc_now()
    return [
        OfferRead.model_validate(
            {name: getattr(offer, name) for name in _PLAIN}
            | {
                "id": offer.id,
                "state": offer.state,
                "seasons": offer.seasons,
                "weekdays": offer.weekdays,
                "audience": offer.audience,
                "place": _place(offer),
                "taken": taken.get(offer.id, 0),
                "holds_today": holds(offer, now),
                "is_drawn": offer.draw_id is not None,
                "created_at": offer.created_at,
                "allocated_at": offer.allocated_at,
            }
        )
        for offer in offers
    ]
