"""Contests for the tests, made through the served API."""

from datetime import datetime, timedelta

import httpx2
from sqlalchemy import select

from host_api.client.models.members import MemberCreate
from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.contests import repository
from host_api.services.contests.models import Contest, ContestEntry
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import Person, person
from tests.host_api.running_api import RunningApi

JOB = "/v1/jobs/settle-contests/runs"


def question(*options: tuple[str, int], code: str = "winner") -> dict[str, object]:
    """A question whose options have these multipliers."""
    return {
        "code": code,
        "text": "Who?",
        "text_fa": "چه کسی؟",
        "options": [
            {"code": name, "title": name, "title_fa": "گزینه", "multiplier": multiplier}
            for name, multiplier in options
        ],
    }


def wanted(**changes: object) -> dict[str, object]:
    """A floating prediction that is open for an hour; None takes a field away."""
    now = utc_now()
    contest: dict[str, object] = {
        "title": "Final",
        "title_fa": "فینال",
        "text": "Guess",
        "text_fa": "حدس بزنید",
        "scenario": "prediction",
        "cost_mode": "floating",
        "payout_mode": "multiplier",
        "stake_least": 10,
        "stake_cap": 500,
        "questions": [question(("home", 1850), ("away", 2200))],
        "correction_minutes": 0,
        "starts_at": (now - timedelta(minutes=1)).isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
    } | changes
    return {name: value for name, value in contest.items() if value is not None}


FREE: dict[str, object] = {
    "cost_mode": "free",
    "payout_mode": "prize",
    "stake_least": None,
    "stake_cap": None,
    "prize_units": 30,
}


async def published(api: RunningApi, **changes: object) -> int:
    """A contest that is open."""
    contest = await post(api, "/v1/contests", wanted(**changes))
    await post(api, f"/v1/contests/{contest['id']}/publication", {})
    return int(str(contest["id"]))


async def members(api: RunningApi, count: int) -> list[int]:
    return [(await api.calls.members.create_member(MemberCreate(name="n"))).id for _ in range(count)]


async def enter(
    api: RunningApi,
    contest: int,
    member: int,
    stake: int | None = None,
    answers: dict[str, str] | None = None,
    **headers: str,
) -> httpx2.Response:
    body: dict[str, object] = {
        "member_id": member,
        "answers": {"winner": "home"} if answers is None else answers,
    }
    if stake is not None:
        body["stake"] = stake
    return await api.client.post(f"/v1/contests/{contest}/entries?wait_s=10", json=body, headers=headers)


async def entered(
    api: RunningApi,
    contest: int,
    member: int,
    stake: int | None = None,
    answers: dict[str, str] | None = None,
) -> dict[str, object]:
    """An entry that is accepted."""
    answer = await enter(api, contest, member, stake, answers)
    assert answer.status_code == 201, answer.text
    entry: dict[str, object] = answer.json()
    assert entry["state"] == "accepted", entry
    return entry


async def close(api: RunningApi, contest: int, at: datetime | None = None) -> None:
    """Have the end come now, or then."""
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        row = await session.get_one(Contest, contest)
        row.ends_at = at or utc_now()


async def decided(api: RunningApi, contest: int, answers: dict[str, list[str]]) -> dict[str, object]:
    """A result that a second person has approved."""
    result = await post(api, f"/v1/contests/{contest}/results", {"answers": answers})
    second = await second_person(api)
    return await second.post(f"/v1/contest-results/{result['id']}/approval", {})


async def second_person(api: RunningApi) -> Person:
    return await person(api, "second", "contests:approve")


async def run_job(api: RunningApi) -> None:
    run = await post(api, JOB, {}, 202)

    async def has_run() -> bool:
        found = await get(api, f"/v1/jobs/{run['id']}")
        assert found["state"] != "failed", found
        return found["state"] == "succeeded"

    await eventually(has_run)


async def until_none_is_on_its_way(api: RunningApi) -> None:
    async def is_so() -> bool:
        async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
            return not await repository.on_their_way(session)

    await eventually(is_so)


async def settle(api: RunningApi, contest: int, state: str = "settled") -> dict[str, object]:
    """Run the job until the contest is over."""

    async def is_over() -> bool:
        await run_job(api)
        await until_none_is_on_its_way(api)
        return (await get(api, f"/v1/contests/{contest}"))["state"] == state

    await eventually(is_over)
    return await get(api, f"/v1/contests/{contest}")


async def entries(api: RunningApi, contest: int) -> list[dict[str, object]]:
    return items_of(await get(api, "/v1/contest-entries", contest_id=contest, sort="id", limit=200))


async def rows(api: RunningApi, contest: int) -> list[ContestEntry]:
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        found = select(ContestEntry).where(ContestEntry.contest_id == contest).order_by(ContestEntry.id)
        return list(await session.scalars(found))
