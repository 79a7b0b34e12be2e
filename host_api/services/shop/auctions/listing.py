"""How auctions and bids are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.shop.auctions.models import ShopAuction, ShopBid
from host_api.services.shop.auctions.states import AuctionState, BidState


class AuctionSort(StrEnum):
    """Orders of auctions."""

    LATEST = "-id"
    ID = "id"
    ENDS_AT = "ends_at"
    ENDS_LAST = "-ends_at"


class AuctionQuery(ListQuery):
    """Which auctions, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": ShopAuction.id, "ends_at": ShopAuction.ends_at}

    sort: AuctionSort = AuctionSort.LATEST
    state: Annotated[AuctionState | None, Equals(ShopAuction.state)] = None
    item_id: Annotated[int | None, Equals(ShopAuction.item_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    starts_before: Annotated[AwareDatetime | None, Below(ShopAuction.starts_at)] = None
    ends_from: Annotated[AwareDatetime | None, AtLeast(ShopAuction.ends_at)] = None


class BidSort(StrEnum):
    """Orders of bids."""

    LATEST = "-id"
    ID = "id"


class BidQuery(ListQuery):
    """Which bids, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": ShopBid.id}

    sort: BidSort = BidSort.LATEST
    auction_id: Annotated[int | None, Equals(ShopBid.auction_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    member_id: Annotated[int | None, Equals(ShopBid.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    state: Annotated[BidState | None, Equals(ShopBid.state)] = Field(
        default=None, description="`unreturned` are those to be given back again."
    )
