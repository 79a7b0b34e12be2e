"""The plan of a price: a down payment at once and regular instalments, which come to price and charge."""

from datetime import date
from typing import Final

from host_api.core.database import AnySession
from host_api.services.credit_packages.logic import ScheduleTerms, holidays, schedule
from host_api.services.instalment_sales.schemas import (
    InstalmentPlanPart,
    InstalmentPlanRead,
    InstalmentTerms,
)

_BASIS: Final = 10_000


async def plan(
    session: AnySession, price_rials: int, started_on: date, terms: InstalmentTerms
) -> InstalmentPlanRead:
    """What a price is paid in, begun on a day; the club's holidays are those of credit packages."""
    down = price_rials * terms.down_bp // _BASIS
    parts = (
        [InstalmentPlanPart(number=0, due_on=started_on, price_rials=down, charge_rials=0)] if down else []
    )
    of_schedule = ScheduleTerms(
        count=terms.instalments,
        months=terms.months,
        rate_bp=terms.rate_bp,
        method=terms.method,
        months_of=terms.months_of,
        adjustment=terms.due_adjustment,
        weekend=frozenset(terms.weekend),
    )
    parts += [
        InstalmentPlanPart(
            number=row.number, due_on=row.due_on, price_rials=row.principal, charge_rials=row.interest
        )
        for row in schedule(price_rials - down, started_on, of_schedule, await holidays(session))
    ]
    return InstalmentPlanRead(
        price_rials=price_rials, charge_rials=sum(part.charge_rials for part in parts), parts=parts
    )
