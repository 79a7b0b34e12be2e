"""Puts the dashboard together."""

from datetime import date, timedelta

from host_api.core.clock import utc_now
from host_api.core.database import ReadSession
from host_api.core.events.event_type import EventCatalogue
from host_api.core.feed_position import read_position
from host_api.core.jalali import date_to_jalali
from host_api.core.tehran_time import period_of_days, tehran_date
from host_api.services.dashboards import repository
from host_api.services.dashboards.rollup import DEBT, NEVER
from host_api.services.dashboards.schemas import (
    BranchFigures,
    CodeCount,
    DashboardRead,
    ExpiringMonth,
    Liability,
    NewsItem,
    PeriodFigures,
    PeriodSales,
    PurseTurnover,
    Waiting,
)
from host_api.services.disputes import counting as disputes
from host_api.services.fault_finder import counting as faults
from host_api.services.members import counting as members
from host_api.services.merchants import lookup as merchants
from host_api.services.points import counting as points
from host_api.services.transaction_requests import counting as requests
from host_api.services.transactions.events import TRANSACTION_RECORDED
from host_api.services.transactions.meanings import meaning_of
from host_api.services.transactions.operation import SALES, Operation
from protocol.dialect import ResponseCode

_TOP = 10
_NEWS = 20
_NEWS_OF_A_KIND = 3
_ONE_DAY = timedelta(days=1)
_SALE_NAMES = tuple(sorted(operation.value for operation in SALES))
_APPROVED = ResponseCode.APPROVED.value


async def dashboard(session: ReadSession, event_types: EventCatalogue) -> DashboardRead:
    """All of it, as of now."""
    now = utc_now()
    today = tehran_date(now)
    week = today - 6 * _ONE_DAY
    liability, expiring = await _lots(session, today)
    return DashboardRead(
        at=now,
        position=(await read_position(session)).position,
        today=await _period(session, today, today),
        yesterday=await _period(session, today - _ONE_DAY, today - _ONE_DAY),
        week=await _period(session, week, today),
        top_rules=await repository.top_rules(session, week, today, _TOP),
        top_branches=await _branches(session, week, today),
        liability=liability,
        expiring=expiring,
        news=await _news(session, event_types),
        waiting=Waiting(
            voids_and_returns=await requests.count_asked(session),
            points_acts=await points.count_asked(session),
            disputes=await disputes.count_undecided(session),
            overdue_disputes=await disputes.count_overdue(session, now),
            faults=await faults.count_open(session),
        ),
    )


async def _period(session: ReadSession, first: date, last: date) -> PeriodFigures:
    answers = await repository.answers(session, first, last)
    period = period_of_days(first, last)
    approved = declined = 0
    declines: dict[str, int] = {}
    for _, code, count, *_sums in answers:
        if code == _APPROVED:
            approved += count
        else:
            declined += count
            declines[code] = declines.get(code, 0) + count
    active, first_time = await repository.members_of_day(session, first)
    if first != last:
        # Only a period that ends today can be asked so; that is the only longer one there is.
        active = await repository.active_since(session, first)
        first_time = await repository.first_sales(session, first, last)
    return PeriodFigures(
        day_from=first,
        day_to=last,
        sales=_sales(answers),
        points=_points(await repository.points(session, first, last)),
        new_members=await members.count_joined(session, period.start, period.end),
        active_members=active,
        first_sales=first_time,
        approved=approved,
        declined=declined,
        declines=[
            CodeCount(response_code=code, count=count, meaning=meaning_of(code))
            for code, count in sorted(declines.items(), key=lambda item: (-item[1], item[0]))
        ],
    )


def _sales(answers: list[tuple[str, str, int, int, int, int, int]]) -> PeriodSales:
    sums = {"sales": [0] * 5, Operation.RETURN.value: [0] * 5, Operation.REVERSAL.value: [0] * 5}
    for operation, code, *values in answers:
        name = "sales" if operation in _SALE_NAMES else operation
        if code == _APPROVED and name in sums:
            sums[name] = [one + other for one, other in zip(sums[name], values, strict=True)]
    count, amount, discount, tendered, net_amount = sums["sales"]
    returns, returned_amount, *_ = sums[Operation.RETURN.value]
    reversals, reversed_amount, *_ = sums[Operation.REVERSAL.value]
    return PeriodSales(
        sales=count,
        amount=amount,
        discount=discount,
        paid_from_purses=tendered,
        left_to_pay=net_amount,
        returns=returns,
        returned_amount=returned_amount,
        reversals=reversals,
        reversed_amount=reversed_amount,
    )


def _points(rows: list[tuple[str, str, int, int]]) -> list[PurseTurnover]:
    found: dict[str, PurseTurnover] = {}
    for purse, kind, received, spent in rows:
        turnover = found.setdefault(
            purse, PurseTurnover(purse=purse, earned=0, spent=0, expired=0, taken_back=0, other=0)
        )
        match kind:
            case "earn":
                turnover.earned += received
            case "spend" | "cost":
                turnover.spent += spent
            case "expire":
                turnover.expired += spent
            case "reverse" | "return":
                turnover.taken_back += spent - received
            case _:
                turnover.other += received - spent
    return [found[purse] for purse in sorted(found)]


async def _branches(session: ReadSession, first: date, last: date) -> list[BranchFigures]:
    rows = await repository.top_branches(session, first, last, _SALE_NAMES, _APPROVED, _TOP)
    names = await merchants.branch_names(session, {(merchant, branch) for merchant, branch, *_ in rows})
    return [
        BranchFigures(
            merchant_id=merchant,
            branch_number=branch,
            merchant_name=names.get((merchant, branch), (None, None))[0],
            branch_name=names.get((merchant, branch), (None, None))[1],
            sales=count,
            amount=amount,
        )
        for merchant, branch, count, amount in rows
    ]


async def _lots(session: ReadSession, today: date) -> tuple[list[Liability], list[ExpiringMonth]]:
    rows = await repository.lot_totals(session)
    year, month, _ = date_to_jalali(today)
    first = year * 100 + month
    last = first + 100  # the same month of the next year
    liability: dict[str, Liability] = {}
    for purse, expires_month, amount in rows:
        owed = liability.setdefault(purse, Liability(purse=purse, amount=0, never_expires=0, debt=0))
        owed.amount += amount
        if expires_month == NEVER:
            owed.never_expires += amount
        elif expires_month == DEBT:
            owed.debt -= amount
    expiring = [
        ExpiringMonth(purse=purse, month=f"{expires_month // 100}-{expires_month % 100:02d}", amount=amount)
        for purse, expires_month, amount in rows
        if first <= expires_month < last and amount
    ]
    return [liability[purse] for purse in sorted(liability)], expiring


async def _news(session: ReadSession, event_types: EventCatalogue) -> list[NewsItem]:
    """The latest of what modules tell; transactions have figures of their own."""
    items: list[NewsItem] = []
    for name, kind in {kind.name: kind for kind in event_types}.items():
        if name == TRANSACTION_RECORDED.name:
            continue
        items.extend(
            NewsItem(
                at=event.at,
                type=name,
                title=kind.title,
                title_fa=kind.title_fa,
                subject_kind=event.subject_kind,
                subject_id=event.subject_id,
            )
            for event in await repository.latest_events(session, name, _NEWS_OF_A_KIND)
        )
    return sorted(items, key=lambda item: item.at, reverse=True)[:_NEWS]
