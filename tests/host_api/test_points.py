"""Points administration: two persons, limits, and what the switch makes of an act (EARN-15)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from host_api.client import problems
from host_api.client.models.members import MemberCreate
from host_api.client.models.points import Decision, ReleaseCreate, TransferCreate
from host_api.core.audit import AuditEntry
from host_api.core.clock import utc_now
from host_api.core.feed_projection import apply_batch
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.programmes import FIRST_PROGRAMME, Programme
from host_api.core.settings import Settings
from host_api.core.switches.addresses import endpoint_of
from host_api.services.catalogue import projectors
from protocol.feed import FEED_EVENT
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
    return (await api.calls.members.create_member(MemberCreate(name="Sara"))).id


async def test_an_adjustment_moves_points_once_a_second_person_approves(
    peer: SwitchPeer, asker: Person, approver: Person, member: int
) -> None:
    act = await asker.ask_credit(member, 500)
    assert (act.state, act.asked_by, act.decided_by) == ("asked", "نگار", None)
    assert peer.posted == {}
    done = await approver.approve(act)
    assert (done.state, done.response_code, done.balances_after) == ("done", "00", {"91": 500})
    assert (done.asked_by, done.decided_by) == ("نگار", "امید")
    (posted,) = peer.standing
    assert done.rrn == posted.rrn
    assert posted.message.tag_text(48, "DF16") == "complaint: امتیاز ثبت نشده"
    taken = await asker.ask_credit(member, 200, direction="debit")
    assert (await approver.approve(taken)).balances_after == {"91": 300}
    too_much = await asker.ask_credit(member, 301, direction="debit")
    failed = await approver.approve(too_much)
    assert (failed.state, failed.response_code) == ("failed", "51")
    assert peer.balances == {member: 300}


async def test_a_transfer_and_its_limits(
    api: RunningApi, peer: SwitchPeer, asker: Person, approver: Person, member: int
) -> None:
    other = (await api.calls.members.create_member(MemberCreate(name="Reza"))).id
    await approver.approve(await asker.ask_credit(member, 100))
    wanted = TransferCreate(
        from_member_id=member,
        to_member_id=other,
        amount=40,
        reason_code="request",
        reason="asked at the counter",
    )
    act = await asker.points.ask_transfer(wanted)
    assert (await approver.approve(act)).state == "done"
    assert peer.balances == {member: 60, other: 40}
    for change, kind in (
        ({"to_member_id": member}, problems.PointsSameMember),
        ({"amount": 1_000_001}, problems.PointsAmountAboveLimit),
        ({"to_member_id": 999}, problems.MemberNotFound),
        ({"amount": 0}, problems.ValidationFailed),
        ({"purse": 59}, problems.ValidationFailed),
        ({"reason": " a "}, problems.ValidationFailed),
        ({"reason_code": "why"}, problems.ValidationFailed),
    ):
        with pytest.raises(kind):
            await asker.points.ask_transfer(wanted.model_copy(update=change))


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
    wanted = ReleaseCreate(rrn="000000000017", reason_code="campaign", reason="goal reached")
    act = await asker.points.ask_release(wanted)
    assert (act.kind, act.member_id, act.amount) == ("release", member, 0)
    assert (await approver.approve(act)).state == "done"
    (posted,) = peer.standing
    assert (posted.message.text(3), posted.message.tag_text(48, "DF0E")) == ("930000", "000000000017")
    for rrn, kind in (
        ("000000000018", problems.PointsNothingToRelease),
        ("000000000019", problems.PointsNothingToRelease),
        ("000000000020", problems.TransactionNotFound),
    ):
        with pytest.raises(kind):
            await asker.points.ask_release(wanted.model_copy(update={"rrn": rrn}))


async def test_nobody_decides_their_own_act_and_nobody_twice(
    api: RunningApi, peer: SwitchPeer, asker: Person, approver: Person, member: int
) -> None:
    both = await person(api, "both", "points:*")
    own = await both.ask_credit(member, 5)
    for decide in (both.points.approve_act, both.points.reject_act):
        with pytest.raises(problems.SecondPersonNeeded):
            await decide(own.id, Decision())
    with pytest.raises(problems.ActOfAnother):
        await asker.points.cancel_act(own.id)
    rejected = await approver.points.reject_act(own.id, Decision(note="no papers"))
    assert (rejected.state, rejected.note) == ("rejected", "no papers")
    with pytest.raises(problems.AlreadyDecided):
        await approver.approve(own)
    mine = await asker.ask_credit(member, 5)
    assert (await asker.points.cancel_act(mine.id)).state == "cancelled"
    with pytest.raises(problems.AlreadyDecided):
        await approver.approve(mine)
    # Whoever may only ask can't decide, and the other way round.
    with pytest.raises(problems.NotPermitted):
        await asker.approve(mine)
    with pytest.raises(problems.NotPermitted):
        await approver.ask_credit(member, 5)
    with pytest.raises(problems.PointsActNotFound):
        await approver.points.approve_act(999, Decision())
    assert peer.posted == {}


async def test_two_who_approve_at_once_move_points_once(
    api: RunningApi, peer: SwitchPeer, asker: Person, approver: Person, member: int
) -> None:
    act = await asker.ask_credit(member, 5)
    others = [approver, await person(api, "third", "points:approve"), await person(api, "fourth", "*")]
    path = f"/v1/points/acts/{act.id}/approval"
    answers = await asyncio.gather(*(api.client.post(path, json={}, headers=each.headers) for each in others))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert peer.balances == {member: 5}


async def test_a_switch_that_does_not_answer_leaves_the_act_pending_and_goes_on_later(
    api: RunningApi, peer: SwitchPeer, asker: Person, approver: Person, member: int
) -> None:
    peer.sign_on_code = "91"
    await peer.stop()
    _, port = endpoint_of(api.runtime.settings.switch_address or "")
    act = await asker.ask_credit(member, 500)
    headers = approver.headers | {"Idempotency-Key": "approval-1"}
    path = f"/v1/points/acts/{act.id}/approval?wait_s=0"
    pending = await api.client.post(path, json={}, headers=headers)
    assert (pending.status_code, pending.json()["state"]) == (202, "sent")
    assert pending.headers["location"] == f"/v1/points/acts/{act.id}"
    peer.sign_on_code = "00"
    await peer.start(port)

    async def is_done() -> bool:
        return (await approver.points.read_act(act.id)).state == "done"

    await eventually(is_done)
    again = await api.client.post(path, json={}, headers=headers)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (202, "true")
    assert peer.balances == {member: 500}
    ledger = (await api.calls.status.read_status()).ledger
    assert (ledger.waiting, ledger.sent, ledger.reversing, ledger.doubtful) == (0, 0, 0, 0)
    assert (ledger.oldest_open_ms, ledger.last_error) == (None, None)
    assert ledger.open_links == api.runtime.switches.of(FIRST_PROGRAMME).links.open_links


async def test_a_repeated_approval_under_one_key_is_one_approval(
    api: RunningApi, peer: SwitchPeer, asker: Person, approver: Person, member: int
) -> None:
    act = await asker.ask_credit(member, 7)
    headers = approver.headers | {"Idempotency-Key": "approval-2"}
    path = f"/v1/points/acts/{act.id}/approval?wait_s=10"
    answers = await asyncio.gather(*(api.client.post(path, json={}, headers=headers) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {201, 202}
    assert peer.balances == {member: 7}


async def test_acts_are_listed_and_audited(
    api: RunningApi, asker: Person, approver: Person, member: int
) -> None:
    first, second = [await asker.ask_credit(member, amount) for amount in (1, 2)]
    await approver.approve(first)
    acts = api.calls.points.list_acts
    assert [act.id async for act in acts(state="asked")] == [second.id]
    assert [act.id async for act in acts(limit=1)] == [second.id, first.id]
    assert (await acts(member_id=member, kind="debit")).items == []
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
    with pytest.raises(problems.PointsActNotFound):
        await stranger.approve(act)
    assert (await stranger.points.list_acts()).items == []
