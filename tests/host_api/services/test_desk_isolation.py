"""Two programmes with the same positions in their journals: neither sees or sums up anything of the other."""

import pytest
from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.feed_position import FeedPosition
from host_api.core.feed_projection import apply_batch, clear_projection
from host_api.core.programmes import FIRST_PROGRAMME, Programme
from host_api.services.catalogue import projectors
from host_api.services.dashboards.models import DailyAnswers
from host_api.services.fault_finder.kinds import FaultKind
from host_api.services.fault_finder.sightings import Sighting, record
from tests.host_api.api_calls import get, post
from tests.host_api.points_bench import new_key, person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.club_history import DAY_MS, History, eventful, events_of, project, rrn

pytestmark = pytest.mark.anyio

OTHER = 2


async def _with_another_programme(api: RunningApi, history: History) -> dict[str, str]:
    """Headers of a stranger, whose programme has a journal of its own."""
    database = api.runtime.database
    async with database.writing() as session:
        session.add(
            Programme(id=OTHER, code="two", name="two", mode="live", status="active", created_at=utc_now())
        )
    async with database.writing(OTHER) as session:
        session.add(FeedPosition(position=0, last_event_at_ms=None))
    await apply_batch(database, OTHER, projectors(), 0, events_of(history.lines))
    return await new_key(api, "stranger", "*", programme=OTHER)


async def test_lists_sums_and_rebuilds_stay_within_a_programme(api: RunningApi) -> None:
    history = History()
    history.sale(1, 7_000_000)
    history.rule_table()
    stranger = await _with_another_programme(api, history)
    await project(api.runtime.database, eventful(seed=6, count=60).lines)

    async def theirs(path: str, **query: object) -> dict[str, object]:
        answer = await api.client.get(
            path, params={name: str(value) for name, value in query.items()}, headers=stranger
        )
        assert answer.status_code == 200, answer.text
        result: dict[str, object] = answer.json()
        return result

    for query in ({}, {"rule": "EARN-01"}, {"rule": "EARN-01", "member_id": 1}, {"standing": "stands"}):
        summed = await theirs("/v1/transactions/totals", **query)
        assert summed["count"] == 1
        page = (await theirs("/v1/transactions", **query))["items"]
        assert isinstance(page, list)
        assert [item["amount"] for item in page] == [7_000_000]
    mine = await get(api, "/v1/transactions/totals", rule="EARN-01")
    assert mine["count"] != 1
    dashboard = await theirs("/v1/dashboard")
    assert [owed["amount"] for owed in _list(dashboard["liability"])] == [100]
    assert dashboard["news"] == []

    async def days(programme: int) -> list[tuple[object, ...]]:
        async with api.runtime.database.reading(programme) as session:
            rows = await session.scalars(select(DailyAnswers))
            return sorted((row.day, row.operation, row.merchant_id, row.count, row.amount) for row in rows)

    first = await days(FIRST_PROGRAMME)
    await clear_projection(api.runtime.database, OTHER, projectors())
    assert (await days(OTHER), await days(FIRST_PROGRAMME)) == ([], first)


async def test_cases_requests_and_faults_of_another_programme_are_not_there(api: RunningApi) -> None:
    history = History(step_ms=DAY_MS)
    sale = history.sale(1, 30_000_000)
    await project(api.runtime.database, history.lines)
    stranger = await _with_another_programme(api, History())
    dispute = await post(api, "/v1/disputes", {"rrn": rrn(sale), "kind": "other", "note": "says so"})
    why = {"reason_code": "mistake", "reason": "keyed in wrongly"}
    asked = await post(api, "/v1/transaction-requests/returns", {"rrn": rrn(sale)} | why)
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        at = utc_now()
        await record(session, [Sighting(FaultKind.JOB_FAILED, "job", "x", at, "run:1", rrn=rrn(sale))])
    for path in ("/v1/disputes", "/v1/transaction-requests", "/v1/faults", f"/v1/faults?rrn={rrn(sale)}"):
        assert len(_list((await get(api, path))["items"])) == 1
        assert (await api.client.get(path, headers=stranger)).json()["items"] == []
    for path in (
        f"/v1/disputes/{dispute['id']}",
        f"/v1/transaction-requests/{asked['id']}",
        f"/v1/transactions/{rrn(sale)}/trace",
        f"/v1/transactions/{rrn(sale)}/receipt",
        "/v1/faults/1",
    ):
        assert (await api.client.get(path, headers=stranger)).status_code == 404, path
    # A trace shows what its reader may see elsewhere.
    clerk = await person(api, "clerk", "transactions:read")
    answer = await api.client.get(f"/v1/transactions/{rrn(sale)}/trace", headers=clerk.headers)
    assert (answer.json()["disputes"], answer.json()["voids_and_returns"]) == ([], [])
    whole = await get(api, f"/v1/transactions/{rrn(sale)}/trace")
    assert (len(_list(whole["disputes"])), len(_list(whole["voids_and_returns"]))) == (1, 1)


def _list(value: object) -> list[dict[str, object]]:
    assert isinstance(value, list)
    return value
