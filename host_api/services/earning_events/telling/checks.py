"""Whether an event counts: who tells it, when it was, for whom it is, and how often there was one."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from host_api.core.access.caller import Caller, CallerKind
from host_api.core.database import AnySession, WriteSession
from host_api.services.earning_events.calendar_units import unit_period
from host_api.services.earning_events.telling import problems, repository
from host_api.services.earning_events.telling.models import EarningEvent
from host_api.services.earning_events.types import logic as types
from host_api.services.earning_events.types.attributes import Value
from host_api.services.earning_events.types.models import EventType
from host_api.services.earning_events.types.schemas import EventSource
from host_api.services.groups.audience import is_in
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus

# Clocks of those who tell events differ that much.
_AHEAD: Final = timedelta(minutes=5)
_KEY_BYTES: Final = 32


def check_teller(kind: EventType, source: EventSource, caller: Caller) -> None:
    """See that events of a type are taken now, and from this caller.

    Raises:
        EventsNotTaken, SourceNotAllowed
    """
    if not kind.is_active:
        raise problems.EventsNotTaken
    is_own_key = not kind.partner_keys or (
        caller.kind is CallerKind.API_KEY and caller.identity in kind.partner_keys
    )
    if source not in kind.sources or (source is EventSource.PARTNER and not is_own_key):
        raise problems.SourceNotAllowed


def check_time(kind: EventType, occurred_at: datetime, now: datetime) -> None:
    """See that it has happened, and not too long ago.

    Raises:
        OutsideWindow
    """
    if not now - timedelta(days=kind.late_days) <= occurred_at <= now + _AHEAD:
        raise problems.OutsideWindow


async def check_member(session: WriteSession, kind: EventType, event: EarningEvent, now: datetime) -> None:
    """See that the member may earn by it; two events of one member queue here.

    Raises:
        members.MemberNotFound, MemberMayNotEarn, NotInAudience, TooOften
    """
    member = await members.lock(session, event.member_id)
    if member.status != MemberStatus.ACTIVE or member.merged_into is not None:
        raise problems.MemberMayNotEarn
    if not await is_in(session, kind.audience, event.member_id, now):
        raise problems.NotInAudience
    await _check_frequency(session, kind, event)


async def _check_frequency(session: AnySession, kind: EventType, event: EarningEvent) -> None:
    for cap in types.caps_of(kind):
        period = unit_period(cap.per, event.occurred_at)
        if await repository.count(session, kind.id, event.member_id, period, event.id) >= cap.times:
            raise problems.TooOften


def duplicate_key(kind: EventType, member_id: int, reference: str, values: Mapping[str, Value]) -> str:
    """The same for two tellings of one event."""
    if not kind.unique_by:
        return reference
    named = [f"{name}={values.get(name, '')}" for name in sorted(kind.unique_by)]
    text = "\n".join([str(member_id), *named])
    return hashlib.blake2b(text.encode(), digest_size=_KEY_BYTES).hexdigest()
