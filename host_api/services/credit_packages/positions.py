"""Open and consumed credit by package; plans; and quotes, which keep nothing."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from sqlalchemy import func, select

from host_api.core.database import AnySession, ReadSession
from host_api.services.credit_packages import packages
from host_api.services.credit_packages.interest.accrual import Accrued, DayFigures, after_day, day_fraction
from host_api.services.credit_packages.interest.instalments import (
    InstalmentMethod,
    PlannedInstalment,
    period_rate,
    regular_plan,
)
from host_api.services.credit_packages.interest.rounding import InterestRounding
from host_api.services.credit_packages.interest.turnover_discount import discount_at
from host_api.services.credit_packages.models import CreditContract, CreditInstalment, CreditPackage
from host_api.services.credit_packages.position_schemas import (
    CreditQuoteCreate,
    CreditQuoteRead,
    CreditTotals,
    CreditTotalsRead,
    QuotedInterest,
    QuotedUse,
)
from host_api.services.credit_packages.problems import ContractNotFound
from host_api.services.credit_packages.schemas import CreditInstalmentRead, CreditPlanRead
from host_api.services.credit_packages.states import CreditContractState

__all__ = ["plan", "quote", "totals"]

_SUMMED: Final = (
    "open",
    "consumed",
    "principal",
    "interest",
    "cost",
    "late",
    "overdue",
    "accrued_interest",
    "paid",
)


async def totals(
    session: ReadSession,
    *,
    member_id: int | None,
    guest_id: int | None,
    after_package_id: int,
    limit: int,
) -> CreditTotalsRead:
    """Sums by package, of all holders or of one."""
    contract = CreditContract
    statement = (
        select(
            contract.package_id,
            func.count(contract.id),
            *(func.sum(getattr(contract, name)) for name in _SUMMED),
        )
        .where(
            contract.state.in_((CreditContractState.IN_FORCE.value, CreditContractState.SETTLED.value)),
            contract.package_id > after_package_id,
        )
        .group_by(contract.package_id)
        .order_by(contract.package_id)
        .limit(limit + 1)
    )
    if member_id is not None:
        statement = statement.where(contract.member_id == member_id)
    if guest_id is not None:
        statement = statement.where(contract.guest_id == guest_id)
    rows = [
        CreditTotals(
            package_id=package_id,
            contracts=count,
            **{name: int(value) for name, value in zip(_SUMMED, sums, strict=True)},
        )
        for package_id, count, *sums in await session.execute(statement)
    ]
    has_more = len(rows) > limit
    return CreditTotalsRead(
        packages=rows[:limit], next_package_id=rows[limit - 1].package_id if has_more else None
    )


async def plan(session: AnySession, contract_id: int) -> CreditPlanRead:
    """What has fallen due of a contract, and what is to be expected if nothing more is used or paid.

    Raises:
        ContractNotFound
    """
    contract = await session.get(CreditContract, contract_id)
    if contract is None:
        raise ContractNotFound
    rows = await session.scalars(
        select(CreditInstalment)
        .where(CreditInstalment.contract_id == contract_id)
        .order_by(CreditInstalment.number)
    )
    found = [
        CreditInstalmentRead(
            number=row.number,
            due_on=row.due_on,
            principal=row.principal,
            interest=row.interest,
            is_due=True,
        )
        for row in rows
    ]
    package = await packages.find(session, contract.package_id)
    if contract.started_on is not None:
        left = package.instalments - contract.instalments_due
        expected = _regular(package, max(contract.principal - contract.overdue, 0), left)
        holidays = await packages.holidays(session)
        found += _shown(package, contract.started_on, expected, contract.instalments_due, holidays)
    return CreditPlanRead(contract_id=contract_id, instalments=found)


async def quote(session: AnySession, wanted: CreditQuoteCreate) -> CreditQuoteRead:
    """What uses would cost.

    Raises:
        PackageNotFound
    """
    holidays = await packages.holidays(session)
    uses = [_quoted(await packages.find(session, use.package_id), use, holidays) for use in wanted.uses]
    return CreditQuoteRead(
        uses=uses,
        interest=sum(use.interest for use in uses),
        discount=sum(use.discount for use in uses),
        cost=sum(use.cost for use in uses),
    )


def _quoted(package: CreditPackage, use: QuotedUse, holidays: frozenset[date]) -> QuotedInterest:
    terms = packages.interest_terms(package, use.first_day)
    figures = DayFigures(use.rials, discount_bp=discount_at(packages.tiers_of(package), use.turnover))
    days = (use.end_day - use.first_day).days
    accrued, fraction = Accrued(), Fraction(0)
    for number in range(days):
        day = use.first_day + timedelta(days=number)
        accrued = after_day(accrued, terms, day, figures)
        fraction += day_fraction(terms, day)
    interest, discount, _ = accrued.charged(terms.rounding)
    expected = _regular(package, use.rials, package.instalments)
    return QuotedInterest(
        package_id=package.id,
        rials=use.rials,
        days=days,
        year_fraction=str(fraction),
        interest=interest,
        discount=discount,
        cost=package.cost_rials,
        plan=_shown(package, use.first_day, expected, 0, holidays),
    )


def _regular(package: CreditPackage, principal: int, count: int) -> list[PlannedInstalment]:
    rate = period_rate(package.rate_bp, package.instalment_months)
    return regular_plan(
        InstalmentMethod(package.instalment_method),
        principal,
        count,
        rate,
        InterestRounding(package.rounding),
    )


def _shown(
    package: CreditPackage,
    started_on: date,
    rows: list[PlannedInstalment],
    before: int,
    holidays: frozenset[date],
) -> list[CreditInstalmentRead]:
    return [
        CreditInstalmentRead(
            number=before + row.number,
            due_on=packages.due_day(package, started_on, before + row.number, holidays),
            principal=row.principal,
            interest=row.interest,
            is_due=False,
        )
        for row in rows
    ]
