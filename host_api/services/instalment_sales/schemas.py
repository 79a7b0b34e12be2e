"""What instalment sales take and give. Amounts are rials, rates basis points of a year."""

from datetime import date, datetime
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from host_api.core.jalali import Calendar
from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.services.credit_packages.logic import DueDayAdjustment, InstalmentMethod, WeekendDay
from host_api.services.instalment_sales.states import (
    InstalmentMeans,
    InstalmentPaymentState,
    InstalmentSaleState,
)
from host_api.services.sellers.states import PurseMeans

_LONGEST_PLAN_MONTHS: Final = 60

Rials = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)]
Reference = Annotated[str, Field(pattern=r"^[!-~]{1,40}$", description="The caller's own; once in a sale.")]


class InstalmentTerms(BaseModel):
    """How a price is paid in parts; conventions as of credit packages."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"instalments": 6, "rate_bp": 1_800, "down_bp": 2_000}},
    )

    instalments: int = Field(ge=1, le=60, description="How many, beside the down payment.")
    months: int = Field(default=1, ge=1, le=12, description="From one to the next.")
    rate_bp: int = Field(default=0, ge=0, le=10_000, description="1,800 is 18 % a year.")
    down_bp: int = Field(default=0, ge=0, le=9_000, description="Of the price, due at once, in 1/10,000.")
    method: InstalmentMethod = InstalmentMethod.EQUAL_PRINCIPAL
    months_of: Calendar = Field(default=Calendar.JALALI, description="Whose months are counted.")
    due_adjustment: DueDayAdjustment = DueDayAdjustment.FOLLOWING
    weekend: list[WeekendDay] = Field(default=[WeekendDay.FRI], max_length=3)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.instalments * self.months > _LONGEST_PLAN_MONTHS:
            raise ValueError("a plan has 60 months at most")
        return self


class InstalmentPlanPart(BaseModel):
    """A part as it is planned; number 0 is the down payment."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "number": 1,
                "due_on": "2026-04-25",
                "price_rials": 1_200_000,
                "charge_rials": 108_000,
            }
        },
    )

    number: int
    due_on: date
    price_rials: int
    charge_rials: int


class InstalmentPlanRead(BaseModel):
    """What a price would be paid in, before anything is bought."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "price_rials": 1_200_000,
                "charge_rials": 108_000,
                "parts": [
                    {
                        "number": 1,
                        "due_on": "2026-04-25",
                        "price_rials": 1_200_000,
                        "charge_rials": 108_000,
                    }
                ],
            }
        }
    )

    price_rials: int
    charge_rials: int
    parts: list[InstalmentPlanPart]


class InstalmentPartRead(InstalmentPlanPart):
    """A part and what of it is paid."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "number": 1,
                "due_on": "2026-04-25",
                "price_rials": 1_200_000,
                "charge_rials": 108_000,
                "paid_rials": 0,
                "paid_at": None,
                "late_on": "2026-04-26",
            }
        },
    )

    paid_rials: int
    paid_at: datetime | None
    late_on: date | None = Field(description="The day on which it was found unpaid.")


class InstalmentPaymentCreate(BaseModel):
    """A member pays from a purse."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"means": "wallet", "rials": 1_308_000, "reference": "app-771"}},
    )

    means: PurseMeans
    rials: Rials
    reference: Reference


class DirectPaymentCreate(BaseModel):
    """A seller tells what a member has paid there."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"rials": 1_308_000, "reference": "R-1"}}
    )

    rials: Rials
    reference: Reference


class InstalmentPaymentRead(BaseModel):
    """A payment."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 4,
                "sale_id": 2,
                "means": "wallet",
                "reference": "app-771",
                "rials": 1_308_000,
                "state": "done",
                "told_by": "app",
                "at": "2026-04-25T06:30:00Z",
            }
        },
    )

    id: int
    sale_id: int
    means: InstalmentMeans
    reference: str
    rials: int
    state: InstalmentPaymentState
    told_by: str
    at: datetime


_SALE: Final[JsonDict] = {
    "id": 2,
    "seller_id": 3,
    "member_id": 20,
    "service": "storefronts",
    "reference": "17",
    "price_rials": 1_200_000,
    "charge_rials": 108_000,
    "paid_rials": 0,
    "left_rials": 1_308_000,
    "state": "running",
    "started_on": "2026-03-25",
    "opened_at": "2026-03-25T06:30:00Z",
    "ended_at": None,
}


class InstalmentSaleRead(BaseModel):
    """A sale in instalments."""

    model_config = ConfigDict(json_schema_extra={"example": dict(_SALE)})

    id: int
    seller_id: int
    member_id: int
    service: str
    reference: str
    price_rials: int
    charge_rials: int
    paid_rials: int
    left_rials: int
    state: InstalmentSaleState
    started_on: date
    opened_at: datetime
    ended_at: datetime | None


class InstalmentSaleStatement(InstalmentSaleRead):
    """The same with all its parts and payments, as member and seller see it."""

    model_config = ConfigDict(json_schema_extra={"example": {**_SALE, "parts": [], "payments": []}})

    parts: list[InstalmentPartRead]
    payments: list[InstalmentPaymentRead]


class InstalmentTotals(BaseModel):
    """What a seller has sold in instalments, up to today; sales that were called off are left out."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "seller_id": 3,
                "sales": 4,
                "price_rials": 4_800_000,
                "charge_rials": 432_000,
                "paid_rials": 1_308_000,
                "left_rials": 3_924_000,
                "overdue_rials": 327_000,
                "late_parts": 1,
                "to_refund_rials": 0,
            }
        }
    )

    seller_id: int
    sales: int
    price_rials: int
    charge_rials: int
    paid_rials: int
    left_rials: int
    overdue_rials: int = Field(description="Unpaid of parts whose day has gone by.")
    late_parts: int
    to_refund_rials: int = Field(
        description="Direct payments of sales that were called off: the seller's to give back."
    )
