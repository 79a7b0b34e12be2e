"""Paying winners and giving stakes back: asked once for each entry, so many at a time."""

from collections.abc import Collection
from typing import Final

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.ledger.bank import Wish, request_many
from host_api.core.ledger.movements import Movement, credit, return_of_debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.persian_text import persian_digits
from host_api.services.contests import repository
from host_api.services.contests.entering import BACK, SERVICE, STAKE, WIN, on_stake
from host_api.services.contests.entry_schemas import ContestEntryState
from host_api.services.contests.events import CONTEST_WON, ContestWon
from host_api.services.contests.models import Contest, ContestEntry
from host_api.services.members import logic as members
from host_api.services.members import selection
from host_api.services.members.schemas import MemberStatus
from host_api.services.messages.logic import tell_member
from host_api.services.prizes import logic as prizes

# So many wait with the switch at most: what a till or an app asks for is not behind all winners.
ON_THEIR_WAY: Final = 500
AT_ONCE: Final = 100

_ENDS: Final = {
    WIN: (ContestEntryState.PAID, ContestEntryState.UNPAID),
    BACK: (ContestEntryState.REFUNDED, ContestEntryState.UNREFUNDED),
}


async def pay_page(session: WriteSession, caller: Caller) -> int:
    """Ask for the next payments and returns, as far as there is room; how many."""
    room = ON_THEIR_WAY - await repository.on_their_way(session)
    if room <= 0:
        return 0
    found = await session.scalars(
        repository.page_for_update(
            ContestEntryState.WON, ContestEntryState.RETURNING, limit=min(room, AT_ONCE)
        )
    )
    entries = found.all()
    contests = await repository.contests(session, {entry.contest_id for entry in entries})
    receivers = await _receivers(session, {entry.member_id for entry in entries})
    given = {contest.prize_id for contest in contests.values() if contest.prize_id is not None}
    await prizes.lock_stocks(session, given)
    wishes: list[Wish] = []
    for entry in entries:
        contest = contests[entry.contest_id]
        if entry.state == ContestEntryState.WON:
            member_id = receivers.get(entry.member_id, entry.member_id)
            wish = await _pay(session, contest, entry, member_id, caller)
        else:
            wish = _give_back(contest, entry)
        if wish is not None:
            wishes.append(wish)
        entry.changed_at = utc_now()
    await session.flush()
    await request_many(session, wishes, service=SERVICE, asked_by=caller)
    return len(entries)


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Keep what became of an entry's stake, payment or return."""
    entry_id, _, what = outcome.reference.partition(":")
    entry = await repository.find_entry(session, int(entry_id), for_update=True)
    entry.changed_at = utc_now()
    if what == STAKE:
        await on_stake(session, entry, outcome)
        return
    entry.response_code = outcome.response_code
    if outcome.state is RequestState.DOUBTFUL:
        return  # reconciliation finds out, and tells again
    done, failed = _ENDS[what.partition(":")[0]]
    entry.state = (done if outcome.state is RequestState.APPROVED else failed).value
    await _tell(session, entry)


async def _receivers(session: WriteSession, member_ids: Collection[int]) -> dict[int, int]:
    """Whose the points are, where a record was merged meanwhile and is blocked: the one it went into."""
    found: dict[int, int] = {}
    for brief in await selection.briefs(session, member_ids):
        if brief.status == MemberStatus.ACTIVE:
            continue
        member = await members.read(session, brief.id)
        while member.merged_into is not None:
            member = await members.read(session, member.merged_into)
        found[brief.id] = member.id
    return found


async def _pay(
    session: WriteSession, contest: Contest, entry: ContestEntry, member_id: int, caller: Caller
) -> Wish | None:
    """Give a prize at once, or what the switch is to be asked for."""
    if contest.prize_id is not None:
        await _award(session, contest.prize_id, entry, member_id, caller)
        return None
    reason = f"{SERVICE} {contest.id}"
    entry.state = ContestEntryState.PAYING.value
    movement = credit(member_id, contest.purse, entry.payout or 0, reason, valid_days=contest.valid_days)
    return _wish(entry, movement, WIN)


async def _award(
    session: WriteSession, prize_id: int, entry: ContestEntry, member_id: int, caller: Caller
) -> None:
    """Give the prize itself; where none is left the entry waits until somebody has seen to it."""
    try:
        async with session.begin_nested():
            await prizes.award(
                session, prize_id, member_id, service=SERVICE, reference=f"{entry.id}:{WIN}", caller=caller
            )
    except prizes.PrizeGone:
        entry.state = ContestEntryState.UNPAID.value
        return
    entry.state = ContestEntryState.PAID.value
    _emit_won(session, entry)


def _give_back(contest: Contest, entry: ContestEntry) -> Wish | None:
    if not entry.stake:
        entry.state = ContestEntryState.REFUNDED.value
        return None
    if entry.rrn is None:
        raise LookupError("a stake was taken without a transaction")
    entry.state = ContestEntryState.REFUNDING.value
    movement = return_of_debit(entry.member_id, contest.purse, entry.stake, entry.rrn)
    return _wish(entry, movement, BACK)


def _wish(entry: ContestEntry, movement: Movement, what: str) -> Wish:
    entry.attempts += 1
    return Wish(movement, f"{entry.id}:{what}:{entry.attempts}", f"{SERVICE} {entry.contest_id}")


def _emit_won(session: WriteSession, entry: ContestEntry) -> None:
    payload = ContestWon(
        contest_id=entry.contest_id,
        entry_id=entry.id,
        member_id=entry.member_id,
        units=entry.payout or 0,
    )
    emit(session, CONTEST_WON, Subject("contest", entry.contest_id), payload)


async def _tell(session: WriteSession, entry: ContestEntry) -> None:
    """Tell the member, and whoever asked for such events."""
    contest = await session.get_one(Contest, entry.contest_id)
    units = entry.payout or 0
    if entry.state == ContestEntryState.PAID:
        text_fa = f"تبریک! در مسابقهٔ «{contest.title_fa}» {persian_digits(str(units))} امتیاز بردید."
        text_en = f"Congratulations! You won {units} points in “{contest.title}”."
        _emit_won(session, entry)
    elif entry.state == ContestEntryState.REFUNDED:
        text_fa = f"امتیازی که در مسابقهٔ «{contest.title_fa}» گذاشته بودید برگشت."
        text_en = f"What you staked in “{contest.title}” was given back."
    else:
        return
    await tell_member(
        session,
        entry.member_id,
        topic=f"contest-{entry.state}",
        reference=str(entry.id),
        text_fa=text_fa,
        text_en=text_en,
    )
