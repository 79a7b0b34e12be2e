"""What happened with a member, across services: one list, the latest first, of what the caller may see.

Each service gives its own through its logic; what is kept of a page is how far each of them was read.
"""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.access.caller import Caller
from host_api.core.access.module_switches import is_switched_off
from host_api.core.access.permissions import Permission
from host_api.core.database import ReadSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import FieldProblem, ValidationFailed
from host_api.core.listing import Page, encode_cursor
from host_api.services.agreements import acceptances
from host_api.services.agreements import access as agreements_access
from host_api.services.agreements.listing import AcceptanceQuery
from host_api.services.cash_outs import access as cash_outs_access
from host_api.services.cash_outs import logic as cash_outs
from host_api.services.cash_outs.listing import CashOutQuery
from host_api.services.disputes import access as disputes_access
from host_api.services.disputes import logic as disputes
from host_api.services.disputes.listing import DisputeQuery
from host_api.services.members import logic as members
from host_api.services.shop import access as shop_access
from host_api.services.shop.order import logic as shop_orders
from host_api.services.shop.order.listing import OrderQuery
from host_api.services.tickets import access, logic
from host_api.services.tickets.listing import TicketQuery
from host_api.services.transactions import access as transactions_access
from host_api.services.transactions import logic as transactions
from host_api.services.transactions.listing import TransactionQuery

_LATEST: Final = "-id"
_WRONG_CURSOR: Final = FieldProblem(
    field="cursor",
    location="query",
    code="cursor",
    message="The cursor belongs to another list",
    message_fa="نشانگر صفحه از فهرست دیگری است.",
)


class TimelineItem(BaseModel):
    """Something that happened with a member; more of it tells its own service."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "at": "2026-03-21T06:30:00Z",
                "source": "tickets",
                "id": 4,
                "state": "open",
                "amount": None,
                "reference": "7K2Q9XW4M3",
            }
        }
    )

    at: datetime
    source: str = Field(
        description="`transactions`, `tickets`, `disputes`, `shop`, `cash_outs`, `agreements`."
    )
    id: int
    state: str
    amount: int | None = Field(description="Rial of a sale, units of a cash-out.")
    reference: str | None


@dataclass(frozen=True, slots=True)
class _Reading:
    session: ReadSession
    cipher: FieldCipher
    caller: Caller
    member_id: int


@dataclass(frozen=True, slots=True)
class _Source:
    """`read` gives up to so many items behind an id, the latest first."""

    name: str
    permission: Permission
    read: Callable[[_Reading, str | None, int], Awaitable[Sequence[TimelineItem]]]


async def read_timeline(
    session: ReadSession,
    cipher: FieldCipher,
    caller: Caller,
    member_id: int,
    *,
    cursor: str | None,
    limit: int,
) -> Page[TimelineItem]:
    """A page of what happened with a member.

    Raises:
        MemberNotFound, ValidationFailed
    """
    await members.find(session, member_id)
    places = {} if cursor is None else _read_cursor(cursor)
    reading = _Reading(session, cipher, caller, member_id)
    found: dict[str, list[TimelineItem]] = {}
    for source in _SOURCES:
        if not source.permission.is_in(caller.granted) or await _is_off(session, source.permission):
            continue
        last = places.get(source.name)
        after = None if last is None else encode_cursor((_LATEST, last, last))
        found[source.name] = list(await source.read(reading, after, limit + 1))
    items: list[TimelineItem] = []
    while len(items) < limit and any(found.values()):
        # The later one first; of the same instant in the order of the sources.
        name = max((name for name, rest in found.items() if rest), key=lambda each: found[each][0].at)
        items.append(found[name].pop(0))
        places[name] = items[-1].id
    return Page(items=items, next_cursor=_written(places) if any(found.values()) else None)


async def _is_off(session: ReadSession, permission: Permission) -> bool:
    return permission.module.is_optional and await is_switched_off(session, permission.module)


async def _transactions(reading: _Reading, cursor: str | None, limit: int) -> list[TimelineItem]:
    query = TransactionQuery(member_id=reading.member_id, cursor=cursor, limit=limit)
    page = await transactions.read_page(reading.session, query)
    return [
        TimelineItem(
            at=row.at,
            source="transactions",
            id=row.position,
            state=row.operation,
            amount=row.amount,
            reference=row.rrn,
        )
        for row in page.items
    ]


async def _tickets(reading: _Reading, cursor: str | None, limit: int) -> list[TimelineItem]:
    query = TicketQuery(member_id=reading.member_id, cursor=cursor, limit=limit)
    page = await logic.read_page(reading.session, reading.caller, query)
    return [
        TimelineItem(
            at=row.opened_at,
            source="tickets",
            id=row.id,
            state=row.state,
            amount=None,
            reference=row.tracking_code,
        )
        for row in page.items
    ]


async def _disputes(reading: _Reading, cursor: str | None, limit: int) -> list[TimelineItem]:
    query = DisputeQuery(member_id=reading.member_id, cursor=cursor, limit=limit)
    page = await disputes.read_page(reading.session, query)
    return [
        TimelineItem(
            at=row.opened_at, source="disputes", id=row.id, state=row.state, amount=None, reference=row.rrn
        )
        for row in page.items
    ]


async def _shop(reading: _Reading, cursor: str | None, limit: int) -> list[TimelineItem]:
    query = OrderQuery(member_id=reading.member_id, cursor=cursor, limit=limit)
    page = await shop_orders.read_page(reading.session, query)
    return [
        TimelineItem(
            at=row.ordered_at, source="shop", id=row.id, state=row.state, amount=None, reference=None
        )
        for row in page.items
    ]


async def _cash_outs(reading: _Reading, cursor: str | None, limit: int) -> list[TimelineItem]:
    query = CashOutQuery(member_id=reading.member_id, cursor=cursor, limit=limit)
    page = await cash_outs.read_page(reading.session, reading.cipher, query)
    return [
        TimelineItem(
            at=row.asked_at,
            source="cash_outs",
            id=row.id,
            state=row.state,
            amount=row.units,
            reference=row.debit_rrn,
        )
        for row in page.items
    ]


async def _agreements(reading: _Reading, cursor: str | None, limit: int) -> list[TimelineItem]:
    query = AcceptanceQuery(member_id=reading.member_id, cursor=cursor, limit=limit)
    page = await acceptances.read_page(reading.session, query)
    return [
        TimelineItem(
            at=row.accepted_at,
            source="agreements",
            id=row.id,
            state="accepted",
            amount=None,
            reference=str(row.version_id),
        )
        for row in page.items
    ]


_SOURCES: Final = (
    _Source("transactions", transactions_access.READ, _transactions),
    _Source("tickets", access.READ, _tickets),
    _Source("disputes", disputes_access.READ, _disputes),
    _Source("shop", shop_access.ORDERS_READ, _shop),
    _Source("cash_outs", cash_outs_access.READ, _cash_outs),
    _Source("agreements", agreements_access.READ, _agreements),
)


def _written(places: dict[str, int]) -> str:
    text = json.dumps(places, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> dict[str, int]:
    try:
        places = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise ValidationFailed([_WRONG_CURSOR]) from None
    names = {source.name for source in _SOURCES}
    if not isinstance(places, dict) or not all(
        name in names and isinstance(place, int) and not isinstance(place, bool) and 0 <= place < 2**63
        for name, place in places.items()
    ):
        raise ValidationFailed([_WRONG_CURSOR])
    return places
