"""What the offers service tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType
from host_api.services.offers.schemas import OfferState


class OfferChanged(BaseModel):
    """An offer was published, paused or ended."""

    model_config = ConfigDict(json_schema_extra={"example": {"offer_id": 4, "state": "open"}})

    offer_id: int
    state: OfferState


class OfferActed(BaseModel):
    """A member claimed or used an offer."""

    model_config = ConfigDict(json_schema_extra={"example": {"offer_id": 4, "member_id": 12}})

    offer_id: int
    member_id: int


class OfferAllocated(BaseModel):
    """An offer has been given out to its audience."""

    model_config = ConfigDict(json_schema_extra={"example": {"offer_id": 4, "members": 500}})

    offer_id: int
    members: int


OFFER_CHANGED = EventType(
    "offer.changed", OfferChanged, "An offer's state changed", "وضعیت پیشنهادی تغییر کرد"
)
OFFER_CLAIMED = EventType("offer.claimed", OfferActed, "A member claimed an offer", "عضوی پیشنهادی را گرفت")
OFFER_USED = EventType("offer.used", OfferActed, "A member used an offer", "عضوی پیشنهادی را به کار برد")
OFFER_ALLOCATED = EventType(
    "offer.allocated", OfferAllocated, "An offer was given out", "پیشنهادی میان عضوها بخش شد"
)
