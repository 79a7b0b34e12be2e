"""Merging and splitting members: two persons, conflicts, lost replies, killed workers, and a real switch."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from host_api.core.feed_projection import apply_batch
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.catalogue import outcome_handlers, projectors
from host_api.services.member_merging import logic
from host_api.services.members.succession import survivor_of
from host_api.services.transactions.models import Lot
from protocol.feed import FEED_EVENT
from tests.amounts import many
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.core.ledger_bench import LedgerBench
from tests.host_api.eventually import eventually
from tests.host_api.feed_peer import lot, transaction
from tests.host_api.people import problem
from tests.host_api.points_bench import Person, person, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.switch_peer import SwitchPeer
from tests.switch.conftest import FEED_TOKEN, SwitchProcess

pytestmark = pytest.mark.anyio

ACTS = "/v1/member-merging/acts"


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


async def _members(api: RunningApi, *names: str) -> list[int]:
    return [int(str((await post(api, "/v1/members", {"name": name}))["id"])) for name in names]


async def _card(api: RunningApi, member: int) -> int:
    return int(str((await post(api, "/v1/cards", {"member_id": member}))["id"]))


def _merge(from_member: int, to_member: int, **more: object) -> dict[str, object]:
    return {
        "from_member_id": from_member,
        "to_member_id": to_member,
        "reason_code": "duplicate",
        "reason": "registered twice",
        **more,
    }


async def _ask(asker: Person, body: dict[str, object], kind: str = "merges") -> str:
    return str((await asker.post(f"/v1/member-merging/{kind}", body))["id"])


async def _until(api: RunningApi, act: str, *states: str) -> dict[str, object]:
    async def is_there() -> bool:
        return (await get(api, f"{ACTS}/{act}"))["state"] in states

    await eventually(is_there)
    return await get(api, f"{ACTS}/{act}")


async def _two(api: RunningApi) -> tuple[Person, Person]:
    return (
        await person(api, "asker", "member_merging:read", "member_merging:write"),
        await person(api, "approver", "member_merging:approve", "member_merging:read"),
    )


async def test_two_persons_decide_and_conflicts_are_listed(api: RunningApi) -> None:
    asker, approver = await _two(api)
    first, second, third = await _members(api, "Sara", "Sarah", "Sara")
    act = await _ask(asker, _merge(first, second))
    own = await api.client.post(f"{ACTS}/{act}/cancellation")
    assert problem(own) == (403, "act-of-another")
    assert (await approver.post(f"{ACTS}/{act}/rejection"))["state"] == "rejected"
    assert problem(await api.client.post(f"{ACTS}/{act}/approval", headers=approver.headers)) == (
        409,
        "already-decided",
    )
    both = await person(api, "both", "member_merging:*")
    act = await _ask(both, _merge(first, second))
    assert (await both.post(f"{ACTS}/{act}/approval", None, 403))["status"] == 403
    await post(api, "/v1/block-list", {"member_id": second, "reason_code": "other", "reason": "for a test"})
    await post(api, "/v1/points/adjustments", _adjustment(first, 10))
    lines = [transaction(1, member=first, lots=[lot(f"member:{first}", -5, expires_at_s=0)])]
    events = [FEED_EVENT.validate_python(line) for line in lines]
    await apply_batch(api.runtime.database, FIRST_PROGRAMME, projectors(), 0, events)
    refused = await approver.post(f"{ACTS}/{act}/approval", None, 409)
    errors = refused["errors"]
    assert isinstance(errors, list)
    assert [error["code"] for error in errors] == ["to_not_active", "units_owed"]
    shown = await get(api, "/v1/member-merging/preview", from_member_id=first, to_member_id=second)
    assert (shown["together"], shown["differences"]) == ({"points": -5}, ["name"])
    same = await api.client.post("/v1/member-merging/merges", json=_merge(third, third))
    assert same.status_code == 422
    empty = await api.client.post("/v1/member-merging/splits", json=_merge(third, first))
    assert problem(empty) == (409, "member-split-empty")
    foreign = _merge(third, first, card_ids=[await _card(api, first)])
    assert problem(await api.client.post("/v1/member-merging/splits", json=foreign)) == (
        409,
        "member-records-in-conflict",
    )


def _adjustment(member: int, amount: int, purse: int = 91) -> dict[str, object]:
    return {
        "direction": "credit",
        "member_id": member,
        "purse": purse,
        "amount": amount,
        "reason_code": "correction",
        "reason": "for a test",
    }


async def test_killed_processes_and_lost_replies_move_everything_once(
    api: RunningApi, tmp_path: Path, peer: SwitchPeer
) -> None:
    """The API has no links of its own here: processes that have are killed one after the other."""
    asker, approver = await _two(api)
    from_member, to_member = await _members(api, "Sara", "Sara")
    card = await _card(api, from_member)
    peer.balances = {from_member: 100, to_member: 7}
    act = await _ask(asker, _merge(from_member, to_member))
    answers = await asyncio.gather(
        *(api.client.post(f"{ACTS}/{act}/approval", headers=approver.headers) for _ in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    crossing = await api.client.post("/v1/member-merging/merges", json=_merge(to_member, from_member))
    assert problem(crossing) == (409, "member-records-in-conflict")
    bench = LedgerBench(api.runtime.database, tmp_path, peer.endpoint, api.runtime.vault.cipher)
    bench.handlers = outcome_handlers()
    peer.fate = lambda count: ("lose", "serve", "cut")[count % 3]
    for _ in range(many(16)):
        seen = len(peer.received)
        async with bench.running(bench.life()):  # killed as soon as the switch has had one more message
            await peer.wait_for(lambda seen=seen: len(peer.received) > seen)  # type: ignore[misc]
        if (await get(api, f"{ACTS}/{act}"))["state"] != "moving":
            break
    async with bench.running(bench.life()):
        done = await _until(api, act, "done", "failed")
        await eventually(lambda: _is_card_of(peer, to_member))
    assert (done["state"], done["card_ids"]) == ("done", [card])
    assert peer.balances == {from_member: 0, to_member: 107}
    assert [posted.moves[to_member] for posted in peer.standing] == [1, 99]  # the first answer told the rest
    merged = await get(api, f"/v1/members/{from_member}")
    assert (merged["status"], merged["merged_into"]) == ("blocked", to_member)
    assert (await get(api, f"/v1/cards/{card}"))["member_id"] == to_member

    async def is_told_once() -> bool:
        events = items_of(await get(api, "/v1/events", subject_id=from_member))
        return [event["type"] for event in events].count("member.merged") == 1

    await eventually(is_told_once)
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        assert await survivor_of(session, from_member) == to_member
        assert await logic.records_of(session, to_member) == [to_member, from_member]


def _is_card_of(peer: SwitchPeer, member: int) -> bool:
    records = [entry.tags for entry in peer.records() if "DF05" not in entry.tags]
    return bool(records) and int(records[-1]["DF20"]) == member


@pytest.fixture
async def linked(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    """The API with links to the peer."""
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running


async def test_what_fails_is_resumed_and_what_comes_later_follows(
    linked: RunningApi, peer: SwitchPeer
) -> None:
    asker, approver = await _two(linked)
    from_member, to_member = await _members(linked, "Sara", "Sara")
    peer.balances = {from_member: 100, to_member: 7}
    # The rules let nobody give the purse away, and nothing can be given for the time being.
    codes = {"40": "57", "22": "61"}
    peer.refuse = lambda message: codes.get(message.text(3)[:2]) if message.mti == "0200" else None
    act = await _ask(asker, _merge(from_member, to_member))
    await approver.post(f"{ACTS}/{act}/approval")
    failed = await _until(linked, act, "done", "failed")
    assert (failed["state"], peer.balances) == ("failed", {from_member: 0, to_member: 7})
    assert (await get(linked, f"/v1/members/{from_member}"))["merged_into"] is None
    peer.refuse = lambda message: None
    await approver.post(f"{ACTS}/{act}/resumption")
    assert (await _until(linked, act, "done", "failed"))["state"] == "done"
    assert peer.balances == {from_member: 0, to_member: 107}
    assert problem(await linked.client.post(f"{ACTS}/{act}/resumption", headers=approver.headers)) == (
        409,
        "member-record-act-not-failed",
    )
    # A void gives the old record something back.
    line = transaction(1, member=from_member, lots=[lot(f"member:{from_member}", 30)])
    events = [FEED_EVENT.validate_python(line)]
    await apply_batch(linked.runtime.database, FIRST_PROGRAMME, projectors(), 0, events)
    peer.balances[from_member] = 30
    await post(linked, "/v1/jobs/sweep-merged-members/runs", {}, 202)
    await peer.wait_for(lambda: peer.balances == {from_member: 0, to_member: 137})
    assert (await _until(linked, act, "done", "failed"))["state"] == "done"
    assert (await get(linked, f"/v1/members/{from_member}"))["status"] == "blocked"


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[SwitchProcess]:
    found = SwitchProcess(tmp_path / "switch")
    try:
        yield found.start()
    finally:
        if found.process is not None and found.process.poll() is None:
            found.kill()


async def _given(api: RunningApi, approver: Person, member: int, amount: int, purse: int) -> None:
    act = await post(api, "/v1/points/adjustments", _adjustment(member, amount, purse))
    assert (await approver.post(f"/v1/points/acts/{act['id']}/approval?wait_s=10", {}))["state"] == "done"


async def _sums(api: RunningApi) -> dict[str, int]:
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        rows = await session.execute(
            select(Lot.purse, func.sum(Lot.amount))
            .where(Lot.account.startswith("member:"))
            .group_by(Lot.purse)
        )
        return {purse: int(amount) for purse, amount in rows}


async def test_a_real_switch_has_the_same_sums_after_a_merge_and_its_taking_back(
    settings: Settings, tmp_path: Path, switch: SwitchProcess
) -> None:
    runtime = runtime_with(
        settings, tmp_path, switch=switch.terminals, operations_url=switch.operations, token=FEED_TOKEN
    )
    async with running_api(runtime) as api:
        approver = await person(api, "approver", "points:approve", "member_merging:approve")
        first, second = await _members(api, "Sara", "Sara")
        card = await _card(api, first)
        await post(api, "/v1/households", {"head_id": first})
        for member, amount, purse in ((first, 500, 91), (first, 300, 92), (second, 20, 91)):
            await _given(api, approver, member, amount, purse)
        before = {"points": 520, "credit": 300}

        async def are_sums_as_before() -> bool:
            return await _sums(api) == before

        await eventually(are_sums_as_before)
        merge = str((await post(api, "/v1/member-merging/merges", _merge(first, second)))["id"])
        await approver.post(f"{ACTS}/{merge}/approval")
        done = await _until(api, merge, "done", "failed")
        moves = done["moves"]
        assert isinstance(moves, list)
        assert done["state"] == "done", moves
        # Credit can't be given away by these rules: it is taken here and given there.
        assert [(move["kind"], move["purse"], move["amount"], move["response_code"]) for move in moves] == [
            ("transfer", 91, 500, "00"),
            ("transfer", 92, 300, "57"),
            ("debit", 92, 300, "00"),
            ("credit", 92, 300, "00"),
        ]

        async def is_there() -> bool:
            found = await get(api, f"/v1/members/{second}/balances")
            return (found["points"], found["credit"]) == (520, 300)

        await eventually(is_there)
        assert await _sums(api) == before
        household = items_of(await get(api, "/v1/households", member_id=second))
        assert [entry["members"][0]["relation"] for entry in household] == ["head"]  # type: ignore[index]
        back = _merge(second, first, card_ids=[card], units=[{"purse": 91, "amount": 450}])
        split = await post(api, "/v1/member-merging/splits", back)
        assert split["takes_back"] == int(merge)
        await approver.post(f"{ACTS}/{split['id']}/approval")
        assert (await _until(api, str(split["id"]), "done", "failed"))["state"] == "done"
        assert (await get(api, f"{ACTS}/{merge}"))["state"] == "taken_back"
        again = await get(api, f"/v1/members/{first}")
        assert (again["status"], again["merged_into"]) == ("active", None)
        assert (await get(api, f"/v1/cards/{card}"))["member_id"] == first

        async def is_back() -> bool:
            found = [(await get(api, f"/v1/members/{one}/balances"))["points"] for one in (first, second)]
            return found == [450, 70]

        await eventually(is_back)
        assert await _sums(api) == before
        report = await post(api, "/v1/reconciliations", None)
        assert report["is_balanced"] is True, report
    await asyncio.to_thread(switch.stop)
