"""How often and how much a member may do something in a day and in a month of the Jalali calendar."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from host_api.core.database import AnySession
from host_api.core.errors import FieldProblem, Problem
from host_api.core.jalali_periods import this_month
from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.tehran_time import UtcPeriod, today

Most = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)]


class PeriodLimits(BaseModel):
    """Limits by day and month on the clock of Tehran; null is no limit."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"day_count": 1, "day_units": None, "month_count": 4, "month_units": 20_000}
        },
    )

    day_count: Most | None = Field(default=None, description="So often a day.")
    day_units: Most | None = Field(default=None, description="So many units a day.")
    month_count: Most | None = Field(default=None, description="So often in a Jalali month.")
    month_units: Most | None = Field(default=None, description="So many units in a Jalali month.")


class PeriodLimitReached(Problem):
    """The member has done this as often, or with as many units, as the policy lets them."""

    status = 409
    code = "period-limit-reached"
    title = "Limit of the period reached"
    title_fa = "سقف دوره پر شده است"
    detail = (
        "The policy lets a member do this no more often, or with no more units; `errors` names the limit."
    )
    detail_fa = "سیاست باشگاه بیش از این اجازه نمی‌دهد؛ سقف پرشده در errors آمده است."

    def __init__(self, limit: str = "day_count") -> None:
        super().__init__(
            [
                FieldProblem(
                    field=limit,
                    location="body",
                    code=self.code,
                    message="This limit of the policy would be passed",
                    message_fa="از این سقف سیاست گذر می‌شود.",
                )
            ]
        )


async def check_period_limits(
    session: AnySession,
    limits: PeriodLimits,
    units: int,
    now: datetime,
    *,
    amount: InstrumentedAttribute[int],
    at: InstrumentedAttribute[datetime],
    where: Sequence[ColumnElement[bool]],
) -> None:
    """See that one more of so many units is within the limits; the member is locked by the caller of this.

    Parameters:
        amount, at: columns of the rows that count.
        where: which rows count.

    Raises:
        PeriodLimitReached
    """
    by_period: tuple[tuple[str, UtcPeriod, int | None, int | None], ...] = (
        ("day", today(now), limits.day_count, limits.day_units),
        ("month", this_month(now), limits.month_count, limits.month_units),
    )
    for name, period, most_count, most_units in by_period:
        if most_count is None and most_units is None:
            continue
        count, total = (
            await session.execute(
                select(func.count(amount), func.coalesce(func.sum(amount), 0)).where(
                    *where, at >= period.start, at < period.end
                )
            )
        ).one()
        if most_count is not None and count >= most_count:
            raise PeriodLimitReached(f"{name}_count")
        if most_units is not None and int(total) + units > most_units:
            raise PeriodLimitReached(f"{name}_units")
