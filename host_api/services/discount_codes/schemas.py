"""What the discount codes service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from host_api.core.jalali import LAST_DATE
from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.core.short_code import ShortCode
from host_api.core.tehran_time import start_of_day

MOST_GENERATED = 5_000

Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Worth = Annotated[
    str, Field(min_length=1, max_length=100, description="As the member reads it."), kept_name(100)
]
Cost = Annotated[
    int, Field(ge=0, le=LARGEST_AMOUNT, description="Rial that the club owes the supplier for each code.")
]
LowStock = Annotated[
    int,
    Field(ge=0, le=10_000, description="With fewer free codes `code_pool.low` is told, once; 0 for never."),
]


def _of_the_calendar(at: datetime) -> datetime:
    """An end that members can be told of."""
    if at > start_of_day(LAST_DATE):
        raise ValueError("this is beyond the calendar, which ends in 2120")
    return at


End = Annotated[AwareDatetime, AfterValidator(_of_the_calendar)]
WrittenCode = Annotated[str, Field(min_length=3, max_length=40, pattern=r"^[\x21-\x7e]+$")]


class CodeState(StrEnum):
    """Where a code stands: `held` is kept for a member who is paying for it. Of those that are `free` or
    `taken`, the ones whose time is over are `expired`."""

    FREE = "free"
    HELD = "held"
    TAKEN = "taken"
    USED = "used"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


_EXAMPLE_POOL: JsonDict = {
    "code": "CINEMA-20",
    "title": "Cinema, 20 percent",
    "title_fa": "سینما، بیست درصد",
    "worth": "20 percent off a ticket",
    "worth_fa": "بیست درصد تخفیف بلیت",
    "supplier": "سینما آزادی",
    "cost": 150000,
    "prefix": "",
    "valid_from": None,
    "valid_until": "2027-03-20T20:30:00Z",
    "low_stock": 50,
}


class PoolCreate(BaseModel):
    """A new pool, without codes yet."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": dict(_EXAMPLE_POOL)})

    code: ShortCode
    title: Title
    title_fa: Title
    worth: Worth
    worth_fa: Worth
    supplier: Title | None = Field(default=None, description="Whose codes they are; null for the club's own.")
    cost: Cost = 0
    prefix: str = Field(
        default="", pattern=r"^[A-Z0-9]{0,8}$", description="What codes generated here begin with."
    )
    valid_from: AwareDatetime | None = Field(default=None, description="Codes are given from then on.")
    valid_until: End | None = Field(
        default=None, description="When codes end that say no other end themselves."
    )
    low_stock: LowStock = 0

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "PoolCreate":
        if self.valid_from and self.valid_until and self.valid_until <= self.valid_from:
            raise ValueError("valid_until comes after valid_from")
        return self


class PoolUpdate(BaseModel):
    """What is to change of a pool; what is left out stays. Codes that are there keep their end."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"low_stock": 100}})

    title: Title | None = None
    title_fa: Title | None = None
    worth: Worth | None = None
    worth_fa: Worth | None = None
    cost: Cost | None = None
    low_stock: LowStock | None = None
    is_open: bool | None = Field(default=None, description="Of a closed pool no code is given.")


class PoolRead(BaseModel):
    """A pool, and how many codes it has by state."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                **_EXAMPLE_POOL,
                "is_open": True,
                "is_low": False,
                "codes": {"free": 450, "held": 0, "taken": 40, "used": 10, "withdrawn": 0, "expired": 0},
                "created_at": "2026-11-22T09:00:00Z",
            }
        }
    )

    id: int
    code: ShortCode
    title: str
    title_fa: str
    worth: str
    worth_fa: str
    supplier: str | None
    cost: int
    prefix: str
    valid_from: datetime | None
    valid_until: datetime | None
    low_stock: int
    is_open: bool
    is_low: bool
    codes: dict[CodeState, int]
    created_at: datetime


class CodesWanted(BaseModel):
    """How many codes are to be generated."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"quantity": 500}})

    quantity: int = Field(ge=1, le=MOST_GENERATED)
    valid_until: End | None = Field(default=None, description="Left out, the pool's.")


class CodesAdded(BaseModel):
    """How many codes were added."""

    model_config = ConfigDict(json_schema_extra={"example": {"added": 500}})

    added: int


class CodeBrief(BaseModel):
    """A code as lists show it: without the code itself."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 77,
                "pool_id": 3,
                "state": "taken",
                "ends_at": "2027-03-20T20:30:00Z",
                "member_id": 12,
                "service": "shop",
                "reference": "line 5",
                "added_at": "2026-11-22T09:00:00Z",
                "taken_at": "2026-11-22T10:00:00Z",
                "finished_at": None,
            }
        }
    )

    id: int
    pool_id: int
    state: CodeState
    ends_at: datetime | None
    member_id: int | None
    service: str | None = Field(description="What gave it to the member.")
    reference: str | None
    added_at: datetime
    taken_at: datetime | None
    finished_at: datetime | None = Field(description="When it was used, withdrawn or found expired.")


class CodeRead(BaseModel):
    """A code as its owner sees it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 77,
                "pool_id": 3,
                "title": "Cinema, 20 percent",
                "title_fa": "سینما، بیست درصد",
                "worth": "20 percent off a ticket",
                "worth_fa": "بیست درصد تخفیف بلیت",
                "supplier": "سینما آزادی",
                "code": "7KQ2MXW9RTBH",
                "state": "taken",
                "ends_at": "2027-03-20T20:30:00Z",
                "taken_at": "2026-11-22T10:00:00Z",
            }
        }
    )

    id: int
    pool_id: int
    title: str
    title_fa: str
    worth: str
    worth_fa: str
    supplier: str | None
    code: str
    state: CodeState
    ends_at: datetime | None
    taken_at: datetime | None


class CodeGift(BaseModel):
    """Who is to be given a code."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"member_id": 12}})

    member_id: int = Field(ge=1, le=LARGEST_ID)


class CodeUse(BaseModel):
    """A code that a member shows."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"code": "7KQ2 MXW9 RTBH"}})

    code: str = Field(
        min_length=3,
        max_length=60,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="As typed: spaces and case don't matter.",
    )
