"""Takes back what an event gave: a debit for each purse, as the journal says what was given.

The switch returns sales only, so an event's earnings go back by debits. Where the member has spent them the
switch refuses; that is tried again until there is enough.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.isolation import programme_of
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.services.earning_events.telling import repository
from host_api.services.earning_events.telling.models import EarningEvent, EarningTaking
from host_api.services.earning_events.telling.schemas import EventState, TakingState
from host_api.services.members.succession import survivor_of
from host_api.services.rules.versions import logic as rule_versions
from host_api.services.transactions import logic as transactions
from protocol.dialect import PurseCode

TAKINGS: Final = "earning_takings"

_UNTIL_PROJECTED: Final = timedelta(seconds=20)
_UNTIL_TRIED_AGAIN: Final = timedelta(days=1)
_VERSIONS: Final = 20
_KNOWN: Final = {purse.name.lower(): purse.value for purse in PurseCode}
_STATES: Final = {
    RequestState.APPROVED: TakingState.DONE,
    RequestState.DECLINED: TakingState.FAILED,
    RequestState.REVERSED: TakingState.FAILED,
    RequestState.DOUBTFUL: TakingState.DOUBTFUL,
}
# No message can name it; what it holds stays owed until the rules that have it are known here.
_UNKNOWN_PURSE: Final = 0
_OPEN: Final = (TakingState.SENT, TakingState.DOUBTFUL)

# A member and an account type.
_Purse = tuple[int, int]


async def go_on(session: WriteSession, event: EarningEvent, caller: Caller) -> None:
    """Ask for what an event still owes; the event is locked, and being taken back."""
    now = utc_now()
    event.state, event.next_try_at = EventState.TAKING_BACK.value, None
    given = await _given(session, event)
    if given is None:
        event.next_try_at = now + _UNTIL_PROJECTED
        return
    due, is_open = await _due(session, event, given)
    if is_open:
        return
    if not due:
        event.state = EventState.TAKEN_BACK.value
        return
    if all(purse == _UNKNOWN_PURSE for _, purse in due):
        event.state, event.next_try_at = EventState.OWING.value, now + _UNTIL_TRIED_AGAIN
        return
    for (member_id, purse), units in sorted(due.items()):
        if purse == _UNKNOWN_PURSE:
            continue
        taking = EarningTaking(
            event_id=event.id,
            member_id=member_id,
            purse=purse,
            units=units,
            state=TakingState.SENT.value,
            asked_at=now,
        )
        session.add(taking)
        await session.flush()
        await request_points(
            session,
            debit(member_id, purse, units, f"earning event {event.id}"),
            service=TAKINGS,
            reference=str(taking.id),
            asked_by=caller,
            reason=event.taken_back_for or "",
        )


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Keep what became of a debit; of the last one, what became of the event."""
    taking = await session.get(EarningTaking, int(outcome.reference))
    event = None if taking is None else await repository.lock(session, taking.event_id)
    if taking is None or event is None:
        raise LookupError("an event that earned has gone")
    taking.state = _STATES[outcome.state].value
    taking.response_code, taking.rrn = outcome.response_code, outcome.rrn
    await session.flush()
    given = await _given(session, event)
    if given is None:  # the projection is being built anew
        event.next_try_at = utc_now() + _UNTIL_PROJECTED
        return
    due, is_open = await _due(session, event, given)
    if is_open:
        return
    event.state = (EventState.OWING if due else EventState.TAKEN_BACK).value
    event.next_try_at = utc_now() + _UNTIL_TRIED_AGAIN if due else None


def in_nobodys_name(session: WriteSession) -> Caller:
    """Whoever goes on with what a person began."""
    return system_caller(TAKINGS, programme_of(session.sync_session))


async def _given(session: AnySession, event: EarningEvent) -> Mapping[_Purse, int] | None:
    """What an event gave, by member and account type; None while the journal has not told it.

    Whose record went into another is debited there.
    """
    transaction = None if event.rrn is None else await transactions.find(session, event.rrn)
    if transaction is None:
        return None
    codes = {} if not transaction.transfers else await _codes(session)
    given: dict[_Purse, int] = {}
    for line in transaction.transfers:
        kind, _, number = line.credit.partition(":")
        # A household's purse is debited through the member.
        member_id = {"member": number, "household": str(event.member_id)}.get(kind)
        if line.reason == "earn" and member_id is not None:
            holder = await survivor_of(session, int(member_id))
            key = (holder, codes.get(line.purse, _UNKNOWN_PURSE))
            given[key] = given.get(key, 0) + line.amount
    return given


async def _due(
    session: AnySession, event: EarningEvent, given: Mapping[_Purse, int]
) -> tuple[dict[_Purse, int], bool]:
    """What is still to be taken, and whether something is under way."""
    left = dict(given)
    is_open = False
    for taking in await repository.takings(session, event.id):
        is_open = is_open or taking.state in _OPEN
        if taking.state == TakingState.DONE:
            key = (await survivor_of(session, taking.member_id), taking.purse)
            left[key] = left.get(key, 0) - taking.units
    return {key: units for key, units in left.items() if units > 0}, is_open


async def _codes(session: AnySession) -> Mapping[str, int]:
    """Account types by the names that the journal has: the dialect's, and those of the club's own rules."""
    found = dict(_KNOWN)
    for document in reversed(await rule_versions.newest_documents(session, _VERSIONS)):
        purses = document.get("purses")
        for purse in purses if isinstance(purses, list) else ():
            if isinstance(purse, dict):
                name, code = purse.get("name"), purse.get("code")
                if isinstance(name, str) and isinstance(code, int):
                    found[name] = code
    return found
