"""Who may take part in something: members whom a query finds, asked for one of them or for all."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final

from pydantic import JsonValue, TypeAdapter
from sqlalchemy import ColumnElement, true

from host_api.core.database import AnySession
from host_api.services.groups.query_compiler import compile_query
from host_api.services.groups.query_schema import Expression, Query
from host_api.services.members import selection

_QUERY: Final[TypeAdapter[Query]] = TypeAdapter(Query)

# As a row of another service keeps it; None is everybody.
StoredAudience = dict[str, JsonValue] | None


def stored_audience(audience: Expression | None) -> StoredAudience:
    """An audience as a JSON column keeps it."""
    if audience is None:
        return None
    kept: dict[str, JsonValue] = audience.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
    )
    return kept


async def is_in(session: AnySession, audience: StoredAudience, member_id: int, now: datetime) -> bool:
    """Whether a member is among an audience at `now`."""
    return bool(await selection.ids_where(session, _condition(audience, now), among=[member_id]))


async def those_in(
    session: AnySession, audience: StoredAudience, member_ids: Sequence[int], now: datetime
) -> frozenset[int]:
    """Which of some hundreds of members are among an audience at `now`."""
    return await selection.ids_where(session, _condition(audience, now), among=member_ids)


async def members_of(
    session: AnySession, audience: StoredAudience, now: datetime, *, after: int = 0, at_once: int = 10_000
) -> AsyncIterator[list[int]]:
    """Ids of an audience in ascending order, in batches; one that began after `after` goes on there."""
    condition = _condition(audience, now)
    last = await selection.highest_id(session)
    while after < last:
        up_to = after + at_once
        found = await selection.ids_between(session, condition, after=after, up_to=up_to)
        after = up_to
        if found:
            yield found
        else:
            # The numbers of the counter's members lie far behind those of the host's.
            after = (await selection.next_id(session, up_to) or last + 1) - 1


def _condition(audience: StoredAudience, now: datetime) -> ColumnElement[bool]:
    return true() if audience is None else compile_query(_QUERY.validate_python(audience), now)
