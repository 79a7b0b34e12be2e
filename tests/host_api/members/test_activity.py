"""How active members are, by their purchases in the projection and the programme's thresholds."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from host_api.core.clock import to_epoch_ms
from host_api.core.database import WriteSession
from host_api.core.feed_projection import apply_batch
from host_api.core.jobs.running import RunningJob
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.catalogue import projectors
from host_api.services.members import logic
from host_api.services.members.activity import job as activity_job
from host_api.services.members.activity.job import ASSESS_ACTIVITY
from host_api.services.members.activity.logic import Thresholds
from host_api.services.members.models import Member
from host_api.services.members.schemas import Activity, MemberData
from protocol.feed import FEED_EVENT
from tests.host_api.api_calls import get, items_of
from tests.host_api.core.jobs.working_jobs import Runners, tools_on
from tests.host_api.feed_peer import transaction
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio

NOW = datetime(2027, 1, 1, tzinfo=UTC)
# Member, days since, and what else the feed says.
BOUGHT: tuple[tuple[int, int, dict[str, object]], ...] = (
    (1, 10, {}),
    (2, 100, {}),
    (3, 10, {"response_code": "51"}),
    (4, 10, {"processing_code": "310000", "mti": "0100"}),
    (5, 10, {}),
    (6, 200, {}),
    (7, 5, {}),
)


@pytest.mark.parametrize(
    ("joined", "last", "purchases", "expected"),
    [
        (400, 59, 2, Activity.ACTIVE),
        (400, 61, 2, Activity.LAPSING),
        (400, 1, 1, Activity.LAPSING),
        (400, None, 0, Activity.INACTIVE),
        (10, None, 0, Activity.NEW),
        (10, 1, 1, Activity.NEW),
        (10, 1, 2, Activity.ACTIVE),
    ],
)
def test_thresholds(joined: int, last: int | None, purchases: int, expected: Activity) -> None:
    found = Thresholds(active_purchases=2).activity(
        joined_at=NOW - timedelta(days=joined),
        last_purchase_at=None if last is None else NOW - timedelta(days=last),
        purchases=purchases,
        now=NOW,
    )
    assert found is expected


async def test_each_night_finds_it_out_though_the_job_is_cut(
    api: RunningApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = api.runtime.database
    async with database.writing(FIRST_PROGRAMME) as session:
        await logic.create_many(session, api.runtime.vault.cipher, [MemberData(name="n")] * 8)
        for member in await session.scalars(select(Member)):
            member.created_at = NOW - timedelta(days=5 if member.id == 8 else 365)
    lines = [
        transaction(position, member=member, at_ms=to_epoch_ms(NOW - timedelta(days=days))) | others
        for position, (member, days, others) in enumerate(BOUGHT, 1)
    ]
    undone = transaction(20, member=5, mti="0400", reverses=f"{5:012d}", at_ms=to_epoch_ms(NOW))
    events = [FEED_EVENT.validate_python(line) for line in (*lines, undone)]
    await apply_batch(database, FIRST_PROGRAMME, projectors(), 0, events)
    path = "/v1/member-activity-thresholds"
    thresholds = {"lapsing_after_days": 90, "inactive_after_days": 150}
    changed = await api.client.patch(path, json=thresholds, headers={"If-Match": '"0"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"1"')
    wrong = await api.client.patch(path, json={"lapsing_after_days": 150}, headers={"If-Match": '"1"'})
    assert problem(wrong) == (422, "activity-thresholds-out-of-order")
    assert problem(await api.client.patch(path, json={}, headers={"If-Match": '"0"'}))[0] == 412
    etag = (await api.client.get("/v1/members/1")).headers["etag"]

    monkeypatch.setattr(activity_job, "_BATCH", 3)
    step, count = RunningJob.step, Counter[str]()

    @asynccontextmanager
    async def cut(running: RunningJob) -> AsyncIterator[WriteSession]:
        count["steps"] += 1
        async with step(running) as session:
            yield session
            if count["steps"] == 2:
                raise ZeroDivisionError

    monkeypatch.setattr(RunningJob, "step", cut)
    runners = Runners(await tools_on(database, api.runtime.settings), ASSESS_ACTIVITY)
    runners.clock.now = NOW
    await runners.enqueue(ASSESS_ACTIVITY.name)
    await runners.work_off(runners.new())
    runners.clock.turn(minutes=5)
    await runners.work_off(runners.new())
    # Beside the run asked for there may be the night's own.
    runs = [run for run in await runners.runs(ASSESS_ACTIVITY.name) if run.state == "succeeded"]
    assert max(run.attempts for run in runs) == 2
    assert sum(int(str(run.outcome and run.outcome["changed"])) for run in runs) == 7
    expected = {
        "active": [1, 7],
        "lapsing": [2],
        "inactive": [3, 4, 5, 6],
        "new": [8],
    }
    for activity, ids in expected.items():
        listed = items_of(await get(api, "/v1/members", activity=activity))
        assert [row["id"] for row in listed] == ids, activity
    # A night's count takes nobody's version.
    assert (await api.client.get("/v1/members/1")).headers["etag"] == etag
