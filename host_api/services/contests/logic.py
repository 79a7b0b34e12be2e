"""Writing, publishing, changing, cancelling and reading contests."""

from datetime import datetime
from typing import Final

from pydantic import JsonValue, TypeAdapter, ValidationError
from sqlalchemy import select, update

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import ReadSession, WriteSession
from host_api.core.errors import FieldProblem, ValidationFailed
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version, etag
from host_api.services.contests import funding, repository
from host_api.services.contests import policy as policies
from host_api.services.contests.definition import (
    ContestQuestion,
    CostMode,
    PayoutMode,
    Scenario,
    only_adds_options,
)
from host_api.services.contests.entry_schemas import ContestEntryState
from host_api.services.contests.events import CONTEST_CANCELLED, ContestCancelled
from host_api.services.contests.listing import ContestQuery
from host_api.services.contests.models import Contest, ContestEntry, ContestTally
from host_api.services.contests.payout import multiplied
from host_api.services.contests.problems import (
    ContestElsewhere,
    ContestFixed,
    ExposureReached,
    StakeNotAllowed,
)
from host_api.services.contests.schemas import (
    ContestCreate,
    ContestRead,
    ContestState,
    ContestUpdate,
    Stage,
)
from host_api.services.groups.audience import stored_audience
from host_api.services.prizes import logic as prizes

QUESTIONS: Final = TypeAdapter(list[ContestQuestion])

# What may still change once members have entered; of a prediction, options may be added besides.
_STAYS_FREE: Final = frozenset(
    {"title", "title_fa", "text", "text_fa", "stake_cap", "audience", "entries_per_member"}
    | {"exposure_cap", "correction_minutes", "ends_at"}
)
_ENTERED_BY_PEOPLE: Final = tuple(ContestCreate.model_fields)


async def create(session: WriteSession, wanted: ContestCreate, caller: Caller) -> tuple[ContestRead, str]:
    """Write a contest down, and its ETag; nobody can enter before it is published."""
    contest = Contest(
        **_columns(wanted),
        stage=Stage.DRAFT.value,
        written_by=caller.key,
        written_by_name=caller.name,
        created_at=utc_now(),
    )
    session.add(contest)
    await session.flush()
    tally = ContestTally(contest_id=contest.id, entries=0, staked=0, exposure=0, winners=0, won=0)
    session.add(tally)
    await session.flush()
    return shown(contest, tally), etag(contest)


async def change(
    session: WriteSession, contest_id: int, if_match: str, wanted: ContestUpdate, caller: Caller
) -> tuple[ContestRead, str]:
    """Change what is given.

    Raises:
        ContestNotFound, ChangedMeanwhile, ContestFixed, ContestElsewhere, ValidationFailed
    """
    contest, tally = await repository.lock(session, contest_id)
    check_version(contest, if_match)
    if contest.stage not in (Stage.DRAFT, Stage.PUBLISHED):
        raise ContestElsewhere
    given = wanted.model_fields_set
    after = _agreed(contest, wanted)
    _check_fixed(contest, tally, after, given)
    if "right_answers" in given:
        contest.written_by, contest.written_by_name = caller.key, caller.name
    for name, value in _columns(after).items():
        if getattr(contest, name) != value:
            setattr(contest, name, value)
    if contest.stage == Stage.PUBLISHED and not tally.entries:
        await _check_caps(session, contest, tally)
    await session.flush()
    return shown(contest, tally), etag(contest)


async def publish(session: WriteSession, contest_id: int) -> tuple[ContestRead, str]:
    """Let a draft open by itself when its time comes.

    Raises:
        ContestNotFound, ContestElsewhere, StakeNotAllowed, ExposureReached, prizes.PrizeNotFound,
        and what `funding.set_aside` raises
    """
    contest, tally = await repository.lock(session, contest_id)
    if contest.stage != Stage.DRAFT or contest.ends_at <= utc_now():
        raise ContestElsewhere
    await _check_caps(session, contest, tally)
    await _check_prize(session, contest)
    await funding.set_aside(session, contest)
    contest.stage = Stage.PUBLISHED.value
    await session.flush()
    return shown(contest, tally), etag(contest)


async def cancel(session: WriteSession, contest_id: int, reason: str) -> tuple[ContestRead, str]:
    """Cancel a contest whose entries are not decided yet; the settling job gives every stake back.

    Raises:
        ContestNotFound, ContestElsewhere
    """
    contest, tally = await repository.lock(session, contest_id)
    if contest.stage not in (Stage.DRAFT, Stage.PUBLISHED):
        raise ContestElsewhere
    if contest.stage == Stage.PUBLISHED:
        await funding.free(session, contest)
    contest.stage = Stage.CANCELLING.value
    contest.cancel_reason = reason
    await session.execute(
        update(ContestEntry)
        .where(ContestEntry.contest_id == contest_id, ContestEntry.state == ContestEntryState.ACCEPTED.value)
        .values(state=ContestEntryState.RETURNING.value, changed_at=utc_now())
        .execution_options(synchronize_session=False)
    )
    payload = ContestCancelled(contest_id=contest.id, entries=tally.entries)
    emit(session, CONTEST_CANCELLED, Subject("contest", contest.id), payload)
    await session.flush()
    return shown(contest, tally), etag(contest)


async def retry(session: WriteSession, contest_id: int) -> tuple[ContestRead, str]:
    """Try what the switch declined once more: winners unpaid and stakes not given back.

    Raises:
        ContestNotFound, ContestElsewhere
    """
    contest, tally = await repository.lock(session, contest_id)
    again = {
        ContestEntryState.UNPAID: ContestEntryState.WON,
        ContestEntryState.UNREFUNDED: ContestEntryState.RETURNING,
    }
    stages = {Stage.SETTLED: Stage.PAYING, Stage.CANCELLED: Stage.CANCELLING}
    if not await repository.has_any(session, contest_id, *again):
        raise ContestElsewhere
    for before, after in again.items():
        await session.execute(
            update(ContestEntry)
            .where(ContestEntry.contest_id == contest_id, ContestEntry.state == before.value)
            .values(state=after.value, changed_at=utc_now())
            .execution_options(synchronize_session=False)
        )
    stage = Stage(contest.stage)
    contest.stage = stages.get(stage, stage).value
    await session.flush()
    return shown(contest, tally), etag(contest)


async def read(session: ReadSession, contest_id: int) -> tuple[ContestRead, str]:
    """A contest, and its ETag.

    Raises:
        ContestNotFound
    """
    contest, tally = await repository.find(session, contest_id)
    return shown(contest, tally), etag(contest)


async def read_page(session: ReadSession, query: ContestQuery) -> Page[ContestRead]:
    """A page of contests."""
    contests, next_cursor = await read_rows(session, select(Contest), query)
    tallies = await repository.tallies(session, [contest.id for contest in contests])
    return Page(items=[shown(contest, tallies[contest.id]) for contest in contests], next_cursor=next_cursor)


def state_of(contest: Contest, now: datetime) -> ContestState:
    """Where a contest stands at `now`."""
    match Stage(contest.stage):
        case Stage.PUBLISHED:
            if contest.result_id is not None:
                return ContestState.DECIDED
            if now < contest.starts_at:
                return ContestState.SCHEDULED
            return ContestState.OPEN if now < contest.ends_at else ContestState.CLOSED
        case Stage.DECIDING | Stage.PAYING:
            return ContestState.SETTLING
        case stage:
            return ContestState(stage.value)


def shown(contest: Contest, tally: ContestTally) -> ContestRead:
    """A contest as it is shown now."""
    state = state_of(contest, utc_now())
    is_secret = state in (ContestState.DRAFT, ContestState.SCHEDULED, ContestState.OPEN)
    return ContestRead.model_validate(
        {name: getattr(contest, name) for name in ContestRead.model_fields if hasattr(contest, name)}
        | {name: getattr(tally, name) for name in ("entries", "staked", "exposure", "winners", "won")}
        | {"state": state, "right_answers": None if is_secret else contest.right_answers}
    )


def fixed_exposure(contest: Contest) -> int:
    """What a ranking may have to give, however many enter."""
    if contest.scenario != Scenario.RANKING:
        return 0
    match PayoutMode(contest.payout_mode):
        case PayoutMode.MULTIPLIER:
            return sum(multiplied(contest.stake_cap, [rank]) for rank in contest.ranks)
        case PayoutMode.PRIZE if contest.prize_id is None:
            return sum(contest.ranks)
        case _:
            return 0


async def _check_caps(session: WriteSession, contest: Contest, tally: ContestTally) -> None:
    """A contest that can't take an entry isn't published; and what a ranking may have to give is counted."""
    policy = await policies.read(session)
    least = contest.stake_cap if contest.cost_mode == CostMode.FIXED else contest.stake_least
    if contest.cost_mode != CostMode.FREE and least > policy.stake_cap:
        raise StakeNotAllowed
    tally.exposure = fixed_exposure(contest)
    if tally.exposure > exposure_cap(contest, policy.exposure_cap):
        raise ExposureReached


async def _check_prize(session: WriteSession, contest: Contest) -> None:
    if contest.prize_id is not None:
        await prizes.find(session, contest.prize_id)


def exposure_cap(contest: Contest, of_club: int) -> int:
    """The lower of the contest's cap and the club's."""
    return of_club if contest.exposure_cap is None else min(contest.exposure_cap, of_club)


def _check_fixed(contest: Contest, tally: ContestTally, after: ContestCreate, given: set[str]) -> None:
    if contest.stage == Stage.DRAFT:
        return
    now = utc_now()
    if now >= contest.ends_at or ("ends_at" in given and after.ends_at <= now):
        raise ContestFixed
    # One that was refused leaves nobody behind who relied on anything.
    has_begun = tally.entries > 0
    if contest.budget_id is not None and "exposure_cap" in given:
        raise ContestFixed  # it is what was set aside
    fixed = given - _STAYS_FREE
    if contest.scenario == Scenario.PREDICTION and only_adds_options(
        QUESTIONS.validate_python(contest.questions), after.questions
    ):
        fixed -= {"questions"}
    if contest.cost_mode == CostMode.FIXED or contest.scenario == Scenario.RANKING:
        fixed |= given & {"stake_cap"}
    if has_begun and fixed:
        raise ContestFixed


def _agreed(contest: Contest, wanted: ContestUpdate) -> ContestCreate:
    before: dict[str, object] = {name: getattr(contest, name) for name in _ENTERED_BY_PEOPLE}
    if contest.cost_mode == CostMode.FREE:
        before |= {"stake_cap": None, "stake_least": 1}
    given = wanted.model_dump(mode="json", by_alias=True, exclude_unset=True)
    # null takes a limit away; elsewhere it says nothing.
    may_be_null = {"audience", "right_needed", "valid_days", "exposure_cap"}
    given = {name: value for name, value in given.items() if value is not None or name in may_be_null}
    try:
        return ContestCreate.model_validate(before | given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "contest"
        raise ValidationFailed(
            [
                FieldProblem(
                    field=place,
                    location="body",
                    code=first["type"],
                    message=first["msg"],
                    message_fa="اجزای مسابقه با هم نمی‌خواند.",
                )
            ]
        ) from None


def _columns(wanted: ContestCreate) -> dict[str, object]:
    values: dict[str, object] = wanted.model_dump(mode="json", exclude={"starts_at", "ends_at", "audience"})
    audience: dict[str, JsonValue] | None = stored_audience(wanted.audience)
    return values | {
        "starts_at": wanted.starts_at,
        "ends_at": wanted.ends_at,
        "audience": audience,
        "stake_cap": wanted.stake_cap or 0,
        "stake_least": wanted.stake_least if wanted.cost_mode is CostMode.FLOATING else wanted.stake_cap or 0,
    }
