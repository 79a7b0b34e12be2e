"""Entering contests, reporting scores, and what the switch makes of stakes."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.services.contests import policy as policies
from host_api.services.contests import repository
from host_api.services.contests.definition import CostMode, PayoutMode, Scenario, check_answers
from host_api.services.contests.entry_schemas import ContestEntryRead, ContestEntryState, EntryCreate
from host_api.services.contests.listing import EntryQuery
from host_api.services.contests.logic import QUESTIONS, exposure_cap, state_of
from host_api.services.contests.models import Contest, ContestEntry, ContestPolicy, ContestTally
from host_api.services.contests.payout import most_possible
from host_api.services.contests.problems import (
    AnswersNotAllowed,
    ContestNotOpen,
    EntriesUsedUp,
    ExposureReached,
    NotAdmitted,
    StakeNotAllowed,
)
from host_api.services.contests.schemas import ContestState, Stage
from host_api.services.groups.audience import is_in
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus

SERVICE: Final = "contests"

# A member looks on: a stake that the switch has not taken by then is taken back.
PATIENCE: Final = timedelta(minutes=2)

STAKE, WIN, BACK = "stake", "win", "back"


async def enter(
    session: WriteSession, contest_id: int, wanted: EntryCreate, caller: Caller
) -> tuple[ContestEntryRead, int | None]:
    """Enter a member; the entry, and the id of the request for its stake where there is one.

    Whether the contest is open is decided here and now, by the server's clock. A stake that the switch takes
    later counts all the same, as the settlement waits for it.

    Raises:
        members.MemberNotFound, ContestNotFound, ContestNotOpen, NotAdmitted, EntriesUsedUp,
        AnswersNotAllowed, StakeNotAllowed, ExposureReached
    """
    member = await members.read(session, wanted.member_id)
    # Whoever waited here for others is as late as the lock.
    contest, tally = await repository.lock(session, contest_id)
    now = utc_now()
    if state_of(contest, now) is not ContestState.OPEN:
        raise ContestNotOpen
    is_active = member.status is MemberStatus.ACTIVE
    if not is_active or not await is_in(session, contest.audience, member.id, now):
        raise NotAdmitted
    if await repository.entries_of(session, contest_id, member.id) >= contest.entries_per_member:
        raise EntriesUsedUp
    policy = await policies.read(session)
    stake = _stake(contest, policy, wanted.stake)
    possible = _possible(contest, stake, wanted.answers)
    if tally.exposure + possible > exposure_cap(contest, policy.exposure_cap):
        raise ExposureReached
    entry = ContestEntry(
        contest_id=contest_id,
        member_id=member.id,
        answers=wanted.answers,
        stake=stake,
        possible=possible,
        state=(ContestEntryState.ASKED if stake else ContestEntryState.ACCEPTED).value,
        attempts=0,
        entered_by=caller.key,
        asked_at=now,
        changed_at=now,
    )
    session.add(entry)
    tally.entries += 1
    tally.staked += stake
    tally.exposure += possible
    await session.flush()
    if not stake:
        return shown(entry), None
    request_id = await request_points(
        session,
        debit(member.id, contest.purse, stake, f"{SERVICE} {contest_id}"),
        service=SERVICE,
        reference=f"{entry.id}:{STAKE}",
        asked_by=caller,
        patience=PATIENCE,
    )
    return shown(entry), request_id


async def report_score(session: WriteSession, entry_id: int, score: int) -> ContestEntryRead:
    """Keep what an entry has reached in a ranking that is open; its best counts.

    Raises:
        EntryNotFound, ContestNotOpen
    """
    found = await repository.find_entry(session, entry_id)
    contest, _ = await repository.lock(session, found.contest_id)
    entry = await repository.find_entry(session, entry_id, for_update=True)
    now = utc_now()
    is_ranking = contest.scenario == Scenario.RANKING
    if (
        not is_ranking
        or entry.state != ContestEntryState.ACCEPTED
        or state_of(contest, now) is not ContestState.OPEN
    ):
        raise ContestNotOpen
    if entry.score is None or score > entry.score:
        entry.score, entry.scored_at, entry.changed_at = score, now, now
    await session.flush()
    return shown(entry)


async def on_stake(session: WriteSession, entry: ContestEntry, outcome: Outcome) -> None:
    """Go on with an entry whose stake the switch has taken or not."""
    # A doubtful one is found out at any time, and the settlement doesn't wait for it: then the lock decides.
    # One that was asked needs none, as nothing is settled or finished while one is.
    if entry.state == ContestEntryState.DOUBTFUL or outcome.state is not RequestState.APPROVED:
        contest, tally = await repository.lock(session, entry.contest_id)
    else:
        contest, tally = await repository.find(session, entry.contest_id)
    entry.rrn, entry.response_code = outcome.rrn, outcome.response_code
    match outcome.state:
        case RequestState.APPROVED:
            takes_part = contest.stage == Stage.PUBLISHED
            entry.state = (ContestEntryState.ACCEPTED if takes_part else ContestEntryState.RETURNING).value
        case RequestState.DOUBTFUL:
            entry.state = ContestEntryState.DOUBTFUL.value
        case _:
            entry.state = ContestEntryState.REFUSED.value
            if contest.stage in (Stage.PUBLISHED, Stage.CANCELLING, Stage.CANCELLED):
                _take_out(tally, entry)


async def read(session: AnySession, entry_id: int) -> ContestEntryRead:
    """One entry.

    Raises:
        EntryNotFound
    """
    return shown(await repository.find_entry(session, entry_id))


async def read_page(session: ReadSession, query: EntryQuery) -> Page[ContestEntryRead]:
    """A page of entries."""
    entries, next_cursor = await read_rows(session, select(ContestEntry), query)
    return Page(items=[shown(entry) for entry in entries], next_cursor=next_cursor)


def shown(entry: ContestEntry) -> ContestEntryRead:
    """An entry as it is shown."""
    return ContestEntryRead.model_validate(
        {name: getattr(entry, name) for name in ContestEntryRead.model_fields}
    )


def _take_out(tally: ContestTally, entry: ContestEntry) -> None:
    tally.entries -= 1
    tally.staked -= entry.stake
    tally.exposure -= entry.possible


def _stake(contest: Contest, policy: ContestPolicy, wanted: int | None) -> int:
    if contest.cost_mode != CostMode.FLOATING:
        if wanted is not None:
            raise StakeNotAllowed
        wanted = contest.stake_cap
    if wanted is None or not contest.stake_least <= wanted <= min(contest.stake_cap, policy.stake_cap):
        raise StakeNotAllowed
    return wanted


def _possible(contest: Contest, stake: int, answers: dict[str, str]) -> int:
    """The most that the club may have to give for these answers."""
    questions = QUESTIONS.validate_python(contest.questions)
    try:
        check_answers(questions, answers)
    except ValueError:
        raise AnswersNotAllowed from None
    if contest.scenario == Scenario.RANKING:
        return 0  # counted when it was published
    match PayoutMode(contest.payout_mode):
        case PayoutMode.POOL:
            return 0
        case PayoutMode.PRIZE:
            return contest.prize_units or 0
        case PayoutMode.MULTIPLIER:
            chosen = [
                option.multiplier
                for question in questions
                for option in question.options
                if option.code == answers[question.code]
            ]
            return most_possible(stake, chosen, contest.right_needed or len(chosen))
