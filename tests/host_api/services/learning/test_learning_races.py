"""The last place of a course, wanted by many at once, on both databases."""

import asyncio

import pytest

from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.learning.purchases import logic
from host_api.services.learning.purchases.problems import CourseFull, LearningHeld
from host_api.services.learning.purchases.schemas import LearningPurchaseCreate
from tests.host_api.api_calls import get, items_of
from tests.host_api.running_api import RunningApi
from tests.host_api.services.earning_events.earning_calls import add_member
from tests.host_api.services.learning.learning_calls import course, wanted
from tests.host_api.services.prizes.prize_calls import CALLER

pytestmark = pytest.mark.anyio

PLACES, MEMBERS = 2, 4


async def test_no_place_is_given_twice(api: RunningApi) -> None:
    small = await course(api, lessons=1, capacity=PLACES)
    who = [await add_member(api) for _ in range(MEMBERS)]

    async def enrol(member: int) -> str:
        try:
            async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
                asked = LearningPurchaseCreate.model_validate(wanted(member, "course", small))
                await logic.buy(session, asked, CALLER)
        except CourseFull:
            return "full"
        except LearningHeld:
            return "held"
        return "active"

    # Each member asks twice at once.
    became = await asyncio.gather(*(enrol(member) for member in who * 2))
    assert became.count("active") == PLACES
    had = items_of(await get(api, "/v1/learning/purchases", subject_id=small))
    assert len({row["member_id"] for row in had}) == len(had) == PLACES
    assert (await get(api, f"/v1/courses/{small}"))["places_left"] == 0
