"""What a member's own accounts hold by the projection: spendable, waiting, owed and held aside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from host_api.core.database import AnySession
from host_api.services.transactions import repository
from host_api.services.transactions.models import Transaction
from protocol.dialect import ResponseCode


@dataclass(frozen=True, slots=True)
class Holdings:
    """By purse, without what is zero; what the household holds is not the member's.

    Attributes:
        spendable: could be spent now; below zero where more is owed.
        pending: can be spent later only.
        open_holds: authorisations that were neither completed nor voided and have not ended.
    """

    spendable: Mapping[str, int]
    pending: Mapping[str, int]
    open_holds: int


async def holdings_of(session: AnySession, member_id: int, now: datetime) -> Holdings:
    """What a member holds at a time."""
    now_s = int(now.timestamp())
    spendable: dict[str, int] = {}
    pending: dict[str, int] = {}
    for lot in await repository.lots(session, [f"member:{member_id}"]):
        if now_s < lot.available_from_s:
            pending[lot.purse] = pending.get(lot.purse, 0) + lot.amount
        elif lot.expires_at_s == 0 or now_s < lot.expires_at_s:
            spendable[lot.purse] = spendable.get(lot.purse, 0) + lot.amount
    return Holdings(
        {purse: amount for purse, amount in sorted(spendable.items()) if amount},
        {purse: amount for purse, amount in sorted(pending.items()) if amount},
        await _open_holds(session, member_id, now_s),
    )


async def _open_holds(session: AnySession, member_id: int, now_s: int) -> int:
    later = aliased(Transaction)
    is_settled = exists().where(
        later.programme_id == Transaction.programme_id,
        later.concerns_rrn == Transaction.rrn,
        later.member_number == member_id,
        later.response_code == ResponseCode.APPROVED.value,
        later.reversed_by_rrn.is_(None),
    )
    statement = select(func.count(Transaction.position)).where(
        Transaction.member_number == member_id,
        Transaction.hold_until_s > now_s,
        Transaction.response_code == ResponseCode.APPROVED.value,
        Transaction.reversed_by_rrn.is_(None),
        ~is_settled,
    )
    return await session.scalar(statement) or 0
