"""Turnover as brokers tell it, and what of it counts for the discount of a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select

from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.listing import Page, read_rows
from host_api.services.credit_packages.ledger import doubt
from host_api.services.credit_packages.listing import TurnoverQuery
from host_api.services.credit_packages.models import CreditContract, CreditTurnover
from host_api.services.credit_packages.problems import ReferenceUsed
from host_api.services.credit_packages.schemas import CreditTurnoverCreate, CreditTurnoverRead
from host_api.services.guests import logic as guests
from host_api.services.members import logic as members


@dataclass(frozen=True, slots=True)
class Window:
    """Turnover by day, and how many days before a day count for it."""

    by_day: Mapping[date, int]
    days: int

    def before(self, day: date) -> int:
        """The turnover of the window that ends with the day before."""
        if not self.by_day:
            return 0
        first = day - timedelta(days=self.days)
        return sum(rials for on, rials in self.by_day.items() if first <= on < day)


async def tell(
    session: WriteSession, cipher: FieldCipher, wanted: CreditTurnoverCreate
) -> CreditTurnoverRead:
    """Keep turnover, once for each reference; told late, it corrects the discounts of days that have passed.

    Raises:
        MemberNotFound, GuestNotFound, ReferenceUsed
    """
    values = wanted.model_dump()
    if wanted.member_id is not None:
        await members.read(session, wanted.member_id)
    else:
        values["guest_id"] = (await guests.read(session, cipher, wanted.guest_id or 0)).id
    known = await session.scalar(select(CreditTurnover).where(CreditTurnover.reference == wanted.reference))
    if known is not None:
        if any(getattr(known, name) != value for name, value in values.items()):
            raise ReferenceUsed
        return CreditTurnoverRead.model_validate(known)
    row = CreditTurnover(**values)
    session.add(row)
    async with conflict_as(ReferenceUsed()):
        await session.flush()
    contracts = await session.scalars(
        select(CreditContract)
        .where(_of_holder(CreditContract, row.member_id, row.guest_id))
        .order_by(CreditContract.id)
        .with_for_update()
    )
    for contract in contracts:
        doubt(contract, row.day + timedelta(days=1))
    await session.flush()
    return CreditTurnoverRead.model_validate(row)


async def window(
    session: AnySession, contract: CreditContract, first: date, through: date, days: int
) -> Window:
    """The turnover of a contract's holder that counts for the days of a period, each with so many before."""
    rows = await session.execute(
        select(CreditTurnover.day, func.sum(CreditTurnover.rials))
        .where(
            _of_holder(CreditTurnover, contract.member_id, contract.guest_id),
            CreditTurnover.day >= first - timedelta(days=days),
            CreditTurnover.day <= through,
        )
        .group_by(CreditTurnover.day)
    )
    return Window({day: int(rials) for day, rials in rows}, days)


async def read_page(session: ReadSession, query: TurnoverQuery) -> Page[CreditTurnoverRead]:
    """A page of turnover."""
    rows, next_cursor = await read_rows(session, select(CreditTurnover), query)
    return Page(items=[CreditTurnoverRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def absorb(session: WriteSession, from_member_id: int, to_member_id: int) -> None:
    """Have a merged record's turnover count for the record that it went into."""
    rows = await session.scalars(select(CreditTurnover).where(CreditTurnover.member_id == from_member_id))
    for row in rows:
        row.member_id = to_member_id
    await session.flush()


def _of_holder(
    table: type[CreditContract] | type[CreditTurnover], member_id: int | None, guest_id: int | None
) -> ColumnElement[bool]:
    return table.member_id == member_id if member_id is not None else table.guest_id == guest_id
