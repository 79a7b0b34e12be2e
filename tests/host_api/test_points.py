"""Points administration: two persons, limits, and what the switch makes of an act (EARN-15)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from host_api.core.audit import AuditEntry
from host_api.core.clock import utc_now
from host_api.core.feed_projection import apply_batch
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.programmes import FIRST_PROGRAMME, Programme
from host_api.core.settings import Settings
from host_api.services.catalogue import projectors
from protocol.feed import FEED_EVENT
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.feed_peer import transaction
from tests.host_api.points_bench import Person, new_key, person, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running


@pytest.fixture
async def asker(api: RunningApi) -> Person:
    return await person(api, "نگار", "points:read", "points:write")


@pytest.fixture
async def approver(api: RunningApi) -> Person:
    return await person(api, "امید", "points:read", "points:approve")


@pytest.fixture
async def member(api: RunningApi) -> int:
    created = await post(api, "/v1/members", {"name": "Sara"})
    assert isinstance(created["id"], int)
    return created["id"]


async def test_an_adjustment_moves_points_once_a_second_person_approves(
    peer: SwitchPeer, asker: Person, approver: Person, member: int
) -> None:
    act = await asker.ask_credit(member, 500)
    assert (act["state"], act["asked_by"], act["decided_by"]) == ("asked", "نگار", None)
    assert peer.posted == {}
    done = await approver.approve(act)
    assert (done["state"], done["response_code"], done["balances_after"]) == ("done", "00", {"91": 500})
    assert (done["asked_by"], done["decided_by"]) == ("نگار", "امید")
    (posted,) = peer.standing
    assert done["rrn"] == posted.rrn
    assert posted.message.tag_text(48, "DF16") == "complaint: امتیاز ثبت نشده"
    taken = await asker.ask_credit(member, 200, direction="debit")
    assert (await approver.approve(taken))["balances_after"] == {"91": 300}
    too_much = await asker.ask_credit(member, 301, direction="debit")
    failed = await approver.approve(too_much)
    assert (failed["state"], failed["response_code"]) == ("failed", "51")
    assert peer.balances == {member: 300}


async def test_a_transfer_and_its_limits(
    api: RunningApi, peer: SwitchPeer, asker: Person, approver: Person, member: int
) -> None:
    other = (await post(api, "/v1/members", {"name": "Reza"}))["id"]
    await approver.approve(await asker.ask_credit(member, 100))
    wanted: dict[str, object] = {
        "from_member_id": member,
        "to_member_id": other,
        "amount": 40,
        "reason_code": "request",
        "reason": "asked at the counter",
    }
    act = await asker.post("/v1/points/transfers", wanted)
    assert (await approver.approve(act))["state"] == "done"
    assert peer.balances == {member: 60, other: 40}
    same = await asker.post("/v1/points/transfers", wanted | {"to_member_id": member}, 409)
    assert same["type"] == "urn:vafa:problem:points-same-member"
    above = await asker.post("/v1/points/transfers", wanted | {"amount": 1_000_001}, 409)
    assert above["type"] == "urn:vafa:problem:points-amount-above-limit"
    assert (await asker.post("/v1/points/transfers", wanted | {"to_member_id": 999}, 404))["status"] == 404
    for wrong in ({"amount": 0}, {"purse": 59}, {"reason": " a "}, {"reason_code": "why"}, {"more": 1}):
        await asker.post("/v1/points/transfers", wanted | wrong, 422)


async def test_a_release_names_an_approved_transaction(
    api: RunningApi, peer: SwitchPeer, asker: Person, approver: Person, member: int
) -> None:
    lines = [
        transaction(17, member=member),
        transaction(18, member=None),
        transaction(19, response_code="51"),
    ]
    events = [FEED_EVENT.validate_python(line) for line in lines]
    await apply_batch(api.runtime.database, FIRST_PROGRAMME, projectors(), 0, events)
    wanted = {"rrn": "000000000017", "reason_code": "campaign", "reason": "goal reached"}
    act = await asker.post("/v1/points/releases", wanted)
    assert (act["kind"], act["member_id"], act["amount"]) == ("release", member, 0)
    assert (await approver.approve(act))["state"] == "done"
    (posted,) = peer.standing
    assert (posted.message.text(3), posted.message.tag_text(48, "DF0E")) == ("930000", "000000000017")
    for rrn, status in (("000000000018", 409), ("000000000019", 409), ("000000000020", 404)):
        await asker.post("/v1/points/releases", wanted | {"rrn": rrn}, status)


async def test_nobody_decides_their_own_act_and_nobody_twice(
    api: RunningApi, peer: SwitchPeer, asker: Person, approver: Person, member: int
) -> None:
    both = await person(api, "both", "points:*")
    own = await both.ask_credit(member, 5)
    for decision in ("approval", "rejection"):
        refused = await both.post(f"/v1/points/acts/{own['id']}/{decision}", {}, 403)
        assert refused["type"] == "urn:vafa:problem:points-own-act"
    assert (await asker.post(f"/v1/points/acts/{own['id']}/cancellation", None, 403))["status"] == 403
    rejected = await approver.post(f"/v1/points/acts/{own['id']}/rejection", {"note": "no papers"})
    assert (rejected["state"], rejected["note"]) == ("rejected", "no papers")
    again = await approver.post(f"/v1/points/acts/{own['id']}/approval", {}, 409)
    assert again["type"] == "urn:vafa:problem:points-act-decided"
    mine = await asker.ask_credit(member, 5)
    cancelled = await asker.post(f"/v1/points/acts/{mine['id']}/cancellation")
    assert cancelled["state"] == "cancelled"
    await approver.post(f"/v1/points/acts/{mine['id']}/approval", {}, 409)
    # Whoever may only ask can't decide, and the other way round.
    await asker.post(f"/v1/points/acts/{mine['id']}/approval", {}, 403)
    await approver.post("/v1/points/adjustments", {}, 403)
    await approver.post("/v1/points/acts/999/approval", {}, 404)
    assert peer.posted == {}


async def test_two_who_approve_at_once_move_points_once(
    api: RunningApi, peer: SwitchPeer, asker: Person, approver: Person, member: int
) -> None:
    act = await asker.ask_credit(member, 5)
    others = [approver, await person(api, "third", "points:approve"), await person(api, "fourth", "*")]
    path = f"/v1/points/acts/{act['id']}/approval"
    answers = await asyncio.gather(*(api.client.post(path, json={}, headers=each.headers) for each in others))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert peer.balances == {member: 5}


async def test_a_switch_that_does_not_answer_leaves_the_act_pending_and_goes_on_later(
    api: RunningApi, peer: SwitchPeer, asker: Person, approver: Person, member: int
) -> None:
    peer.sign_on_code = "91"
    await peer.stop()
    _, port = api.runtime.settings.switch_endpoint or ("", 0)
    act = await asker.ask_credit(member, 500)
    headers = approver.headers | {"Idempotency-Key": "approval-1"}
    path = f"/v1/points/acts/{act['id']}/approval?wait_s=0"
    pending = await api.client.post(path, json={}, headers=headers)
    assert (pending.status_code, pending.json()["state"]) == (202, "sent")
    assert pending.headers["location"] == f"/v1/points/acts/{act['id']}"
    peer.sign_on_code = "00"
    await peer.start(port)

    async def is_done() -> bool:
        return (await get(api, f"/v1/points/acts/{act['id']}"))["state"] == "done"

    await eventually(is_done, 60)
    again = await api.client.post(path, json={}, headers=headers)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (202, "true")
    assert peer.balances == {member: 500}
    status = await get(api, "/v1/status")
    assert status["ledger"] == {
        "waiting": 0,
        "sent": 0,
        "reversing": 0,
        "doubtful": 0,
        "oldest_open_ms": None,
        "open_links": api.runtime.host_links.open_links,
        "last_error": None,
    }


async def test_a_repeated_approval_under_one_key_is_one_approval(
    api: RunningApi, peer: SwitchPeer, asker: Person, approver: Person, member: int
) -> None:
    act = await asker.ask_credit(member, 7)
    headers = approver.headers | {"Idempotency-Key": "approval-2"}
    path = f"/v1/points/acts/{act['id']}/approval?wait_s=10"
    answers = await asyncio.gather(*(api.client.post(path, json={}, headers=headers) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {201, 202}
    assert peer.balances == {member: 7}


async def test_acts_are_listed_and_audited(
    api: RunningApi, asker: Person, approver: Person, member: int
) -> None:
    first, second = [await asker.ask_credit(member, amount) for amount in (1, 2)]
    await approver.approve(first)
    listed = items_of(await get(api, "/v1/points/acts", state="asked"))
    assert [act["id"] for act in listed] == [second["id"]]
    assert [act["id"] for act in items_of(await get(api, "/v1/points/acts"))] == [second["id"], first["id"]]
    assert items_of(await get(api, "/v1/points/acts", member_id=member, kind="debit")) == []
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        entries = list(await session.scalars(select(AuditEntry).order_by(AuditEntry.id)))
        requests = list(await session.scalars(select(LedgerRequest)))
    told = [(entry.action, entry.caller_name) for entry in entries if entry.table_name == "points_acts"]
    assert told[:4] == [("create", "نگار"), ("create", "نگار"), ("update", "امید"), ("update", "امید")]
    assert told[4:] == [("update", "ledger")]
    assert [(request.asked_by_name, request.reason) for request in requests] == [
        ("امید", "امتیاز ثبت نشده بود")
    ]


async def test_another_programme_sees_nothing(api: RunningApi, asker: Person, member: int) -> None:
    act = await asker.ask_credit(member, 1)
    async with api.runtime.database.writing() as session:
        session.add(
            Programme(id=2, code="two", name="two", mode="live", status="active", created_at=utc_now())
        )
    stranger = Person(api, await new_key(api, "stranger", "*", programme=2))
    await stranger.post(f"/v1/points/acts/{act['id']}/approval", {}, 404)
    assert (await api.client.get("/v1/points/acts", headers=stranger.headers)).json()["items"] == []
