"""Follows the changes of trades, and writes what counts for whom.

A trade counts for whoever's branch in the referral network its member hung on when it was made, and stays
theirs whatever becomes of the branch: corrections go to the same marketer.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.isolation import programme_of
from host_api.core.tehran_time import tehran_date
from host_api.services.brokerage.changes import Change, changes_after
from host_api.services.marketers.models import Marketer, MarketerGate, MarketerLine
from host_api.services.marketers.months import month_of
from host_api.services.member_merging.logic import records_of
from host_api.services.members.succession import survivor_of
from host_api.services.referral_network.introductions import introducers_at

_BY: Final = "marketers"


class _Owner(NamedTuple):
    """Whose customer a trade is of."""

    marketer_id: int
    customer_id: int


class _Standing(NamedTuple):
    """Whose a trade is, or was before it was taken off."""

    owner: _Owner
    is_counted: bool


async def has_news(session: AnySession) -> bool:
    """Whether there are changes that weren't followed; only reads."""
    followed = await session.scalar(select(MarketerGate.followed_up_to))
    return bool(await changes_after(session, followed or 0, 1))


async def follow(session: WriteSession, limit: int) -> int:
    """Write the lines of the next changes; how many changes there were."""
    gate = await _pass_gate(session)
    changes = await changes_after(session, gate.followed_up_to, limit)
    if not changes:
        return 0
    holders = {one: await survivor_of(session, one) for one in {change.member_id for change in changes}}
    standing = await _standing(session, {change.trade_id for change in changes})
    new = await _owners_now(session, changes, holders)
    for change in changes:
        before = standing.get(change.trade_id)
        if change.is_taken_off:
            owner = before.owner if before is not None and before.is_counted else None
        elif (
            before is not None
            and await survivor_of(session, before.owner.customer_id) == holders[change.member_id]
        ):
            owner = before.owner
        else:
            owner = new.get(change.id)
        if owner is not None:
            session.add(_line(change, owner))
            standing[change.trade_id] = _Standing(owner, not change.is_taken_off)
    gate.followed_up_to = changes[-1].id
    await session.flush()
    return len(changes)


async def _pass_gate(session: WriteSession) -> MarketerGate:
    gate = await session.scalar(select(MarketerGate).with_for_update())
    if gate is None:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        statement = (sqlite.insert if is_sqlite else postgresql.insert)(MarketerGate)
        programme_id = programme_of(session.sync_session)
        await session.execute(
            statement.values(programme_id=programme_id, followed_up_to=0).on_conflict_do_nothing()
        )
        gate = (await session.scalars(select(MarketerGate).with_for_update())).one()
    return gate


async def _standing(session: WriteSession, trade_ids: Iterable[int]) -> dict[int, _Standing]:
    """How trades stand by their last lines."""
    rows = await session.scalars(
        select(MarketerLine).where(MarketerLine.trade_id.in_(sorted(trade_ids))).order_by(MarketerLine.id)
    )
    return {
        line.trade_id: _Standing(_Owner(line.marketer_id, line.customer_id), line.trades > 0)
        for line in rows
        if line.trade_id is not None and line.customer_id is not None
    }


async def _owners_now(
    session: WriteSession, changes: Sequence[Change], holders: Mapping[int, int]
) -> dict[int, _Owner]:
    """By the referral network, of the changes that add a trade."""
    moments = {
        change.id: (holders[change.member_id], change.traded_at)
        for change in changes
        if not change.is_taken_off
    }
    introducers = await introducers_at(session, moments.values())
    marketers = {one: await marketer_of(session, one) for one in set(introducers.values())}
    found = {}
    for change in changes:
        moment = moments.get(change.id)
        marketer = None if moment is None else marketers.get(introducers.get(moment, 0))
        if moment is not None and marketer is not None and tehran_date(change.traded_at) >= marketer.since:
            found[change.id] = _Owner(marketer.id, moment[0])
    return found


async def marketer_of(session: WriteSession, member_id: int) -> Marketer | None:
    """The active marketer that a member is, by the own record before those that went into it."""
    record_ids = await records_of(session, member_id)
    rows = await session.scalars(
        select(Marketer).where(Marketer.member_id.in_(record_ids), Marketer.is_active).order_by(Marketer.id)
    )
    return min(rows, key=lambda row: row.member_id != member_id, default=None)


def _line(change: Change, owner: _Owner) -> MarketerLine:
    day = tehran_date(change.traded_at)
    return MarketerLine(
        marketer_id=owner.marketer_id,
        month=month_of(day),
        day=day,
        customer_id=owner.customer_id,
        trade_id=change.trade_id,
        trades=-1 if change.is_taken_off else 1,
        turnover_rials=change.turnover_rials,
        commission_rials=change.commission_rials,
        new_customers=0,
        made_by=_BY,
        made_at=utc_now(),
    )
