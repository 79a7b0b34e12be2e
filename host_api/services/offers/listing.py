"""How offers and members' offers are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.offers.models import Offer, OfferedMember
from host_api.services.offers.schemas import Allocation, OfferedState, OfferKind, OfferState


class OffersLatestFirst(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class OfferQuery(ListQuery):
    """Which offers, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Offer.id}

    sort: OffersLatestFirst = Field(
        default=OffersLatestFirst.LATEST, description="The latest first, or the first."
    )
    state: Annotated[OfferState | None, Equals(Offer.state)] = None
    kind: Annotated[OfferKind | None, Equals(Offer.kind)] = None
    allocation: Annotated[Allocation | None, Equals(Offer.allocation)] = None


class OfferedQuery(ListQuery):
    """Which members of an offer."""

    sorts: ClassVar[dict[str, Column]] = {"id": OfferedMember.member_id}

    sort: OffersLatestFirst = Field(default=OffersLatestFirst.ID, description="By member number.")
    state: Annotated[OfferedState | None, Equals(OfferedMember.state)] = None
    member_id: Annotated[int | None, Equals(OfferedMember.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only this member's."
    )
