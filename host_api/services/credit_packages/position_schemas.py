"""What quotes and position reports take and give."""

from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from host_api.services.credit_packages.schemas import CreditInstalmentRead, Day, Id, Rials, RialsOrNone

LONGEST_QUOTE_DAYS: Final = 1_100


class QuotedUse(BaseModel):
    """Credit of a package that would be used from a day on, up to but without another."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "package_id": 3,
                "rials": 6_000_000,
                "first_day": "2026-03-21",
                "end_day": "2026-04-20",
                "turnover": 0,
            }
        },
    )

    package_id: Id
    rials: Rials
    first_day: Day
    end_day: Day
    turnover: RialsOrNone = Field(default=0, description="That decides the discount.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not 0 <= (self.end_day - self.first_day).days <= LONGEST_QUOTE_DAYS:
            raise ValueError("end_day is first_day or up to 1,100 days after it")
        return self


class CreditQuoteCreate(BaseModel):
    """Uses of one or several packages, by anybody: nothing is kept."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "uses": [
                    {
                        "package_id": 3,
                        "rials": 6_000_000,
                        "first_day": "2026-03-21",
                        "end_day": "2026-04-20",
                        "turnover": 0,
                    }
                ]
            }
        },
    )

    uses: list[QuotedUse] = Field(min_length=1, max_length=10)


class QuotedInterest(BaseModel):
    """What a use would cost."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "package_id": 3,
                "rials": 6_000_000,
                "days": 30,
                "year_fraction": "6/73",
                "interest": 88_767,
                "discount": 0,
                "cost": 50_000,
                "plan": [],
            }
        }
    )

    package_id: int
    rials: int
    days: int
    year_fraction: str = Field(description="The part of a year by the package's convention, exactly.")
    interest: int = Field(description="Before the discount, where nothing is paid in between.")
    discount: int
    cost: int
    plan: list[CreditInstalmentRead] = Field(
        description="If all of it were used on the first day, each period at its nominal rate."
    )


class CreditQuoteRead(BaseModel):
    """The costs of all uses, and their sum."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"uses": [], "interest": 88_767, "discount": 0, "cost": 50_000}}
    )

    uses: list[QuotedInterest]
    interest: int
    discount: int
    cost: int


class CreditTotals(BaseModel):
    """Sums of contracts that are in force or settled."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "package_id": 3,
                "contracts": 41,
                "open": 164_000_000,
                "consumed": 246_000_000,
                "principal": 180_000_000,
                "interest": 3_200_000,
                "cost": 0,
                "late": 0,
                "overdue": 4_000_000,
                "accrued_interest": 9_100_000,
                "paid": 71_900_000,
            }
        }
    )

    package_id: int
    contracts: int
    open: int
    consumed: int
    principal: int
    interest: int
    cost: int
    late: int
    overdue: int
    accrued_interest: int
    paid: int


class CreditTotalsRead(BaseModel):
    """Sums by package, of all holders or of one."""

    model_config = ConfigDict(json_schema_extra={"example": {"packages": [], "next_package_id": None}})

    packages: list[CreditTotals]
    next_package_id: int | None = Field(description="Send as `after_package_id`; null: there are no more.")
