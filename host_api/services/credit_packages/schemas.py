"""What credit packages take and give. Amounts are rials, rates basis points of a year."""

from datetime import date, datetime
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from host_api.core.jalali import Calendar
from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.services.credit_packages.interest.accrual import Compounding
from host_api.services.credit_packages.interest.day_count import DayCount
from host_api.services.credit_packages.interest.due_days import DueDayAdjustment, WeekendDay
from host_api.services.credit_packages.interest.instalments import BASIS_POINTS, InstalmentMethod
from host_api.services.credit_packages.interest.rounding import InterestRounding
from host_api.services.credit_packages.states import CreditAccount, CreditContractState, CreditEntryKind

LONGEST_VALID_DAYS: Final = 3_660
_LARGEST_RATE_BP: Final = 100_000

# Months of a plan are added to a day, and the Jalali calendar's arithmetic ends in 2120.
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
_LONGEST_PLAN_MONTHS: Final = 120
_LARGEST_COMPOUND_RATE_BP: Final = 10_000

Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Rials = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)]
RialsOrNone = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT)]
RateBp = Annotated[int, Field(ge=0, le=_LARGEST_RATE_BP)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Reference = Annotated[str, Field(pattern=r"^[!-~]{1,40}$", description="The caller's own; once.")]
Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]


class CreditTurnoverTier(BaseModel):
    """A step of the discount by turnover."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"turnover": 1_000_000_000, "discount_bp": 1_000}}
    )

    turnover: RialsOrNone = Field(description="From so many rials on, within `turnover_days` …")
    discount_bp: int = Field(ge=0, le=BASIS_POINTS, description="… so much of the interest is let off.")


_PACKAGE: Final[JsonDict] = {
    "title": "Ten million for a year",
    "title_fa": "ده میلیون یک‌ساله",
    "rials": 10_000_000,
    "cost_rials": 50_000,
    "valid_days": 90,
    "sold_from": "2026-03-21",
    "sold_until": None,
    "budget_id": None,
    "rate_bp": 1_800,
    "late_rate_bp": 600,
    "day_count": "act_365",
    "compounding": "simple",
    "rounding": "half_up",
    "grace_days": 0,
    "months_of": "jalali",
    "instalments": 12,
    "instalment_months": 1,
    "instalment_method": "equal_principal",
    "due_adjustment": "following",
    "weekend": ["thu", "fri"],
    "turnover_days": 30,
    "turnover_tiers": [{"turnover": 1_000_000_000, "discount_bp": 1_000}],
}


class CreditPackageCreate(BaseModel):
    """A new package; its terms never change."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": dict(_PACKAGE)})

    title: Title
    title_fa: Title
    rials: Rials = Field(description="The credit.")
    cost_rials: RialsOrNone = Field(default=0, description="Owed from the first day on, beside interest.")
    valid_days: int = Field(
        ge=1, le=LONGEST_VALID_DAYS, description="Days after the first on which credit can be used."
    )
    sold_from: Day | None = None
    sold_until: Day | None = Field(default=None, description="The last day on which it is sold.")
    budget_id: Id | None = Field(
        default=None, description="A budget of purse 92 that bounds all contracts; null: no bound."
    )
    rate_bp: RateBp = Field(description="1,800 is 18 % a year.")
    late_rate_bp: RateBp = Field(default=0, description="On principal that is overdue, beside `rate_bp`.")
    day_count: DayCount = DayCount.ACT_365
    compounding: Compounding = Compounding.SIMPLE
    rounding: InterestRounding = InterestRounding.HALF_UP
    grace_days: int = Field(
        default=0, ge=0, le=LONGEST_VALID_DAYS, description="First days of the contract without interest."
    )
    months_of: Calendar = Field(default=Calendar.JALALI, description="Whose months instalments count.")
    instalments: int = Field(default=1, ge=1, le=120)
    instalment_months: int = Field(default=1, ge=1, le=12)
    instalment_method: InstalmentMethod = InstalmentMethod.EQUAL_PRINCIPAL
    due_adjustment: DueDayAdjustment = DueDayAdjustment.FOLLOWING
    weekend: list[WeekendDay] = Field(default=[WeekendDay.THU, WeekendDay.FRI], max_length=3)
    turnover_days: int = Field(default=30, ge=1, le=366)
    turnover_tiers: list[CreditTurnoverTier] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.sold_from and self.sold_until and self.sold_until < self.sold_from:
            raise ValueError("sold_until comes before sold_from")
        if self.instalments * self.instalment_months > _LONGEST_PLAN_MONTHS:
            raise ValueError("a plan has 120 months at most")
        if self.compounding is not Compounding.SIMPLE and self.rate_bp > _LARGEST_COMPOUND_RATE_BP:
            raise ValueError("compound interest is at most 10,000 basis points")
        if len({tier.turnover for tier in self.turnover_tiers}) != len(self.turnover_tiers):
            raise ValueError("two tiers begin with the same turnover")
        return self


class CreditPackageUpdate(BaseModel):
    """Whether a package is sold."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_open": False}})

    is_open: bool


class CreditPackageRead(CreditPackageCreate):
    """A package."""

    model_config = ConfigDict(
        extra="ignore",
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 3,
                **_PACKAGE,
                "is_open": True,
                "created_by": "نگار",
                "created_at": "2026-03-21T06:30:00Z",
            }
        },
    )

    id: int
    is_open: bool
    created_by: str
    created_at: datetime


class CreditHolidayCreate(BaseModel):
    """A day on which nothing falls due."""

    model_config = ConfigDict(
        extra="forbid",
        from_attributes=True,
        json_schema_extra={"example": {"day": "2027-03-21", "title": "Nowruz", "title_fa": "نوروز"}},
    )

    day: Day
    title: Title
    title_fa: Title


class CreditHolidayRead(CreditHolidayCreate):
    """A holiday."""

    model_config = ConfigDict(
        extra="ignore",
        from_attributes=True,
        json_schema_extra={"example": {"id": 1, "day": "2027-03-21", "title": "Nowruz", "title_fa": "نوروز"}},
    )

    id: int


class _Holder(BaseModel):
    member_id: Id | None = None
    guest_id: Id | None = Field(default=None, description="A person or organisation outside the club.")

    @model_validator(mode="after")
    def _check_holder(self) -> Self:
        if (self.member_id is None) == (self.guest_id is None):
            raise ValueError("name a member or a guest")
        return self


class CreditContractCreate(_Holder):
    """Credit for somebody without the shop."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "package_id": 3,
                "guest_id": 7,
                "reference": "BRK-20418",
                "reason": "مشتری کارگزاری",
            }
        },
    )

    package_id: Id
    reference: Reference | None = Field(default=None, description="The broker's own; of one contract.")
    reason: Reason


class CreditContractRead(BaseModel):
    """A contract and its figures: open and used credit, what accrued, what is owed and paid."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 5,
                "package_id": 3,
                "member_id": 12,
                "guest_id": None,
                "service": "shop",
                "reference": "21-0",
                "state": "in_force",
                "started_on": "2026-03-21",
                "last_day": "2026-06-19",
                "accrued_through": "2026-04-20",
                "open": 4_000_000,
                "consumed": 6_000_000,
                "principal": 6_000_000,
                "interest": 88_767,
                "cost": 50_000,
                "late": 0,
                "paid": 0,
                "accrued_interest": 88_767,
                "overdue": 0,
                "overdue_since": None,
                "instalments_due": 0,
                "response_code": "00",
                "credit_rrn": "000000000042",
                "asked_by_name": "app",
                "asked_at": "2026-03-21T06:30:00Z",
                "decided_by_name": None,
                "decided_at": None,
                "settled_at": None,
            }
        },
    )

    id: int
    package_id: int
    member_id: int | None
    guest_id: int | None
    service: str
    reference: str | None
    state: CreditContractState
    started_on: date | None
    last_day: date | None = Field(description="The last day on which credit can be used.")
    accrued_through: date | None
    open: int
    consumed: int = Field(description="Used, less what came back by returns.")
    principal: int = Field(description="Below zero where a return came after it was paid.")
    interest: int = Field(description="Owed.")
    cost: int
    late: int
    paid: int
    accrued_interest: int = Field(description="All interest so far, less discounts.")
    overdue: int = Field(description="Principal that has fallen due and is not paid.")
    overdue_since: date | None
    instalments_due: int
    response_code: str | None
    credit_rrn: str | None
    asked_by_name: str
    asked_at: datetime
    decided_by_name: str | None
    decided_at: datetime | None
    settled_at: datetime | None


class CreditEntryRead(BaseModel):
    """An entry of a contract's ledger: `debit` gets more, `credit` less."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 91,
                "contract_id": 5,
                "kind": "drawn",
                "debit": "principal",
                "credit": "open",
                "rials": 6_000_000,
                "day": "2026-03-21",
                "rrn": "000000000043",
                "at": "2026-03-21T06:31:00Z",
            }
        },
    )

    id: int
    contract_id: int
    kind: CreditEntryKind
    debit: CreditAccount
    credit: CreditAccount
    rials: int
    day: date = Field(description="From which it counts.")
    rrn: str | None
    at: datetime


class CreditInstalmentRead(BaseModel):
    """An instalment: one that has fallen due, or one to be expected if nothing more is used or paid."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "number": 1,
                "due_on": "2026-04-21",
                "principal": 500_000,
                "interest": 91_726,
                "is_due": False,
            }
        }
    )

    number: int
    due_on: date
    principal: int
    interest: int
    is_due: bool


class CreditPlanRead(BaseModel):
    """All instalments of a contract."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "contract_id": 5,
                "instalments": [
                    {
                        "number": 1,
                        "due_on": "2026-04-21",
                        "principal": 500_000,
                        "interest": 91_726,
                        "is_due": False,
                    }
                ],
            }
        }
    )

    contract_id: int
    instalments: list[CreditInstalmentRead]


class CreditUseCreate(BaseModel):
    """What a guest has used of a contract, or given back where it is less than nothing."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"reference": "T-771", "day": "2026-03-22", "rials": 2_000_000}},
    )

    reference: Reference
    day: Day
    rials: int = Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)


class CreditTurnoverCreate(_Holder):
    """What a member or guest has traded on a day."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"member_id": 12, "day": "2026-03-22", "rials": 900_000_000, "reference": "D-12-0322"}
        },
    )

    day: Day
    rials: Rials
    reference: Reference


class CreditTurnoverRead(BaseModel):
    """Turnover as it was told."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 8,
                "member_id": 12,
                "guest_id": None,
                "day": "2026-03-22",
                "rials": 900_000_000,
                "reference": "D-12-0322",
            }
        },
    )

    id: int
    member_id: int | None
    guest_id: int | None
    day: date
    rials: int
    reference: str


class CreditDecision(BaseModel):
    """A second person's decision."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {}})
