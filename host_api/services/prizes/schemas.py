"""What the prizes service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID

MOST_AT_ONCE: Final = 100
_LONGEST_DAYS: Final = 3650

Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Value = Annotated[
    int, Field(ge=0, le=LARGEST_AMOUNT, description="Rial that one costs the club, for reports.")
]
Stock = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT, description="How many are left; null for no end.")]


class PrizeKind(StrEnum):
    """What the member gets: units of a purse, a code of a pool, or something handed over at a counter."""

    UNITS = "units"
    CODE = "code"
    THING = "thing"


class AwardState(StrEnum):
    """Where an award stands.

    ASKED: its units are asked of the switch. GIVEN: units or code are the member's. FAILED: the switch has
    refused them, and the stock has them again. DOUBTFUL is for the next reconciliation. WAITING: a thing to
    be handed over; HANDED_OVER; EXPIRED: nobody came for it in time, and the stock has it again.
    """

    ASKED = "asked"
    GIVEN = "given"
    FAILED = "failed"
    DOUBTFUL = "doubtful"
    WAITING = "waiting"
    HANDED_OVER = "handed_over"
    EXPIRED = "expired"


_EXAMPLE: Final[JsonDict] = {
    "kind": "units",
    "title": "Five hundred points",
    "title_fa": "پانصد امتیاز",
    "purse": 91,
    "units": 500,
    "valid_days": 30,
    "pool_id": None,
    "claim_days": None,
    "value": 50000,
    "stock": 100,
}


class PrizeCreate(BaseModel):
    """A new prize."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": dict(_EXAMPLE)})

    kind: PrizeKind
    title: Title
    title_fa: Title
    purse: int | None = Field(default=None, ge=60, le=99, description="Of units: the purse's account type.")
    units: int | None = Field(default=None, ge=1, le=10**9, description="Of units: how many.")
    valid_days: int | None = Field(
        default=None, ge=1, le=_LONGEST_DAYS, description="Of units: how long; left out, as the purse says."
    )
    pool_id: int | None = Field(default=None, ge=1, le=LARGEST_ID, description="Of a code: its pool.")
    claim_days: int | None = Field(
        default=None,
        ge=1,
        le=_LONGEST_DAYS,
        description="Of a thing: days in which the member comes for it; left out, 30.",
    )
    value: Value = 0
    stock: Stock | None = None

    @model_validator(mode="after")
    def _parts_agree(self) -> "PrizeCreate":
        is_units, is_code = self.kind is PrizeKind.UNITS, self.kind is PrizeKind.CODE
        if {self.purse is not None, self.units is not None} != {is_units}:
            raise ValueError("purse and units are for units, and needed there")
        if self.valid_days is not None and not is_units:
            raise ValueError("valid_days is for units")
        if (self.pool_id is not None) != is_code:
            raise ValueError("pool_id is for a code, and needed there")
        if self.claim_days is not None and self.kind is not PrizeKind.THING:
            raise ValueError("claim_days is for a thing")
        return self


class PrizeUpdate(BaseModel):
    """What is to change of a prize; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_open": False}})

    title: Title | None = None
    title_fa: Title | None = None
    value: Value | None = None
    is_open: bool | None = Field(default=None, description="A closed prize is given to nobody.")


class StockChange(BaseModel):
    """How many pieces come or go."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"change": 20}})

    change: int = Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT, description="Below zero takes away.")


class PrizeRead(BaseModel):
    """A prize."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"id": 4, **_EXAMPLE, "is_open": True, "created_at": "2026-11-22T09:00:00Z"}
        }
    )

    id: int
    kind: PrizeKind
    title: str
    title_fa: str
    purse: int | None
    units: int | None
    valid_days: int | None
    pool_id: int | None
    claim_days: int | None
    value: int
    stock: int | None
    is_open: bool
    created_at: datetime


class AwardRead(BaseModel):
    """A prize given to a member, and where that stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 9,
                "prize_id": 4,
                "member_id": 12,
                "service": "wheels",
                "reference": "spin 81",
                "kind": "units",
                "quantity": 1,
                "state": "given",
                "code_ids": [],
                "claim_until": None,
                "response_code": "00",
                "rrn": "000000000042",
                "handed_over_by": None,
                "awarded_at": "2026-11-22T09:00:00Z",
                "finished_at": "2026-11-22T09:00:01Z",
            }
        }
    )

    id: int
    prize_id: int
    member_id: int
    service: str = Field(description="What gave it.")
    reference: str
    kind: PrizeKind
    quantity: int
    state: AwardState
    code_ids: list[int] = Field(description="Ids of the discount codes given.")
    claim_until: datetime | None
    response_code: str | None = Field(description="Field 39 of the switch's last answer.")
    rrn: str | None
    handed_over_by: str | None
    awarded_at: datetime
    finished_at: datetime | None
