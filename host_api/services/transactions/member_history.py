"""What some hundreds of members did and hold, for services that propose something to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from host_api.core.clock import from_epoch_ms, to_epoch_ms
from host_api.core.database import AnySession
from host_api.core.tehran_time import UtcPeriod
from host_api.services.transactions.models import Lot, Transaction, TransactionRule
from protocol.dialect import ResponseCode, TransactionType

_DECISIONS = "02"  # of requests and advices; 01 only holds, 04 undoes


@dataclass(frozen=True, slots=True)
class RuleUse:
    """A rule gave something to a member in a transaction that stands."""

    position: int
    rule: str
    member_id: int
    rrn: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Units:
    """What a member can spend of a purse, and how much of it runs out soon."""

    spendable: int
    ending: int


async def last_purchases(session: AnySession, member_ids: Sequence[int]) -> dict[int, datetime]:
    """When members have bought last; who never has is left out."""
    rows = await session.execute(
        select(Transaction.member_number, func.max(Transaction.at_ms))
        .where(Transaction.member_number.in_(member_ids), *_SALES)
        .group_by(Transaction.member_number)
    )
    return {member_id: from_epoch_ms(at_ms) for member_id, at_ms in rows if member_id is not None}


async def shops_of(
    session: AnySession, member_ids: Sequence[int], period: UtcPeriod
) -> dict[int, dict[tuple[str, int], int]]:
    """How often members have bought at each branch (merchant id and number) in a period."""
    rows = await session.execute(
        select(Transaction.member_number, Transaction.merchant_id, Transaction.branch_number, func.count())
        .where(
            Transaction.member_number.in_(member_ids),
            # A sum, which no index is of: the way to a member's rows is by member.
            Transaction.at_ms + 0 >= to_epoch_ms(period.start),
            Transaction.at_ms + 0 < to_epoch_ms(period.end),
            *_SALES,
        )
        .group_by(Transaction.member_number, Transaction.merchant_id, Transaction.branch_number)
    )
    found: dict[int, dict[tuple[str, int], int]] = {}
    for member_id, merchant_id, branch_number, count in rows:
        if member_id is not None:
            found.setdefault(member_id, {})[merchant_id, branch_number] = count
    return found


async def units_of(
    session: AnySession, member_ids: Sequence[int], purse: str, now: datetime, ending_before: datetime
) -> dict[int, Units]:
    """What members can spend of a purse of their own; who holds none is left out."""
    now_s, end_s = int(now.timestamp()), int(ending_before.timestamp())
    accounts = {f"member:{member_id}": member_id for member_id in member_ids}
    spendable = or_(Lot.expires_at_s == 0, and_(Lot.available_from_s <= now_s, Lot.expires_at_s > now_s))
    rows = await session.execute(
        select(Lot.account, Lot.expires_at_s, Lot.amount).where(
            Lot.account.in_(list(accounts)), Lot.purse == purse, spendable
        )
    )
    sums: dict[int, list[int]] = {}
    for account, expires_at_s, amount in rows:
        held = sums.setdefault(accounts[account], [0, 0])
        held[0] += amount
        if 0 < expires_at_s < end_s and amount > 0:
            held[1] += amount
    return {member_id: Units(*held) for member_id, held in sums.items()}


async def rule_uses_after(
    session: AnySession, rules: Sequence[str], position: int, limit: int
) -> list[RuleUse]:
    """The next sales behind a position of the journal in which one of some rules gave something."""
    rows = await session.execute(
        select(
            TransactionRule.position,
            TransactionRule.rule,
            Transaction.member_number,
            Transaction.rrn,
            Transaction.at_ms,
        )
        .join(Transaction, Transaction.position == TransactionRule.position)
        .where(
            TransactionRule.rule.in_(rules),
            TransactionRule.position > position,
            Transaction.member_number.is_not(None),
            *_SALES,
        )
        .order_by(TransactionRule.position, TransactionRule.rule)
        .limit(limit)
    )
    return [
        RuleUse(at, rule, member_id or 0, rrn, from_epoch_ms(at_ms))
        for at, rule, member_id, rrn, at_ms in rows
    ]


async def buyers_after(session: AnySession, position: int, limit: int) -> list[tuple[int, int]]:
    """The next sales behind a position of the journal, as position and member number."""
    rows = await session.execute(
        select(Transaction.position, Transaction.member_number)
        .where(Transaction.position > position, Transaction.member_number.is_not(None), *_SALES)
        .order_by(Transaction.position)
        .limit(limit)
    )
    return [(at, member_id or 0) for at, member_id in rows]


async def reversals_after(session: AnySession, position: int, limit: int) -> list[tuple[int, str]]:
    """The next reversals behind a position of the journal, as position and RRN of what they undo."""
    rows = await session.execute(
        select(Transaction.position, Transaction.reverses_rrn)
        .where(
            Transaction.position > position,
            Transaction.reverses_rrn.is_not(None),
            Transaction.response_code == ResponseCode.APPROVED.value,
        )
        .order_by(Transaction.position)
        .limit(limit)
    )
    return [(at, rrn or "") for at, rrn in rows]


async def last_position(session: AnySession) -> int:
    """The journal position of the last transaction that is known."""
    return await session.scalar(select(func.max(Transaction.position))) or 0


_SALES = (
    Transaction.mti.startswith(_DECISIONS),
    Transaction.processing_code.startswith(TransactionType.PURCHASE.value),
    Transaction.response_code == ResponseCode.APPROVED.value,
    Transaction.reversed_by_rrn.is_(None),
)
