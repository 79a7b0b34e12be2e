"""Settling contests: weighing entries once, sharing pools, and ending what is done.

Each function is one transaction's work and may be repeated: an entry's state tells what was done with it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import update

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.services.contests import funding, repository
from host_api.services.contests.definition import PayoutMode, Scenario, WithoutWinner
from host_api.services.contests.entry_schemas import ContestEntryState
from host_api.services.contests.events import CONTEST_SETTLED, ContestSettled
from host_api.services.contests.logic import QUESTIONS, state_of
from host_api.services.contests.models import Contest, ContestEntry, ContestResult
from host_api.services.contests.payout import multiplied, pool_of, right_multipliers, shares
from host_api.services.contests.schemas import ContestState, Stage

AT_ONCE: Final = 1000

_WINNERS: Final = (
    ContestEntryState.WINNER,
    ContestEntryState.WON,
    ContestEntryState.PAYING,
    ContestEntryState.PAID,
    ContestEntryState.UNPAID,
)
_OPEN_BY_STAGE: Final = {
    Stage.PAYING: (
        ContestEntryState.WON,
        ContestEntryState.PAYING,
        ContestEntryState.RETURNING,
        ContestEntryState.REFUNDING,
    ),
    Stage.CANCELLING: (
        ContestEntryState.ASKED,
        ContestEntryState.ACCEPTED,
        ContestEntryState.RETURNING,
        ContestEntryState.REFUNDING,
    ),
}


async def begin(session: WriteSession, contest_id: int, now: datetime) -> bool:
    """Have a decided contest's entries weighed from now on, whose result can't be corrected any more.

    Stakes that the switch still decides are waited for; doubtful ones are not, and will be given back.
    """
    contest, tally = await repository.lock(session, contest_id)
    is_decided = state_of(contest, now) is ContestState.DECIDED
    if not is_decided or contest.settle_from is None or contest.settle_from > now:
        return False
    if await repository.has_any(session, contest_id, ContestEntryState.ASKED):
        return False
    tally.entries, tally.staked, _ = await repository.totals(session, contest_id, ContestEntryState.ACCEPTED)
    contest.stage = Stage.DECIDING.value
    await session.flush()
    return True


async def weigh_page(session: WriteSession, contest_id: int) -> int:
    """Decide the next entries by the result; how many."""
    contest, _ = await repository.find(session, contest_id)
    if contest.stage != Stage.DECIDING or contest.result_id is None:
        return 0
    result = await repository.find_result(session, contest.result_id)
    entries = await session.scalars(
        repository.page_for_update(ContestEntryState.ACCEPTED, limit=AT_ONCE, contest_id=contest_id)
    )
    weigh = _Scales(contest, result)
    now = utc_now()
    rows = entries.all()
    for entry in rows:
        entry.state, entry.payout = weigh.outcome(entry)
        entry.changed_at = now
    await session.flush()
    return len(rows)


async def pool_shares_due(session: AnySession, contest_id: int) -> list[tuple[int, int]]:
    """Each winner's entry and share of a pool, the same however often they are reckoned.

    Nothing before all entries are weighed, and nothing once all shares are written.
    """
    contest, tally = await repository.find(session, contest_id)
    if await repository.has_any(session, contest_id, ContestEntryState.ACCEPTED):
        return []
    if contest.stage != Stage.DECIDING or not await repository.has_any(
        session, contest_id, ContestEntryState.WINNER
    ):
        return []
    pool = pool_of(tally.staked, contest.club_part)
    winners = await repository.stakes(session, contest_id, *_WINNERS)
    weights = [stake for _, stake in winners]
    if contest.scenario == Scenario.RANKING and contest.result_id is not None:
        ranking = (await repository.find_result(session, contest.result_id)).ranking
        places = {entry_id: place for place, entry_id in enumerate(ranking)}
        weights = [contest.ranks[places[entry_id]] for entry_id, _ in winners]
    return [(entry_id, share) for (entry_id, _), share in zip(winners, shares(pool, weights), strict=True)]


async def write_shares(session: WriteSession, part: Sequence[tuple[int, int]]) -> None:
    """Keep some winners' shares, of those who have none yet."""
    for entry_id, share in part:
        await session.execute(
            update(ContestEntry)
            .where(ContestEntry.id == entry_id, ContestEntry.state == ContestEntryState.WINNER.value)
            .values(state=_won(share).value, payout=share, changed_at=utc_now())
            .execution_options(synchronize_session=False)
        )


async def finish_weighing(session: WriteSession, contest_id: int) -> bool:
    """Go over to paying, once each entry is decided; a pool that nobody has won may go back."""
    contest, tally = await repository.lock(session, contest_id)
    if contest.stage != Stage.DECIDING:
        return False
    if await repository.has_any(session, contest_id, ContestEntryState.ACCEPTED, ContestEntryState.WINNER):
        return False
    tally.winners, _, tally.won = await repository.totals(session, contest_id, *_WINNERS)
    await funding.use(session, contest, tally.won)
    is_pool = contest.payout_mode == PayoutMode.POOL
    if is_pool and not tally.winners and contest.without_winner == WithoutWinner.REFUND:
        await session.execute(
            update(ContestEntry)
            .where(ContestEntry.contest_id == contest_id, ContestEntry.state == ContestEntryState.LOST.value)
            .values(state=ContestEntryState.RETURNING.value, changed_at=utc_now())
            .execution_options(synchronize_session=False)
        )
    contest.stage = Stage.PAYING.value
    await session.flush()
    return True


async def finish(session: WriteSession, contest_id: int) -> bool:
    """End a contest in which nothing is left to be paid or given back."""
    contest, tally = await repository.lock(session, contest_id)
    stage = Stage(contest.stage)
    if stage not in _OPEN_BY_STAGE or await repository.has_any(session, contest_id, *_OPEN_BY_STAGE[stage]):
        return False
    if stage is Stage.PAYING:
        contest.stage = Stage.SETTLED.value
        payload = ContestSettled(
            contest_id=contest.id, entries=tally.entries, winners=tally.winners, won=tally.won
        )
        if contest.finished_at is None:
            emit(session, CONTEST_SETTLED, Subject("contest", contest.id), payload)
    else:
        contest.stage = Stage.CANCELLED.value
    contest.finished_at = contest.finished_at or utc_now()
    await session.flush()
    return True


class _Scales:
    """What a result makes of entries."""

    def __init__(self, contest: Contest, result: ContestResult) -> None:
        questions = QUESTIONS.validate_python(contest.questions)
        self._contest = contest
        self._mode = PayoutMode(contest.payout_mode)
        self._right = {
            question: set(map(str, right))
            for question, right in result.answers.items()
            if isinstance(right, list)
        }
        self._needed = contest.right_needed or len(questions)
        self._multipliers = {
            (question.code, option.code): option.multiplier
            for question in questions
            for option in question.options
        }
        self._places = {entry_id: place for place, entry_id in enumerate(result.ranking)}

    def outcome(self, entry: ContestEntry) -> tuple[str, int | None]:
        """State and payout of an entry."""
        if self._contest.scenario == Scenario.RANKING:
            place = self._places.get(entry.id)
            if place is None:
                return ContestEntryState.LOST.value, 0
            rank = self._contest.ranks[place]
            return self._winner(entry, [rank], rank if self._contest.prize_id is None else None)
        found = right_multipliers(entry.answers, self._right, self._multipliers)
        if len(found) < self._needed:
            return ContestEntryState.LOST.value, 0
        return self._winner(entry, found, self._contest.prize_units)

    def _winner(
        self, entry: ContestEntry, multipliers: Sequence[int], units: int | None
    ) -> tuple[str, int | None]:
        match self._mode:
            case PayoutMode.POOL:
                return ContestEntryState.WINNER.value, None
            case PayoutMode.MULTIPLIER:
                payout = multiplied(entry.stake, multipliers)
                return _won(payout).value, payout
            case PayoutMode.PRIZE:
                return ContestEntryState.WON.value, units or 0


def _won(payout: int) -> ContestEntryState:
    """Where nothing is to be paid, all is paid."""
    return ContestEntryState.WON if payout else ContestEntryState.PAID
