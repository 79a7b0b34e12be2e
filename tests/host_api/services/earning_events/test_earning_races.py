"""Two at once: the same event, a cap, a check-in, an answer, an achievement; on both databases."""

import asyncio
from datetime import timedelta

import pytest

from host_api.core.access.caller import system_caller
from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.achievements import evaluation, logic
from host_api.services.achievements.models import AchievementAward
from host_api.services.achievements.schemas import AchievementCreate
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.running_api import RunningApi
from tests.host_api.services.acceptance_bench import change, furnish
from tests.host_api.services.earning_events.earning_calls import add_member, add_type, journey
from tests.host_api.services.grouping.history import Journal, member, store

pytestmark = pytest.mark.anyio

AT_ONCE = 4


async def _statuses(api: RunningApi, path: str, *bodies: object) -> list[int]:
    answers = await asyncio.gather(*(api.client.post(path, json=body) for body in bodies))
    return sorted(answer.status_code for answer in answers)


async def test_one_of_several_at_once(api: RunningApi) -> None:
    someone = await add_member(api)
    await add_type(api, caps=[{"times": 1, "per": "day"}])
    told = "/v1/earning-events?wait_s=0"
    # Under one reference, then under several where the cap lets one pass.
    assert await _statuses(api, told, *[journey(someone, "A") for _ in range(AT_ONCE)]) == [
        202,
        409,
        409,
        409,
    ]
    other = await add_member(api)
    each = [journey(other, f"B{number}") for number in range(AT_ONCE)]
    assert await _statuses(api, told, *each) == [202, 409, 409, 409]

    branch = await furnish(api)
    await post(api, "/v1/visit-points", {"branch_id": branch, "ways": ["qr"]})
    codes = (
        await change(api, "POST", f"/v1/visit-points/{branch}/codes", of=f"/v1/visit-points/{branch}")
    ).json()
    visit = {"member_id": someone, "qr_text": codes["qr_text"]}
    assert await _statuses(api, "/v1/visits?wait_s=0", *[visit] * AT_ONCE) == [201, 409, 409, 409]

    now = utc_now()
    question = {"name": "again", "text": "Again?", "text_fa": "باز؟", "kind": "scale"}
    survey = await post(
        api,
        "/v1/surveys",
        {
            "title": "s",
            "title_fa": "ن",
            "questions": [question],
            "starts_at": now.isoformat(),
            "ends_at": (now + timedelta(days=1)).isoformat(),
        },
    )
    path = f"/v1/surveys/{survey['id']}"
    assert (await change(api, "PATCH", path, {"is_published": True})).status_code == 200
    answer = {"member_id": someone, "answers": {"again": 5}}
    assert await _statuses(api, f"{path}/answers", *[answer] * AT_ONCE) == [201, 409, 409, 409]
    assert (await get(api, f"{path}/results"))["answers"] == 1

    review = {
        "member_id": someone,
        "subject_kind": "branch",
        "subject": str(branch),
        "text": "جای خوب و تمیزی است",
    }
    assert await _statuses(api, "/v1/reviews", *[review] * AT_ONCE) == [201, 409, 409, 409]
    (written,) = items_of(await get(api, "/v1/reviews"))
    approval = f"/v1/reviews/{written['id']}/approval"
    assert await _statuses(api, approval, *[None] * AT_ONCE) == [201, 409, 409, 409]


async def test_a_level_is_awarded_once(database: Database) -> None:
    now = utc_now()
    journal = Journal()
    for _ in range(3):
        journal.sale(1, now - timedelta(hours=1), 1000)
    await store(database, [member(1)], journal)
    words = {"title": "t", "title_fa": "ت", "text": "t", "text_fa": "ت"}
    wanted = AchievementCreate.model_validate(
        {
            "code": "three",
            **words,
            "measure": "count",
            "window": "lifetime",
            "starts_at": now - timedelta(days=1),
            "levels": [{"at_least": mark, "title": "l", "title_fa": "پ"} for mark in (2, 3, 4)],
        }
    )
    async with database.writing(FIRST_PROGRAMME) as session:
        await logic.create(session, wanted)

    async def settle() -> list[AchievementAward]:
        async with database.writing(FIRST_PROGRAMME) as session:
            return await evaluation.settle(session, [1], now, system_caller("test", FIRST_PROGRAMME))

    made = await asyncio.gather(*(settle() for _ in range(AT_ONCE)))
    assert sorted(len(awards) for awards in made) == [0, 0, 0, 2]
