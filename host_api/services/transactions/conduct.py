"""How some members have used their cards of late: sales, returns, refusals and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from host_api.core.clock import to_epoch_ms
from host_api.core.database import AnySession
from host_api.services.transactions.models import Lot, Transaction
from host_api.services.transactions.operation import SALES, Operation
from host_api.services.transactions.standing import Standing

_RETURNED = (Standing.RETURNED.value, Standing.PART_RETURNED.value)


@dataclass(slots=True)
class Conduct:
    """What a member did.

    Attributes:
        sales: that were approved and not reversed, returned ones among them.
        returned_sales: of these, returned in whole or part.
        refusals: sales and returns that the switch declined.
        terminals: at so many terminals they bought.
        debt: points that they owe, as returned sales leave it.
    """

    sales: int = 0
    returned_sales: int = 0
    refusals: int = 0
    terminals: int = 0
    debt: int = 0


async def conduct_of(session: AnySession, member_ids: Sequence[int], since: datetime) -> dict[int, Conduct]:
    """The conduct of some hundreds of members since an instant; their debts are those of now."""
    found = {member_id: Conduct() for member_id in member_ids}
    asked = [each.value for each in (*SALES, Operation.RETURN)]
    # A sum, which no index is of: the way to a member's rows is by member, not by all of the time.
    at_ms = Transaction.at_ms + 0
    rows = await session.execute(
        select(Transaction.member_number, Transaction.operation, Transaction.standing, func.count())
        .where(
            Transaction.member_number.in_(member_ids),
            Transaction.operation.in_(asked),
            at_ms >= to_epoch_ms(since),
        )
        .group_by(Transaction.member_number, Transaction.operation, Transaction.standing)
    )
    for member_id, operation, standing, number in rows:
        conduct = found[member_id or 0]
        if standing == Standing.DECLINED:
            conduct.refusals += number
        elif operation in SALES and standing != Standing.REVERSED:
            conduct.sales += number
            conduct.returned_sales += number if standing in _RETURNED else 0
    places = await session.execute(
        select(Transaction.member_number, func.count(Transaction.terminal_id.distinct()))
        .where(
            Transaction.member_number.in_(member_ids),
            Transaction.operation.in_([each.value for each in SALES]),
            Transaction.standing.not_in((Standing.DECLINED.value, Standing.REVERSED.value)),
            at_ms >= to_epoch_ms(since),
        )
        .group_by(Transaction.member_number)
    )
    for member_id, terminals in places:
        found[member_id or 0].terminals = terminals
    debts = await session.execute(
        select(Lot.account, func.sum(Lot.amount))
        .where(
            Lot.account.in_([f"member:{member_id}" for member_id in member_ids]),
            Lot.amount < 0,
        )
        .group_by(Lot.account)
    )
    for account, amount in debts:
        found[int(account.partition(":")[2])].debt = -int(amount)
    return found
