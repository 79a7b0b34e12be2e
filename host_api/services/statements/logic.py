"""A member's statement and timeline, from the projection of the journal."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from host_api.core.clock import from_epoch_ms, utc_now
from host_api.core.database import ReadSession
from host_api.core.error_handlers import field_problem
from host_api.core.errors import ValidationFailed
from host_api.core.jalali import date_to_jalali, jalali_to_date
from host_api.core.tehran_time import period_of_days, start_of_day, tehran_date
from host_api.services.members import logic as members
from host_api.services.statements.schemas import (
    Expiring,
    MovementKind,
    PurseStatement,
    StatementRead,
    TimelineEntry,
    TimelineMovement,
    TimelineRead,
    Turnover,
    titles_of,
)
from host_api.services.transactions import turnover
from host_api.services.transactions.operation import Operation
from host_api.services.transactions.standing import Standing
from protocol.dialect import ResponseCode

_ONE_DAY = timedelta(days=1)


async def statement(
    session: ReadSession, member_id: int, day_from: date | None, day_to: date | None, expiring_days: int
) -> StatementRead:
    """The turnover of a member's purses from the first day to the end of the last.

    Parameters:
        day_from: left out, the first of this Jalali month.
        day_to: left out, today.
        expiring_days: how far ahead of today expiries are told.

    Raises:
        members.MemberNotFound, ValidationFailed
    """
    accounts = await _accounts(session, member_id)
    now = utc_now()
    today = tehran_date(now)
    year, month, _ = date_to_jalali(today)
    first, last = day_from or jalali_to_date(year, month, 1), day_to or today
    if last < first:
        raise ValidationFailed(
            [field_problem("period", "`day_to` must not be earlier than `day_from`", "day_to", "query")]
        )
    period = period_of_days(first, last)
    purses: list[PurseStatement] = []
    for account in accounts:
        opening = await turnover.openings(session, account, period.start)
        turned = await turnover.turnover(session, account, period.start, period.end)
        expiring = await _expiring(session, account, now, today + expiring_days * _ONE_DAY)
        purses.extend(
            _purse(purse, account, opening.get(purse, 0), turned.get(purse, []), expiring.get(purse, []))
            for purse in sorted({*opening, *turned, *expiring})
        )
    return StatementRead(member_id=member_id, day_from=first, day_to=last, purses=purses)


async def timeline(session: ReadSession, member_id: int, before: int | None, limit: int) -> TimelineRead:
    """A page of what happened to a member, the latest first.

    Raises:
        members.MemberNotFound
    """
    accounts = await _accounts(session, member_id)
    found = await turnover.happened(session, member_id, accounts, before=before, limit=limit + 1)
    page = found[:limit]
    return TimelineRead(
        items=[_entry(entry, member_id) for entry in page],
        next_before=page[-1].position if len(found) > limit else None,
    )


async def _accounts(session: ReadSession, member_id: int) -> Sequence[str]:
    household = (await members.read(session, member_id)).household
    own = f"member:{member_id}"
    return [own] if household is None else [own, f"household:{household}"]


async def _expiring(
    session: ReadSession, account: str, now: datetime, until: date
) -> dict[str, list[Expiring]]:
    """What runs out by the end of the day `until`, by purse."""
    end_s = int(start_of_day(until + _ONE_DAY).timestamp()) + 1
    found: dict[str, list[Expiring]] = {}
    for lot in await turnover.lots_ending(session, account, int(now.timestamp()) + 1, end_s):
        # It counts until before this instant: what ends as a day begins can be spent on the day before.
        day = tehran_date(from_epoch_ms(lot.expires_at_s * 1000 - 1))
        days = found.setdefault(lot.purse, [])
        if days and days[-1].day == day:
            days[-1].amount += lot.amount
        else:
            days.append(Expiring(day=day, amount=lot.amount))
    return found


def _purse(
    purse: str, account: str, opening: int, turned: list[turnover.Turned], expiring: list[Expiring]
) -> PurseStatement:
    lines = [
        Turnover(
            kind=MovementKind(each.kind),
            title=titles_of(MovementKind(each.kind))[0],
            title_fa=titles_of(MovementKind(each.kind))[1],
            received=each.received,
            spent=each.spent,
        )
        for each in turned
    ]
    return PurseStatement(
        purse=purse,
        is_household=account.startswith("household:"),
        opening=opening,
        closing=opening + sum(line.received - line.spent for line in lines),
        turnover=lines,
        expiring=expiring,
    )


def _entry(entry: turnover.Happened, member_id: int) -> TimelineEntry:
    row = entry.transaction
    # What another member bought is theirs to know; that it gave this one points is this one's.
    is_own = row is not None and row.member_number == member_id
    return TimelineEntry(
        position=entry.position,
        at=entry.at,
        rrn=row.rrn if row is not None and is_own else None,
        operation=None if row is None else Operation(row.operation),
        approved=None if row is None else row.response_code == ResponseCode.APPROVED,
        standing=None if row is None else Standing(row.standing),
        response_code=None if row is None else row.response_code,
        amount=row.amount if row is not None and is_own else None,
        merchant_id=row.merchant_id if row is not None and is_own else None,
        terminal_id=row.terminal_id if row is not None and is_own else None,
        movements=[
            TimelineMovement(purse=each.purse, kind=MovementKind(each.kind), amount=each.delta)
            for each in entry.movements
        ],
    )
