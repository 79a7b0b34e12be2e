"""Disputes: from the first note to a decision that asks for a return or for points by hand."""

import pytest

from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import Person, person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.club_history import History, project, rrn

pytestmark = pytest.mark.anyio


async def _opened(api: RunningApi, position: int, **more: object) -> dict[str, object]:
    body: dict[str, object] = {"rrn": rrn(position), "kind": "wrong_amount", "note": "says it was less"}
    return await post(api, "/v1/disputes", body | more)


async def _change(
    who: Person, dispute_id: object, body: dict[str, object], etag: str, status: int = 200
) -> dict[str, object]:
    answer = await who.api.client.patch(
        f"/v1/disputes/{dispute_id}", json=body, headers=who.headers | {"If-Match": etag}
    )
    assert answer.status_code == status, answer.text
    result: dict[str, object] = answer.json()
    return result


async def _decide(
    who: Person, dispute_id: object, body: dict[str, object], etag: str, status: int = 201
) -> dict[str, object]:
    answer = await who.api.client.post(
        f"/v1/disputes/{dispute_id}/decision", json=body, headers=who.headers | {"If-Match": etag}
    )
    assert answer.status_code == status, answer.text
    result: dict[str, object] = answer.json()
    return result


async def test_a_case_goes_its_way_and_its_decision_asks_for_what_follows(api: RunningApi) -> None:
    member = (await post(api, "/v1/members", {"name": "Sara"}))["id"]
    assert isinstance(member, int)
    history = History()
    sale, other = history.sale(member, 30_000_000), history.sale(member)
    await project(api.runtime.database, history.lines)
    clerk = await person(api, "نگار", "disputes:write", "disputes:read")
    judge = await person(api, "امید", "disputes:approve", "transaction_requests:write", "points:write")

    case = await _opened(api, sale, claim_amount=500_000)
    assert (case["state"], case["member_id"], case["is_overdue"]) == ("open", member, False)
    waiting = await _change(clerk, case["id"], {"state": "waiting", "assignee": "نگار"}, '"1"')
    assert (waiting["state"], waiting["assignee"]) == ("waiting", "نگار")
    stale = await _change(clerk, case["id"], {"assignee": "امید"}, '"1"', 412)
    assert stale["type"] == "urn:vafa:problem:changed-meanwhile"
    await _change(clerk, case["id"], {"state": "decided"}, '"2"', 422)
    noted = await clerk.post(f"/v1/disputes/{case['id']}/notes", {"text": "the shop\nsent its copy"})
    notes = noted["notes"]
    assert isinstance(notes, list)
    assert [(note["author"], note["text"]) for note in notes][1] == ("نگار", "the shop\nsent its copy")

    remedy = {"what": "return", "amount": 500_000, "lines": []}
    verdict: dict[str, object] = {"outcome": "partly", "reason": "the copy\nsays so", "remedy": remedy}
    await _decide(clerk, case["id"], verdict, '"2"', 403)
    half = await person(api, "half", "disputes:approve")
    refused = await _decide(half, case["id"], verdict, '"2"', 403)
    assert refused["type"] == "urn:vafa:problem:not-permitted"
    too_much = verdict | {"remedy": remedy | {"amount": 30_000_001}}
    assert (await _decide(judge, case["id"], too_much, '"2"', 409))["status"] == 409
    assert (await get(api, f"/v1/disputes/{case['id']}"))["state"] == "waiting"
    decided = await _decide(judge, case["id"], verdict, '"2"')
    assert (decided["state"], decided["outcome"], decided["decided_by"]) == ("decided", "partly", "امید")
    asked = await get(api, f"/v1/transaction-requests/{decided['transaction_request_id']}")
    assert (asked["reason_code"], asked["amount"], asked["reason"]) == (
        "dispute",
        500_000,
        "the copy says so",
    )
    again = await _decide(judge, case["id"], verdict, '"3"', 409)
    assert again["type"] == "urn:vafa:problem:dispute-decided"

    points = await _opened(api, other, kind="points_missing")
    given = {"what": "adjustment", "amount": 40}
    acted = await _decide(
        judge, points["id"], {"outcome": "accepted", "reason": "forgotten", "remedy": given}, '"1"'
    )
    act = await get(api, f"/v1/points/acts/{acted['points_act_id']}")
    assert (act["member_id"], act["amount"], act["state"], act["kind"]) == (member, 40, "asked", "credit")
    trace = await get(api, f"/v1/transactions/{rrn(sale)}/trace")
    disputes = trace["disputes"]
    assert isinstance(disputes, list)
    assert [dispute["id"] for dispute in disputes] == [case["id"]]

    async def is_told() -> bool:
        found = items_of(await get(api, "/v1/events", type="dispute.decided"))
        return [event["subject"] for event in found] == [
            {"kind": "dispute", "id": str(dispute["id"])} for dispute in (case, points)
        ]

    await eventually(is_told)


async def test_cases_are_found_by_state_member_and_deadline(api: RunningApi) -> None:
    history = History()
    first, second = history.sale(1), history.sale(2)
    history.declined(None, "14")
    await project(api.runtime.database, history.lines)
    late = await _opened(api, first, deadline_at="2026-01-01T00:00:00Z", assignee="نگار")
    other = await _opened(api, second, kind="other")
    nobody = await _opened(api, 3, kind="not_mine")

    async def found(**query: object) -> list[object]:
        return [item["id"] for item in items_of(await get(api, "/v1/disputes", **query))]

    assert await found() == [nobody["id"], other["id"], late["id"]]
    assert await found(sort="deadline_at", limit=1) == [late["id"]]
    assert await found(member_id=2) == [other["id"]]
    assert await found(assignee="نگار", state="open") == [late["id"]]
    assert await found(deadline_before="2026-01-02T00:00:00Z") == [late["id"]]
    assert late["is_overdue"] is True
    dashboard = await get(api, "/v1/dashboard")
    waiting = dashboard["waiting"]
    assert isinstance(waiting, dict)
    assert (waiting["disputes"], waiting["overdue_disputes"]) == (3, 1)
    missing = await api.client.post(
        "/v1/disputes", json={"rrn": rrn(999), "kind": "other", "note": "says so"}
    )
    assert missing.status_code == 404
    judge = await person(api, "judge", "disputes:*", "points:*")
    verdict: dict[str, object] = {
        "outcome": "accepted",
        "reason": "so be it",
        "remedy": {"what": "adjustment", "amount": 5},
    }
    answer = await _decide(judge, nobody["id"], verdict, '"1"', 409)
    assert answer["type"] == "urn:vafa:problem:dispute-no-member"
