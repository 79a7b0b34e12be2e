"""What members have bought and earned, summed over the projection, for services that decide by it.

A purchase counts that was approved and not reversed. A return takes its money off the period of the sale it
is about, whenever it comes; a sale that is given back in whole at once is no purchase any more. Holds count
once they are completed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    SQLColumnExpression,
    String,
    Subquery,
    and_,
    case,
    cast,
    distinct,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from host_api.core.clock import to_epoch_ms
from host_api.core.database import AnySession
from host_api.core.tehran_time import UtcPeriod
from host_api.services.transactions.models import Lot, Transaction, Transfer
from protocol.dialect import ResponseCode, TransactionType

_DECISIONS: Final = "02"  # of requests and advices; 01 only holds, 04 undoes
_SALE: Final = TransactionType.PURCHASE.value
_RETURN: Final = TransactionType.RETURN.value
_GIVEN: Final = ("posted", "post_pending")
_RRNS_AT_ONCE: Final = 500
# Of days in one query; Tehran keeps it all year since 1401.
_TEHRAN_MS: Final = 12_600_000
_DAY_MS: Final = 86_400_000

_Sale: Final = aliased(Transaction, name="sale")
_Back: Final = aliased(Transaction, name="given_back")
_RETURNS: Final = (
    _Back.mti.startswith(_DECISIONS),
    _Back.processing_code.startswith(_RETURN),
    _Back.response_code == ResponseCode.APPROVED.value,
    _Back.reversed_by_rrn.is_(None),
)
_OWN_RRN: Final = and_(_Sale.rrn == _Back.concerns_rrn, _Sale.position < _Back.position)
_OWN_SALE: Final = and_(_OWN_RRN, _Sale.member_number == _Back.member_number)


@dataclass(frozen=True, slots=True)
class Purchases:
    """Which purchases are meant.

    Parameters:
        period: half-open; None for all times.
        merchant_ids: field 42; empty for anywhere.
        branches: merchant id and number within the merchant; empty for any.
    """

    period: UtcPeriod | None = None
    merchant_ids: tuple[str, ...] = ()
    branches: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PurchaseTotals:
    """A member's purchases in a period."""

    amount: int = 0
    count: int = 0
    earned: int = 0


ALL_PURCHASES: Final = Purchases()


def amount_bought(member: SQLColumnExpression[int], which: Purchases = ALL_PURCHASES) -> ColumnElement[int]:
    """What the member with this number has paid with money, minor units: a column of queries over members."""
    paid = select(func.sum(_Sale.net_amount)).where(_Sale.member_number == member, *_sales(which))
    back = _returns(select(func.sum(_Back.net_amount))).where(_Back.member_number == member, *_sales(which))
    return _whole(paid) - _whole(back)


def purchase_count(member: SQLColumnExpression[int], which: Purchases = ALL_PURCHASES) -> ColumnElement[int]:
    """How often the member has bought."""
    bought = select(func.count(_Sale.position)).where(_Sale.member_number == member, *_sales(which))
    back = _returns(select(func.count(_Back.position))).where(
        _Back.member_number == member, _Back.amount >= _Sale.amount, *_sales(which)
    )
    return _whole(bought) - _whole(back)


def last_purchase_ms(
    member: SQLColumnExpression[int], *, without: int, which: Purchases = ALL_PURCHASES
) -> ColumnElement[int]:
    """When the member has bought last, epoch milliseconds; `without` where never."""
    # No plain maximum, for which a database would walk the index of all times.
    last = select(func.max(_Sale.at_ms + 0)).where(_Sale.member_number == member, *_sales(which))
    return func.coalesce(last.correlate_except(_Sale).scalar_subquery(), without)


def has_bought(member: SQLColumnExpression[int], which: Purchases) -> ColumnElement[bool]:
    """Whether the member has ever bought there."""
    return exists().where(_Sale.member_number == member, *_sales(which)).correlate_except(_Sale)


def of_last_purchase(
    member: SQLColumnExpression[int],
    told: Callable[[SQLColumnExpression[str], SQLColumnExpression[int]], ColumnElement[str]],
    which: Purchases = ALL_PURCHASES,
) -> ColumnElement[str]:
    """What `told` makes of merchant id and branch number of the member's last purchase; null without one."""
    place = (
        select(told(_Sale.merchant_id, _Sale.branch_number))
        .where(_Sale.member_number == member, *_sales(which))
        # No plain position, for which a database would walk the whole journal backwards.
        .order_by((_Sale.position + 0).desc())
        .limit(1)
    )
    return place.correlate_except(_Sale).scalar_subquery()


def units_held(member: SQLColumnExpression[int], purse: str, *, now_s: int) -> ColumnElement[int]:
    """What the member can spend of a purse of their own, not the household's."""
    spendable = or_(Lot.expires_at_s == 0, and_(Lot.available_from_s <= now_s, Lot.expires_at_s > now_s))
    held = select(func.sum(Lot.amount)).where(Lot.account == _account(member), Lot.purse == purse, spendable)
    return func.coalesce(held.correlate_except(Lot).scalar_subquery(), 0)


def totals_of_many(which: Purchases, *, after: int, up_to: int) -> Subquery:
    """Members behind a number, up to another, who have bought, to be joined: `member_id`, `amount` paid with
    money, `count`, and distinct `merchants`, `branches`, `days` and `visits` (days at a branch).

    A sale is none, and no visit, once all of it is given back, in however many returns.
    """
    stands = _Sale.returned_amount < _Sale.amount
    branch = _Sale.merchant_id + "/" + cast(_Sale.branch_number, String)
    day = (_Sale.at_ms + _TEHRAN_MS) // _DAY_MS
    bought = (
        select(
            _Sale.member_number.label("member_id"),
            func.sum(_Sale.net_amount).label("amount"),
            func.count(case((stands, 1))).label("count"),
            *(
                func.count(distinct(case((stands, what)))).label(name)
                for name, what in (
                    ("merchants", _Sale.merchant_id),
                    ("branches", branch),
                    ("days", day),
                    ("visits", branch + "/" + cast(day, String)),
                )
            ),
        )
        .where(_Sale.member_number > after, _Sale.member_number <= up_to, *_sales(which))
        .group_by(_Sale.member_number)
        .subquery("bought")
    )
    back = (
        select(_Back.member_number.label("member_id"), func.sum(_Back.net_amount).label("amount"))
        .select_from(_Back)
        # A sum, which no index is of: returns are few and come first, then their sales by RRN.
        .join(_Sale, and_(_OWN_RRN, _Sale.member_number + 0 == _Back.member_number))
        .where(*_RETURNS, _Back.member_number > after, _Back.member_number <= up_to, *_sales(which))
        .group_by(_Back.member_number)
        .subquery("back")
    )
    paid = cast(bought.c.amount, BigInteger) - cast(func.coalesce(back.c.amount, 0), BigInteger)
    rest = [bought.c[name] for name in ("count", "merchants", "branches", "days", "visits")]
    return (
        select(bought.c.member_id, paid.label("amount"), *rest)
        .select_from(bought)
        .outerjoin(back, back.c.member_id == bought.c.member_id)
        .subquery("totals")
    )


async def purchase_totals(
    session: AnySession,
    member_ids: Sequence[int],
    period: UtcPeriod,
    *,
    purse: str | None = None,
) -> dict[int, PurchaseTotals]:
    """Totals of some hundreds of members in a period; who has none is left out.

    Parameters:
        purse: whose units `earned` counts: what rules gave less what returns took; None counts none.
    """
    which = Purchases(period)
    sold = await session.execute(
        select(_Sale.member_number, func.sum(_Sale.net_amount), func.count())
        .where(_Sale.member_number.in_(member_ids), *_sales(which))
        .group_by(_Sale.member_number)
    )
    amounts: dict[int, int] = {}
    counts: dict[int, int] = {}
    for member_id, amount, count in sold:
        if member_id is not None:
            amounts[member_id], counts[member_id] = int(amount), int(count)
    returned = await _returned(session, member_ids, which, period)
    for back in returned:
        amounts[back.member_id] = amounts.get(back.member_id, 0) - back.net_amount
        counts[back.member_id] = counts.get(back.member_id, 0) - back.is_whole
    earned = {} if purse is None else await _units_earned(session, member_ids, purse, period, returned)
    return {
        member_id: PurchaseTotals(
            amounts.get(member_id, 0), counts.get(member_id, 0), earned.get(member_id, 0)
        )
        for member_id in {*amounts, *earned}
    }


@dataclass(frozen=True, slots=True)
class _Returned:
    position: int
    member_id: int
    net_amount: int
    is_whole: bool


async def _returned(
    session: AnySession, member_ids: Sequence[int], which: Purchases, period: UtcPeriod
) -> list[_Returned]:
    """Returns of the period's sales. Returns are few: they come first, and then their sales by RRN."""
    given_back = (
        await session.execute(
            select(
                _Back.position, _Back.member_number, _Back.concerns_rrn, _Back.net_amount, _Back.amount
            ).where(
                _Back.member_number.in_(member_ids),
                _Back.at_ms + 0 >= to_epoch_ms(period.start),
                *_RETURNS,
            )
        )
    ).all()
    sales: dict[tuple[str, int | None], tuple[int, int]] = {}
    rrns = sorted({rrn for _, _, rrn, _, _ in given_back if rrn is not None})
    for first in range(0, len(rrns), _RRNS_AT_ONCE):
        found = await session.execute(
            select(_Sale.rrn, _Sale.member_number, _Sale.position, _Sale.amount).where(
                _Sale.rrn.in_(rrns[first : first + _RRNS_AT_ONCE]), *_sales(which)
            )
        )
        sales |= {(rrn, member_id): (position, amount) for rrn, member_id, position, amount in found}
    return [
        _Returned(position, member_id, net_amount, amount >= sale[1])
        for position, member_id, rrn, net_amount, amount in given_back
        if member_id is not None
        and (sale := sales.get((rrn or "", member_id))) is not None
        and sale[0] < position
    ]


async def _units_earned(
    session: AnySession,
    member_ids: Sequence[int],
    purse: str,
    period: UtcPeriod,
    returned: Sequence[_Returned],
) -> dict[int, int]:
    """What rules gave for sales and events of the period, less what returns of its sales took back."""
    given = await session.execute(
        select(Transaction.member_number, func.sum(Transfer.amount))
        .join(Transfer, Transfer.position == Transaction.position)
        .where(
            Transaction.member_number.in_(member_ids),
            Transfer.purse == purse,
            Transfer.reason == "earn",
            Transfer.stage.in_(_GIVEN),
            Transfer.credit_account == _account(Transaction.member_number),
            Transaction.mti.startswith(_DECISIONS),
            Transaction.response_code == ResponseCode.APPROVED.value,
            Transaction.reversed_by_rrn.is_(None),
            *_within(period, Transaction.at_ms),
        )
        .group_by(Transaction.member_number)
    )
    earned = {member_id: int(units) for member_id, units in given if member_id is not None}
    by_position = {back.position: back.member_id for back in returned}
    positions = sorted(by_position)
    for first in range(0, len(positions), _RRNS_AT_ONCE):
        taken = await session.execute(
            select(Transfer.position, Transfer.debit_account, Transfer.amount).where(
                Transfer.position.in_(positions[first : first + _RRNS_AT_ONCE]),
                Transfer.purse == purse,
                Transfer.reason == "return",
            )
        )
        for position, account, units in taken:
            member_id = by_position[position]
            if account == f"member:{member_id}":
                earned[member_id] = earned.get(member_id, 0) - units
    return earned


def _sales(which: Purchases) -> list[ColumnElement[bool]]:
    conditions = [
        _Sale.mti.startswith(_DECISIONS),
        _Sale.processing_code.startswith(_SALE),
        _Sale.response_code == ResponseCode.APPROVED.value,
        _Sale.reversed_by_rrn.is_(None),
        *_within(which.period, _Sale.at_ms),
    ]
    if which.merchant_ids:
        conditions.append(_Sale.merchant_id.in_(which.merchant_ids))
    if which.branches:
        conditions.append(
            or_(
                *(
                    and_(_Sale.merchant_id == merchant_id, _Sale.branch_number == number)
                    for merchant_id, number in which.branches
                )
            )
        )
    return conditions


def _returns(statement: Select[int]) -> Select[int]:
    """`statement` over returns that stand, each beside its sale."""
    return statement.select_from(_Back).join(_Sale, _OWN_SALE).where(*_RETURNS)


def _within(period: UtcPeriod | None, at_ms: SQLColumnExpression[int]) -> list[ColumnElement[bool]]:
    if period is None:
        return []
    # A sum, which no index is of: the way to a member's rows is by member, not by all of a year.
    at = at_ms + 0
    return [at >= to_epoch_ms(period.start), at < to_epoch_ms(period.end)]


def _account(member: SQLColumnExpression[int] | SQLColumnExpression[int | None]) -> ColumnElement[str]:
    return literal("member:", String) + cast(member, String)


def _whole(statement: Select[int]) -> ColumnElement[int]:
    amount = statement.correlate_except(_Sale, _Back).scalar_subquery()
    return cast(func.coalesce(amount, 0), BigInteger)
