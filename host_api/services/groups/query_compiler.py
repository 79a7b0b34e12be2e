"""Turns a query into a condition of SQLAlchemy over members.

Every comparison is true or false, never null, so that `not` means the same here as it does to a reader: a
member without an organisation isn't in one, and one who never bought has no last purchase to compare.
"""

import operator
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final, assert_never

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, true

from host_api.core.clock import to_epoch_ms
from host_api.core.jalali import parse_date
from host_api.core.tehran_time import UtcPeriod, period_of_days, start_of_day, tehran_date
from host_api.services.cards.selection import has_card_of
from host_api.services.groups.models import Group, GroupMember
from host_api.services.groups.query_schema import (
    TEXTS,
    All,
    AnyOf,
    Comparison,
    Expression,
    FieldName,
    Not,
    Operator,
    Period,
)
from host_api.services.members import selection
from host_api.services.members.selection import MEMBER_ID, joined_before
from host_api.services.transactions.purchase_sums import (
    Purchases,
    amount_bought,
    has_bought,
    last_purchase_ms,
    purchase_count,
    units_held,
)

# Longer ago than anybody joined or bought, and still a date.
_MOST_DAYS: Final = 100_000
_NEVER_AFTER: Final = 2**62
_NEVER_BEFORE: Final = -1

_COMPARED: Final[dict[Operator, Callable[[ColumnElement[int], int], ColumnElement[bool]]]] = {
    Operator.EQUAL: operator.eq,
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.MORE: operator.gt,
    Operator.AT_LEAST: operator.ge,
}


def compile_query(query: Expression, now: datetime) -> ColumnElement[bool]:
    """The condition that members fulfil at `now`."""
    match query:
        case All():
            return and_(*(compile_query(part, now) for part in query.all))
        case AnyOf():
            return or_(*(compile_query(part, now) for part in query.any))
        case Not():
            return not_(compile_query(query.not_, now))
        case Comparison():
            return _compare(query, now)
        case _:
            assert_never(query)


def _compare(asked: Comparison, now: datetime) -> ColumnElement[bool]:
    if asked.f in TEXTS:
        found: ColumnElement[bool] = func.coalesce(selection.TEXTS[asked.f], "").in_(asked.words)
        return ~found if asked.op in {Operator.NOT_EQUAL, Operator.NOT_IN} else found
    if asked.op in {Operator.IN, Operator.NOT_IN}:
        found = _is_in(asked, now)
        return ~found if asked.op is Operator.NOT_IN else found
    if asked.f is FieldName.JOINED_ON:
        is_earlier = joined_before(start_of_day(parse_date(str(asked.v))))
        return ~is_earlier if asked.op is Operator.AT_LEAST else is_earlier
    number = asked.v if isinstance(asked.v, int) else 0
    match asked.f:
        case FieldName.MEMBER_DAYS:
            return _days(asked.op, number, lambda days: _joined_days_ago(days, now))
        case FieldName.LAST_PURCHASE_DAYS:
            bought = last_purchase_ms(MEMBER_ID, without=_NEVER_BEFORE) > _NEVER_BEFORE
            return and_(bought, _days(asked.op, number, lambda days: _bought_days_ago(days, now)))
        case FieldName.PURCHASE_AMOUNT:
            return _COMPARED[asked.op](amount_bought(MEMBER_ID, _purchases(asked, now)), number)
        case FieldName.PURCHASE_COUNT:
            return _COMPARED[asked.op](purchase_count(MEMBER_ID, _purchases(asked, now)), number)
        case FieldName.BALANCE:
            held = units_held(MEMBER_ID, asked.purse or "", now_s=int(now.timestamp()))
            return _COMPARED[asked.op](held, number)
    raise LookupError(f"nothing compares {asked.f}")


def _is_in(asked: Comparison, now: datetime) -> ColumnElement[bool]:
    match asked.f:
        case FieldName.CARD_TYPE:
            return has_card_of(MEMBER_ID, asked.words)
        case FieldName.IN_GROUP:
            return (
                exists()
                .where(
                    GroupMember.member_id == MEMBER_ID,
                    GroupMember.group_id == Group.id,
                    Group.code.in_(asked.words),
                )
                .correlate_except(GroupMember, Group)
            )
        case FieldName.MERCHANT:
            return has_bought(MEMBER_ID, Purchases(_period(asked.within, now), merchant_ids=asked.words))
        case FieldName.BRANCH:
            branches = tuple(_branch(word) for word in asked.words)
            return has_bought(MEMBER_ID, Purchases(_period(asked.within, now), branches=branches))
    raise LookupError(f"nothing looks for {asked.f} in a list")


def _days(op: Operator, number: int, at_least: Callable[[int], ColumnElement[bool]]) -> ColumnElement[bool]:
    """A comparison of days gone by, put together of "at least so many"."""
    number = min(max(number, -1), _MOST_DAYS)
    match op:
        case Operator.AT_LEAST:
            return at_least(number)
        case Operator.MORE:
            return at_least(number + 1)
        case Operator.LESS:
            return ~at_least(number)
        case Operator.AT_MOST:
            return ~at_least(number + 1)
        case _:
            return and_(at_least(number), ~at_least(number + 1))


def _joined_days_ago(days: int, now: datetime) -> ColumnElement[bool]:
    if days <= 0:
        return true()
    return false() if days >= _MOST_DAYS else joined_before(start_of_day(_day_after(days, now)))


def _bought_days_ago(days: int, now: datetime) -> ColumnElement[bool]:
    """Of members who have bought."""
    if days <= 0:
        return true()
    if days >= _MOST_DAYS:
        return false()
    before_ms = to_epoch_ms(start_of_day(_day_after(days, now)))
    return last_purchase_ms(MEMBER_ID, without=_NEVER_AFTER) < before_ms


def _day_after(days: int, now: datetime) -> date:
    return tehran_date(now) - timedelta(days=days - 1)


def _purchases(asked: Comparison, now: datetime) -> Purchases:
    return Purchases(_period(asked.within, now), merchant_ids=tuple(asked.merchants))


def _period(wanted: Period | None, now: datetime) -> UtcPeriod | None:
    if wanted is None:
        return None
    today = tehran_date(now)
    if wanted.begin is not None and wanted.end is not None:
        return period_of_days(wanted.begin, wanted.end)
    return period_of_days(today - timedelta(days=(wanted.last_days or 1) - 1), today)


def _branch(word: str) -> tuple[str, int]:
    merchant_id, _, number = word.partition("/")
    return merchant_id, int(number)
