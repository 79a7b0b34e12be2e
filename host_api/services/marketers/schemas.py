"""What is taken and given of marketers."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from host_api.core.jalali import CalendarDate
from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.path_ids import LARGEST_ID

Note = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]
EntryReference = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,39}$")]
Signed = Annotated[int, Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]
_Year = Annotated[int, Field(description="Of the Jalali calendar.")]
_Month = Annotated[int, Field(description="1 to 12.")]


class MarketerCreate(BaseModel):
    """A member who brings customers from now on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"member_id": 12}})

    member_id: int = Field(ge=1, le=LARGEST_ID)
    since: CalendarDate | None = Field(
        default=None, description="Trades of this day and later count; left out, of today."
    )


class MarketerUpdate(BaseModel):
    """Whether new trades of the customers count."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_active": False}})

    is_active: bool


class MarketerRead(BaseModel):
    """A marketer; whom they brought are their branches in the referral network."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 2,
                "member_id": 12,
                "since": "2026-03-21",
                "is_active": True,
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    member_id: int
    since: date
    is_active: bool
    created_at: datetime


class RebateTierBy(StrEnum):
    """What decides which tier a marketer's month reaches."""

    TURNOVER = "turnover"
    COMMISSION = "commission"


class RebateTier(BaseModel):
    """From so much on, this part of all the month's commission."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"from_rials": 0, "basis_points": 1000}}
    )

    from_rials: int = Field(ge=0, le=LARGEST_AMOUNT)
    basis_points: int = Field(ge=0, le=10_000, description="In 1/10,000.")


_TABLE: JsonDict = {
    "tier_by": "turnover",
    "tiers": [
        {"from_rials": 0, "basis_points": 1000},
        {"from_rials": 1_000_000_000, "basis_points": 1500},
    ],
}


class RebateTableCreate(BaseModel):
    """A further version of the rates."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _TABLE})

    valid_from: AwareDatetime | None = Field(default=None, description="Left out, from now on.")
    tier_by: RebateTierBy = RebateTierBy.TURNOVER
    tiers: list[RebateTier] = Field(
        min_length=1, max_length=20, description="From the lowest to the highest."
    )

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        bounds = [tier.from_rials for tier in self.tiers]
        if bounds != sorted(set(bounds)):
            raise PydanticCustomError("tiers_out_of_order", "each tier begins above the one before")
        return self


class RebateTableRead(BaseModel):
    """A version of the rates; a month goes by the one in force as it ends."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_TABLE,
                "id": 3,
                "valid_from": "2026-03-21T06:30:00Z",
                "created_at": "2026-03-21T06:30:00Z",
                "created_by": "نگار",
            }
        }
    )

    id: int
    valid_from: datetime
    created_at: datetime
    created_by: str
    tier_by: RebateTierBy
    tiers: list[RebateTier]


class MarketerEntryCreate(BaseModel):
    """Something that counts for a marketer and stands in no imported trade; less than zero takes off."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "reference": "BRANCH-7-1405-08",
                "day": "2026-11-01",
                "turnover_rials": 50_000_000,
                "commission_rials": 185_500,
                "new_customers": 1,
                "note": "معاملات شعبه",
            }
        },
    )

    reference: EntryReference = Field(description="Yours; an entry is taken once.")
    day: CalendarDate
    turnover_rials: Signed = 0
    commission_rials: Signed = 0
    new_customers: int = Field(default=0, ge=-100_000, le=100_000)
    note: Note | None = None


_LINE: JsonDict = {
    "id": 9,
    "marketer_id": 2,
    "year": 1405,
    "month": 8,
    "day": "2026-11-01",
    "customer_id": 31,
    "trade_id": 41,
    "reference": None,
    "trades": 1,
    "turnover_rials": 5_200_000,
    "commission_rials": 19_292,
    "new_customers": 0,
    "note": None,
    "made_by": "marketers",
    "made_at": "2026-11-01T12:30:00Z",
    "statement_id": None,
}


class MarketerLineRead(BaseModel):
    """A line of what counts for a marketer."""

    model_config = ConfigDict(json_schema_extra={"example": _LINE})

    id: int
    marketer_id: int
    year: _Year
    month: _Month
    day: date
    customer_id: int | None
    trade_id: int | None = Field(description="Null for an entry.")
    reference: str | None = Field(description="Of an entry.")
    trades: int = Field(description="1 of a trade, -1 where a correction took it off, 0 of an entry.")
    turnover_rials: int
    commission_rials: int
    new_customers: int
    note: str | None
    made_by: str
    made_at: datetime
    statement_id: int | None = Field(description="The statement in which it was counted.")


class MarketerPerformance(BaseModel):
    """How a marketer's month stands by what is known now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "marketer_id": 2,
                "year": 1405,
                "month": 8,
                "customers": 3,
                "new_customers": 1,
                "trades": 12,
                "turnover_rials": 62_400_000,
                "commission_rials": 231_504,
                "basis_points": 1000,
                "rebate_rials": 23_150,
                "statement_id": None,
            }
        }
    )

    marketer_id: int
    year: _Year
    month: _Month
    customers: int = Field(description="Who traded.")
    new_customers: int
    trades: int
    turnover_rials: int
    commission_rials: int
    basis_points: int
    rebate_rials: int = Field(description="Commission times basis points by 10,000, parts of a rial cut off.")
    statement_id: int | None = Field(description="Null while the month is open.")


class CustomerPerformance(BaseModel):
    """What a customer traded in a month."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "customer_id": 31,
                "trades": 4,
                "turnover_rials": 20_800_000,
                "commission_rials": 77_168,
            }
        }
    )

    customer_id: int
    trades: int
    turnover_rials: int
    commission_rials: int


class StatementState(StrEnum):
    """What is to be done with a statement; NOTHING is to be paid where nothing is owed."""

    NOTHING = "nothing"
    DUE = "due"
    PAID = "paid"


_STATEMENT: JsonDict = {
    "id": 5,
    "marketer_id": 2,
    "year": 1405,
    "month": 8,
    "customers": 3,
    "new_customers": 1,
    "trades": 12,
    "turnover_rials": 62_400_000,
    "commission_rials": 231_504,
    "rebate_table_id": 3,
    "basis_points": 1000,
    "rebate_rials": 23_150,
    "adjustment_rials": -1_000,
    "carried_in_rials": 0,
    "payable_rials": 22_150,
    "carried_on_rials": 0,
    "state": "due",
    "closed_at": "2026-11-23T00:00:00Z",
    "paid_on": None,
}


class MarketerStatementRead(BaseModel):
    """What a marketer is owed for a month."""

    model_config = ConfigDict(json_schema_extra={"example": _STATEMENT})

    id: int
    marketer_id: int
    year: _Year
    month: _Month
    customers: int
    new_customers: int
    trades: int
    turnover_rials: int
    commission_rials: int
    rebate_table_id: int | None = Field(description="The rates as the month ended; null for none.")
    basis_points: int
    rebate_rials: int = Field(description="Of this month's commission, parts of a rial cut off.")
    adjustment_rials: int = Field(description="Of earlier months, that became known after their statements.")
    carried_in_rials: int = Field(description="What the statement before took too much off; 0 or less.")
    payable_rials: int
    carried_on_rials: int = Field(description="What the next statement takes off; 0 or less.")
    state: StatementState
    closed_at: datetime
    paid_on: date | None


class MarketerAdjustmentRead(BaseModel):
    """What became known of an earlier month."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "year": 1405,
                "month": 7,
                "turnover_rials": -2_700_000,
                "commission_rials": -10_000,
                "basis_points": 1000,
                "rebate_rials": -1_000,
            }
        }
    )

    year: _Year
    month: _Month
    turnover_rials: int = Field(description="More than was known before.")
    commission_rials: int
    basis_points: int = Field(description="The rate that the month reaches with this.")
    rebate_rials: int = Field(description="The month's rebate with this, less what was counted before.")


class MarketerStatementDetail(MarketerStatementRead):
    """The same, with the earlier months that it adjusts."""

    model_config = ConfigDict(json_schema_extra={"example": {**_STATEMENT, "adjustments": []}})

    adjustments: list[MarketerAdjustmentRead]


class MarketerPaymentState(StrEnum):
    """Where the word that a statement was paid stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class MarketerPaymentCreate(BaseModel):
    """That a statement was paid."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"paid_on": "2026-11-25", "bank_reference": "140509040001"}},
    )

    paid_on: CalendarDate
    bank_reference: Annotated[str, Field(pattern=r"^[0-9A-Za-z./-]{1,40}$")]


class MarketerPaymentDecision(BaseModel):
    """What the second person says."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "واریز دیده شد"}})

    note: Note | None = None


class MarketerPaymentRead(BaseModel):
    """That a statement was paid, and who confirmed it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "statement_id": 5,
                "state": "approved",
                "amount_rials": 22_150,
                "paid_on": "2026-11-25",
                "bank_reference": "140509040001",
                "asked_by": "نگار",
                "asked_at": "2026-11-25T06:30:00Z",
                "decided_by": "سارا",
                "decided_at": "2026-11-25T07:30:00Z",
                "note": None,
            }
        }
    )

    id: int
    statement_id: int
    state: MarketerPaymentState
    amount_rials: int
    paid_on: date
    bank_reference: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
