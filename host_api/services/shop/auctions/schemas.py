"""What auctions take and give."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.services.draws.moment import MOMENT_TOLD, Moment
from host_api.services.shop.auctions.states import AuctionState, BidState

Units = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)]

_EXAMPLE: JsonDict = {
    "item_id": 5,
    "starts_at": "2026-11-22T06:30:00Z",
    "ends_at": "2026-11-25T16:30:00Z",
    "start_units": 500,
    "step_units": 50,
    "extend_within_s": 120,
    "extend_by_s": 120,
}


class AuctionCreate(BaseModel):
    """A new auction of one piece of an item."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {**_EXAMPLE, "extend_most_minutes": 60}}
    )

    item_id: int = Field(
        ge=1, le=LARGEST_ID, description="Its purse and audience hold; it may be closed to orders."
    )
    starts_at: Moment | None = Field(default=None, description=f"Left out: now. {MOMENT_TOLD}")
    ends_at: Moment = Field(description=f"From this instant on nobody bids. {MOMENT_TOLD}")
    start_units: Units = Field(description="The least first bid.")
    step_units: Units = Field(default=1, description="By so much a bid is above the highest.")
    extend_within_s: int = Field(
        default=120,
        ge=0,
        le=3600,
        description="A bid so shortly before the end that takes the lead puts the end off; 0: none does.",
    )
    extend_by_s: int = Field(
        default=120, ge=1, le=3600, description="It then ends so long after that bid, if not later anyway."
    )
    extend_most_minutes: int = Field(
        default=60, ge=0, le=1440, description="Never put off beyond so long after `ends_at`."
    )

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.starts_at is not None and self.starts_at >= self.ends_at:
            raise ValueError("an auction ends after it begins")
        return self


class AuctionRead(BaseModel):
    """An auction."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_EXAMPLE,
                "id": 3,
                "purse": 91,
                "latest_end_at": "2026-11-25T17:30:00Z",
                "state": "open",
                "is_open_now": True,
                "units": 650,
                "least_bid": 700,
                "bids": 4,
                "leading_bid_id": 17,
                "order_id": None,
                "created_by": "نگار",
                "created_at": "2026-11-21T06:30:00Z",
                "ended_at": None,
                "cancel_reason": None,
            }
        }
    )

    id: int
    item_id: int
    purse: int
    starts_at: datetime
    ends_at: datetime = Field(description="As late bids have put it off.")
    latest_end_at: datetime
    start_units: int
    step_units: int
    extend_within_s: int
    extend_by_s: int
    state: AuctionState
    is_open_now: bool = Field(description="Whether members can bid.")
    units: int = Field(description="The highest bid; 0 without any.")
    least_bid: int
    bids: int = Field(description="How many took the lead so far.")
    leading_bid_id: int | None
    order_id: int | None = Field(description="What the winner has bought.")
    created_by: str
    created_at: datetime
    ended_at: datetime | None
    cancel_reason: str | None


class AuctionCancel(BaseModel):
    """Why an auction is given up."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "کالا آسیب دیده است"}})

    reason: Annotated[str, Field(min_length=1, max_length=200), kept_name(200)]


class BidCreate(BaseModel):
    """A member's bid."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"member_id": 12, "units": 700}})

    member_id: int = Field(ge=1, le=LARGEST_ID)
    units: Units


class BidRead(BaseModel):
    """A bid."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 17,
                "auction_id": 3,
                "member_id": 12,
                "units": 700,
                "state": "leading",
                "response_code": "00",
                "rrn": "000000000123",
                "bid_at": "2026-11-25T16:29:10Z",
                "changed_at": "2026-11-25T16:29:11Z",
            }
        }
    )

    id: int
    auction_id: int
    member_id: int
    units: int
    state: BidState
    response_code: str | None = Field(description="Of the switch; 51: too few points.")
    rrn: str | None
    bid_at: datetime
    changed_at: datetime
