"""What the wheels service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.services.groups.query_schema import Query
from host_api.services.wheels import slices as slicing
from host_api.services.wheels.slices import MOST_SLICES, Slice, Title

MOST_GRANTED: Final = 100

Price = Annotated[int, Field(ge=1, le=10**9)]
Allowance = Annotated[int, Field(ge=0, le=10_000)]
Slices = Annotated[list[Slice], Field(min_length=1, max_length=MOST_SLICES)]
Purse = Annotated[int, Field(ge=60, le=99)]
Reason = Annotated[str, Field(min_length=3, max_length=200), kept_name(200)]


class WheelStage(StrEnum):
    """What was done with a wheel."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class WheelState(StrEnum):
    """Where a wheel stands, by its stage and its times."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    OPEN = "open"
    OVER = "over"
    WITHDRAWN = "withdrawn"


class SpinSource(StrEnum):
    """How a spin was had."""

    FREE = "free"
    EARNED = "earned"
    BOUGHT = "bought"


class SpinState(StrEnum):
    """Where a spin stands.

    ASKED waits for the switch to take its price, DOUBTFUL for reconciliation; REFUSED cost nothing. PAYING:
    the units won are with the switch. DONE: the member has what was won. UNPAID: the switch declined it.
    """

    ASKED = "asked"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"
    PAYING = "paying"
    DONE = "done"
    UNPAID = "unpaid"


_SLICES: Final[list[JsonDict]] = [
    {
        "code": "coffee",
        "title": "A coffee",
        "title_fa": "یک قهوه",
        "kind": "prize",
        "weight": 5,
        "prize_id": 3,
        "substitute": "ten",
    },
    {
        "code": "ten",
        "title": "10 points",
        "title_fa": "۱۰ امتیاز",
        "kind": "units",
        "weight": 15,
        "units": 10,
    },
    {"code": "nothing", "title": "Nothing", "title_fa": "پوچ", "kind": "nothing", "weight": 80},
]
_WHEEL: JsonDict = {
    "title": "Lucky day",
    "title_fa": "روز خوش",
    "starts_at": "2026-11-22T05:30:00Z",
    "ends_at": "2026-12-21T20:30:00Z",
    "audience": None,
    "free_per_day": 1,
    "free_per_week": 3,
    "free_total": None,
    "purse": 91,
    "price": 50,
    "bought_per_day": 5,
    "slices": [*_SLICES],
}


class WheelCreate(BaseModel):
    """A new wheel, a draft at first."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _WHEEL})

    title: Title
    title_fa: Title
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = Field(default=None, description="null: until it is withdrawn.")
    audience: Query | None = Field(default=None, description="Who may spin; null: every active member.")
    free_per_day: Allowance | None = Field(
        default=None,
        description="Free spins of a member in a day in Tehran. With none of the three, none is free.",
    )
    free_per_week: Allowance | None = Field(default=None, description="The same from Saturday to Friday.")
    free_total: Allowance | None = Field(default=None, description="The same altogether.")
    purse: Purse = Field(default=91, description="Account type from which spins are bought.")
    price: Price | None = Field(default=None, description="What a bought spin costs; null: none is for sale.")
    bought_per_day: Allowance | None = Field(
        default=None, description="Most spins that a member may buy in a day in Tehran; null: any number."
    )
    slices: Slices

    @model_validator(mode="after")
    def _agrees(self) -> "WheelCreate":
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("a wheel ends after it starts")
        slicing.check(self.slices)
        return self


class WheelUpdate(BaseModel):
    """What is to change of a wheel; what is left out stays, null takes a limit, price or audience away."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"free_per_day": 2}})

    title: Title | None = None
    title_fa: Title | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    audience: Query | None = None
    free_per_day: Allowance | None = None
    free_per_week: Allowance | None = None
    free_total: Allowance | None = None
    price: Price | None = None
    bought_per_day: Allowance | None = None
    slices: Slices | None = Field(
        default=None, description="All of them anew; stocks count what was given before."
    )


class SliceRead(Slice):
    """A slice with its chance, and what is left."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {**_SLICES[0], "purse": None, "units": None, "valid_days": None, "stock": 20}
            | {"total_weight": 100, "given": 4, "is_out": False}
        },
    )

    total_weight: int = Field(description="The slice's chance is `weight` of this.")
    given: int | None = Field(
        description="Of one with a stock: how often it was given, also as a substitute."
    )
    is_out: bool = Field(
        description="None is left, here or of its prize: whoever draws it gets its `substitute`."
    )


class WheelRead(BaseModel):
    """A wheel, with its odds."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_WHEEL,
                "id": 2,
                "state": "open",
                "odds_id": 5,
                "slices": [SliceRead.model_json_schema()["example"]],
            }
        }
    )

    id: int
    state: WheelState
    title: str
    title_fa: str
    starts_at: datetime
    ends_at: datetime | None
    audience: Query | None
    free_per_day: int | None
    free_per_week: int | None
    free_total: int | None
    purse: int
    price: int | None
    bought_per_day: int | None
    odds_id: int = Field(description="The odds in force, as spins name them.")
    slices: list[SliceRead]


class OddsRead(BaseModel):
    """Slices as they were in force for some spins."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 5,
                "wheel_id": 2,
                "slices": [*_SLICES],
                "written_by": "نگار",
                "created_at": "2026-11-22T05:00:00Z",
            }
        }
    )

    id: int
    wheel_id: int
    slices: list[Slice]
    written_by: str
    created_at: datetime


class SpinCreate(BaseModel):
    """A member's spin."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"member_id": 12, "buy": False}})

    member_id: int = Field(ge=1, le=LARGEST_ID)
    buy: bool = Field(default=False, description="Pay the price where no free and no earned spin is left.")


class SpinRead(BaseModel):
    """A spin: what was drawn by which number, and what was given."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 90,
                "wheel_id": 2,
                "member_id": 12,
                "source": "free",
                "price": 0,
                "state": "done",
                "odds_id": 5,
                "number": 17,
                "total": 100,
                "slice": "ten",
                "given": "ten",
                "award_id": None,
                "response_code": "00",
                "asked_at": "2026-11-23T08:10:00Z",
                "drawn_at": "2026-11-23T08:10:00.010000Z",
            }
        }
    )

    id: int
    wheel_id: int
    member_id: int
    source: SpinSource
    price: int
    state: SpinState
    odds_id: int | None = Field(description="The odds by which it was drawn; null before.")
    number: int | None = Field(description="The random number, from 0 up to `total` - 1.")
    total: int | None = Field(description="The sum of the weights then.")
    slice: str | None = Field(description="The slice that the number stands for.")
    given: str | None = Field(description="The slice that was given: a substitute where that one was out.")
    award_id: int | None = Field(description="Of a prize.")
    response_code: str | None = Field(
        description="Field 39 of the switch's last answer: 51 is too few points."
    )
    asked_at: datetime
    drawn_at: datetime | None


class SpinsLeft(BaseModel):
    """What a member may do with a wheel now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "wheel_id": 2,
                "member_id": 12,
                "is_admitted": True,
                "free": 1,
                "earned": 2,
                "price": 50,
                "can_buy": 5,
            }
        }
    )

    wheel_id: int
    member_id: int
    is_admitted: bool = Field(description="The wheel is open, and the member one of its audience.")
    free: int = Field(description="Free spins now.")
    earned: int = Field(description="Spins earned, or granted by somebody.")
    price: int | None = Field(description="null: none is for sale.")
    can_buy: int | None = Field(description="How many may still be bought today; null: any number.")


class SpinGrantCreate(BaseModel):
    """Spins for a member, by hand or by another system."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "member_id": 12,
                "count": 2,
                "reference": "complaint-114",
                "reason": "جبران خطای دستگاه",
            }
        },
    )

    member_id: int = Field(ge=1, le=LARGEST_ID)
    count: int = Field(ge=1, le=MOST_GRANTED)
    reference: str = Field(
        pattern=r"^[A-Za-z0-9._:-]{1,40}$", description="Yours; the same one grants nothing again."
    )
    reason: Reason


class SpinGrantRead(BaseModel):
    """Spins that were granted."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"wheel_id": 2, "member_id": 12, "count": 2, "reference": "complaint-114", "earned": 3}
        }
    )

    wheel_id: int
    member_id: int
    count: int
    reference: str
    earned: int = Field(description="Earned spins of the member that are left now.")
