"""What went through one terminal in some time, in sum."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from host_api.core.clock import to_epoch_ms
from host_api.core.database import AnySession
from host_api.services.transactions.models import Transaction
from host_api.services.transactions.operation import Operation, operation_of
from protocol.dialect import ResponseCode


@dataclass(frozen=True, slots=True)
class Turnover:
    """Sums of one kind of transaction, in minor units.

    Attributes:
        tendered: paid with purses.
        net_amount: left to pay with money.
    """

    count: int = 0
    amount: int = 0
    discount: int = 0
    tendered: int = 0
    net_amount: int = 0

    def __add__(self, other: "Turnover") -> "Turnover":
        """Both together."""
        return Turnover(
            self.count + other.count,
            self.amount + other.amount,
            self.discount + other.discount,
            self.tendered + other.tendered,
            self.net_amount + other.net_amount,
        )


async def terminal_turnover(
    session: AnySession, terminal_id: str, begin: datetime, end: datetime
) -> Mapping[Operation, Turnover]:
    """What was approved and not reversed at a terminal from `begin` until before `end`, by kind."""
    rows = await session.execute(
        select(
            Transaction.mti,
            Transaction.processing_code,
            func.count(),
            func.sum(Transaction.amount),
            func.sum(Transaction.discount),
            func.sum(Transaction.tendered),
            func.sum(Transaction.net_amount),
        )
        .where(
            Transaction.terminal_id == terminal_id,
            Transaction.at_ms >= to_epoch_ms(begin),
            Transaction.at_ms < to_epoch_ms(end),
            Transaction.response_code == ResponseCode.APPROVED.value,
            Transaction.reversed_by_rrn.is_(None),
        )
        .group_by(Transaction.mti, Transaction.processing_code)
    )
    found: dict[Operation, Turnover] = {}
    for mti, processing_code, *sums in rows:
        operation = operation_of(mti, processing_code)
        if operation is not Operation.REVERSAL:
            found[operation] = found.get(operation, Turnover()) + Turnover(*(int(one) for one in sums))
    return found
