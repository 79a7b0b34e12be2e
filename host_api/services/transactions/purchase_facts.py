"""Single purchases of some members, for services that look at days, places and the order of purchases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from host_api.core.clock import from_epoch_ms, to_epoch_ms
from host_api.core.database import AnySession
from host_api.core.tehran_time import UtcPeriod
from host_api.services.transactions.models import Transaction
from protocol.dialect import ResponseCode, TransactionType

_DECISIONS: Final = "02"  # of requests and advices; 01 only holds, 04 undoes


@dataclass(frozen=True, slots=True)
class PurchaseFact:
    """A purchase that stands and was not returned in whole.

    Attributes:
        net_amount: what was paid with money, minor units, less the share that was returned.
        branch_number: within the merchant.
    """

    member_id: int
    at: datetime
    net_amount: int
    merchant_id: str
    branch_number: int


async def purchase_facts(
    session: AnySession, member_ids: Sequence[int], period: UtcPeriod
) -> list[PurchaseFact]:
    """The purchases of some hundreds of members in a period, in the journal's order."""
    # A sum, which no index is of: the way to a member's rows is by member, not by all of a year.
    at_ms = Transaction.at_ms + 0
    rows = await session.execute(
        select(
            Transaction.member_number,
            Transaction.at_ms,
            Transaction.amount,
            Transaction.net_amount,
            Transaction.returned_amount,
            Transaction.merchant_id,
            Transaction.branch_number,
        )
        .where(
            Transaction.member_number.in_(member_ids),
            Transaction.mti.startswith(_DECISIONS),
            Transaction.processing_code.startswith(TransactionType.PURCHASE.value),
            Transaction.response_code == ResponseCode.APPROVED.value,
            Transaction.reversed_by_rrn.is_(None),
            Transaction.returned_amount < Transaction.amount,
            at_ms >= to_epoch_ms(period.start),
            at_ms < to_epoch_ms(period.end),
        )
        .order_by(Transaction.position)
    )
    return [
        PurchaseFact(member_id, from_epoch_ms(at), net - net * returned // amount, merchant_id, branch_number)
        for member_id, at, amount, net, returned, merchant_id, branch_number in rows
        if member_id is not None
    ]
