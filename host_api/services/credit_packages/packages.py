"""Packages: what is sold on which terms; and the calendar of holidays."""

from datetime import date
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.jalali import Calendar
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.budgets import logic as budgets
from host_api.services.credit_packages.interest.accrual import Compounding, InterestTerms
from host_api.services.credit_packages.interest.day_count import DayCount
from host_api.services.credit_packages.interest.due_days import (
    BusinessCalendar,
    DueDayAdjustment,
    WeekendDay,
    months_after,
)
from host_api.services.credit_packages.interest.rounding import InterestRounding
from host_api.services.credit_packages.interest.turnover_discount import TurnoverTier
from host_api.services.credit_packages.listing import HolidayQuery, PackageQuery
from host_api.services.credit_packages.models import CreditHoliday, CreditPackage
from host_api.services.credit_packages.problems import (
    HolidayNotFound,
    HolidayTaken,
    PackageNotFound,
    PackageNotSold,
)
from host_api.services.credit_packages.schemas import (
    CreditHolidayCreate,
    CreditHolidayRead,
    CreditPackageCreate,
    CreditPackageRead,
)
from protocol.dialect import PurseCode

PURSE: Final = PurseCode.CREDIT


async def create(session: WriteSession, caller: Caller, wanted: CreditPackageCreate) -> CreditPackage:
    """Make a package.

    Raises:
        BudgetNotFound, BudgetOfAnotherPurse
    """
    if wanted.budget_id is not None:
        await budgets.check_purse(session, wanted.budget_id, PURSE)
    package = CreditPackage(
        **wanted.model_dump(mode="json", exclude={"sold_from", "sold_until"}),
        sold_from=wanted.sold_from,
        sold_until=wanted.sold_until,
        is_open=True,
        created_by=caller.name,
        created_at=utc_now(),
    )
    session.add(package)
    await session.flush()
    return package


async def find(session: AnySession, package_id: int) -> CreditPackage:
    """One package.

    Raises:
        PackageNotFound
    """
    package = await session.get(CreditPackage, package_id)
    if package is None:
        raise PackageNotFound
    return package


async def change(session: WriteSession, package_id: int, if_match: str, *, is_open: bool) -> CreditPackage:
    """Sell a package or no longer.

    Raises:
        PackageNotFound, ChangedMeanwhile
    """
    package = await find(session, package_id)
    check_version(package, if_match)
    package.is_open = is_open
    await session.flush()
    return package


async def read_page(session: ReadSession, query: PackageQuery) -> Page[CreditPackageRead]:
    """A page of packages."""
    rows, next_cursor = await read_rows(session, select(CreditPackage), query)
    return Page(items=[CreditPackageRead.model_validate(row) for row in rows], next_cursor=next_cursor)


def check_sold(package: CreditPackage, day: date) -> None:
    """See that a package is sold on a day.

    Raises:
        PackageNotSold
    """
    has_begun = package.sold_from is None or package.sold_from <= day
    if not package.is_open or not has_begun or (package.sold_until is not None and package.sold_until < day):
        raise PackageNotSold


def interest_terms(package: CreditPackage, started_on: date) -> InterestTerms:
    """By what the interest of a contract is computed that began on a day."""
    return InterestTerms(
        started_on=started_on,
        rate_bp=package.rate_bp,
        late_rate_bp=package.late_rate_bp,
        day_count=DayCount(package.day_count),
        compounding=Compounding(package.compounding),
        rounding=InterestRounding(package.rounding),
        grace_days=package.grace_days,
        months_of=Calendar(package.months_of),
        period_months=package.instalment_months,
    )


def tiers_of(package: CreditPackage) -> list[TurnoverTier]:
    """The steps of the discount by turnover."""
    return [TurnoverTier(tier["turnover"], tier["discount_bp"]) for tier in package.turnover_tiers]


def due_day(package: CreditPackage, started_on: date, number: int, holidays: frozenset[date]) -> date:
    """On which day an instalment falls due."""
    calendar = BusinessCalendar(
        Calendar(package.months_of), {WeekendDay(day) for day in package.weekend}, holidays
    )
    day = months_after(started_on, number * package.instalment_months, calendar.months_of)
    return calendar.adjusted(day, DueDayAdjustment(package.due_adjustment))


async def holidays(session: AnySession) -> frozenset[date]:
    """All holidays of the calendar."""
    return frozenset(await session.scalars(select(CreditHoliday.day)))


async def add_holiday(session: WriteSession, wanted: CreditHolidayCreate) -> CreditHolidayRead:
    """Put a day into the calendar; what has fallen due stays.

    Raises:
        HolidayTaken
    """
    row = CreditHoliday(**wanted.model_dump())
    session.add(row)
    async with conflict_as(HolidayTaken()):
        await session.flush()
    return CreditHolidayRead.model_validate(row)


async def remove_holiday(session: WriteSession, holiday_id: int) -> None:
    """Take a day out of the calendar.

    Raises:
        HolidayNotFound
    """
    row = await session.get(CreditHoliday, holiday_id)
    if row is None:
        raise HolidayNotFound
    await session.delete(row)


async def read_holidays(session: ReadSession, query: HolidayQuery) -> Page[CreditHolidayRead]:
    """A page of holidays."""
    rows, next_cursor = await read_rows(session, select(CreditHoliday), query)
    return Page(items=[CreditHolidayRead.model_validate(row) for row in rows], next_cursor=next_cursor)
