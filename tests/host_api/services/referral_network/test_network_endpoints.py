"""The network as apps and administrators use it: codes, refusals, two persons, what is seen, what is kept."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.outbox import OutboxRow
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.members.models import Member
from host_api.services.referral_network import branches, jobs, merging
from host_api.services.referral_network.codes import ALPHABET, CODE_LETTERS, new_code, read_code
from host_api.services.referral_network.models import NetworkPlace
from host_api.services.referral_network.personal_data import PERSONAL_DATA
from tests.amounts import many
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import problem
from tests.host_api.points_bench import person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.referral_network.network_bench import Club

pytestmark = pytest.mark.anyio

NETWORK = "/v1/referral-network"
POLICY = {
    "depth": 2,
    "levels": [{"introducer": {"rate": 1000}, "introduced": {"rate": 500}}, {"introducer": {"fixed": 3}}],
    "code_points": {"introducer": 50, "introduced": 20},
    "branches_max": 2,
    "branch_days": 10,
}


@settings(max_examples=many(200))
@given(st.integers(0, len(ALPHABET) ** (CODE_LETTERS - 1) - 1), st.data())
def test_a_wrong_letter_or_two_exchanged_make_no_code(number: int, data: st.DataObject) -> None:
    letters = [
        ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(CODE_LETTERS - 1)
    ]
    source = iter(letters)
    code = new_code(lambda _: next(source))
    assert read_code(f" {code[:4].lower()}-{code[4:]} ") == code
    assert not set("01OIL") & set(code)
    place = data.draw(st.integers(0, CODE_LETTERS - 1))
    other = data.draw(st.sampled_from(ALPHABET.replace(code[place], "")))
    assert read_code(code[:place] + other + code[place + 1 :]) is None
    first = data.draw(st.integers(0, CODE_LETTERS - 2))
    second = data.draw(st.integers(first + 1, CODE_LETTERS - 1))
    exchanged = list(code)
    exchanged[first], exchanged[second] = exchanged[second], exchanged[first]
    assert read_code("".join(exchanged)) == (code if code[first] == code[second] else None)


@settings(max_examples=many(100))
@given(st.text(max_size=24))
def test_any_text_is_a_code_or_none(text: str) -> None:
    assert read_code(text) is None or read_code(read_code(text) or "") == read_code(text)


async def _members(api: RunningApi, count: int) -> list[int]:
    return [int(str((await post(api, "/v1/members", {"name": f"m{n}"}))["id"])) for n in range(count)]


async def _policy(api: RunningApi, **changes: object) -> None:
    approver = await person(api, "approver", "referral_network:approve")
    asked = await post(api, f"{NETWORK}/policies", POLICY | changes)
    own = await api.client.post(f"{NETWORK}/policies/{asked['id']}/approval", json={})
    assert problem(own) == (403, "second-person-needed")
    assert (await approver.post(f"{NETWORK}/policies/{asked['id']}/approval", {}))["state"] == "approved"


async def _code(api: RunningApi, member: int) -> str:
    return str((await post(api, f"{NETWORK}/members/{member}/code", None))["code"])


async def _register(api: RunningApi, member: int, code: str) -> tuple[int, str]:
    answer = await api.client.post(f"{NETWORK}/registrations", json={"member_id": member, "code": code})
    return (201, "") if answer.status_code == 201 else problem(answer)


async def test_codes_are_registered_once_and_in_time(api: RunningApi) -> None:
    first, second, third, fourth, old = await _members(api, 5)
    code = await _code(api, first)
    assert await _code(api, first) == code
    assert await _register(api, second, code) == (409, "referral-network-closed")
    await _policy(api)
    assert await _register(api, second, "2222-2223") == (404, "referrer-code-unknown")
    assert await _register(api, first, code) == (409, "referral-own-branch")
    assert await _register(api, second, code.lower()) == (201, "")
    assert await _register(api, second, code) == (409, "referrer-code-registered-before")
    assert await _register(api, first, await _code(api, second)) == (409, "referral-own-branch")
    assert await _register(api, third, code) == (201, "")
    assert await _register(api, fourth, code) == (409, "referral-branches-full")
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        member = await session.get_one(Member, (FIRST_PROGRAMME, old))
        member.created_at = utc_now() - timedelta(days=31)
    assert await _register(api, old, await _code(api, second)) == (409, "referral-registration-too-late")
    await post(api, f"/v1/members/{third}/block", {"reason": "r"})
    assert await _register(api, fourth, await _code(api, second)) == (201, "")
    seen = await get(api, f"{NETWORK}/members/{first}")
    assert seen["downline"] == [{"level": 1, "members": 2}, {"level": 2, "members": 1}]
    assert (seen["paid_units"], seen["waiting_units"]) == (0, 100)
    assert (await get(api, f"{NETWORK}/members/{fourth}"))["place"]["upline"] == [second, first]  # type: ignore[index]
    below = items_of(await get(api, f"{NETWORK}/members/{first}/branches"))
    assert [(place["member_id"], place["branches"]) for place in below] == [(second, 1), (third, 0)]
    lines = items_of(await get(api, f"{NETWORK}/members/{second}/incomes"))
    assert [(line["kind"], line["units"]) for line in lines] == [("code", 50), ("code", 20)]
    record = await get(api, f"/v1/members/{fourth}")
    assert record["introducer"] == second
    assert record["introduced_until"] is not None
    blocked = await api.client.post(f"{NETWORK}/members/{third}/code")
    assert problem(blocked) == (409, "referral-member-not-in-network")
    nobody = await api.client.get(f"{NETWORK}/members/99999")
    assert problem(nobody) == (404, "member-not-found")
    refused = await api.client.patch(
        f"/v1/members/{second}",
        json={"introducer": fourth},
        headers={"If-Match": (await api.client.get(f"/v1/members/{second}")).headers["ETag"]},
    )
    assert refused.status_code == 422


async def test_branches_are_moved_suspended_and_run_out(api: RunningApi) -> None:
    approver = await person(api, "mover", "referral_network:approve")
    first, second, third = await _members(api, 3)
    await _policy(api)
    await _register(api, second, await _code(api, first))
    await _register(api, third, await _code(api, second))
    wanted = {"member_id": second, "introducer": third, "reason": "by letter"}
    circle = await post(api, f"{NETWORK}/moves", wanted)
    answer = await api.client.post(
        f"{NETWORK}/moves/{circle['id']}/approval", json={}, headers=approver.headers
    )
    assert problem(answer) == (409, "referral-own-branch")
    assert (await get(api, f"{NETWORK}/moves/{circle['id']}"))["state"] == "asked"
    assert (await post(api, f"{NETWORK}/moves/{circle['id']}/cancellation", {}))["state"] == "cancelled"
    asked = await post(api, f"{NETWORK}/moves", wanted | {"member_id": third, "introducer": first})
    own = await api.client.post(f"{NETWORK}/moves/{asked['id']}/approval", json={})
    assert problem(own) == (403, "second-person-needed")
    moved = await approver.post(f"{NETWORK}/moves/{asked['id']}/approval", {"note": "as asked"})
    assert (moved["state"], moved["from_introducer"], moved["introducer"]) == ("approved", second, first)

    await post(api, f"{NETWORK}/members/{third}/suspension", {"reason": "under review"})
    again = await api.client.post(f"{NETWORK}/members/{third}/suspension", json={"reason": "under review"})
    assert problem(again) == (409, "referral-branch-already-so")
    assert (await get(api, f"/v1/members/{third}"))["introducer"] is None
    assert (await api.client.delete(f"{NETWORK}/members/{third}/suspension")).status_code == 204
    assert (await get(api, f"/v1/members/{third}"))["introducer"] == first
    root = await api.client.delete(f"{NETWORK}/members/{first}/suspension")
    assert problem(root) == (404, "referral-branch-not-found")

    async with Club(api.runtime.database).writing() as session:
        assert await branches.tell_expired(session, utc_now() + timedelta(days=11), 10) == 2
        assert await branches.tell_expired(session, utc_now() + timedelta(days=12), 10) == 0
    kinds = [change["kind"] for change in items_of(await get(api, f"{NETWORK}/changes"))]
    assert kinds == ["expired"] * 2 + ["resumed", "suspended", "moved"] + ["joined"] * 2
    numbers = await get(api, NETWORK)
    assert (numbers["places"], numbers["introduced"], numbers["suspended"]) == (3, 2, 0)
    assert numbers["changes_today"] == {"expired": 2, "resumed": 1, "suspended": 1, "moved": 1, "joined": 2}
    assert jobs.KEEP_NETWORK.schedule is not None


async def test_merged_and_erased_members_leave_the_tree_whole(api: RunningApi) -> None:
    top, old, new, below = await _members(api, 4)
    await _policy(api)
    code = await _code(api, old)
    await _register(api, old, await _code(api, top))
    await _register(api, below, code)
    club = Club(api.runtime.database)
    async with club.writing() as session:
        await merging.absorb(session, old, new)
        await merging.absorb(session, old, new)
    assert (await get(api, f"/v1/members/{below}"))["introducer"] == new
    assert (await get(api, f"/v1/members/{new}"))["introducer"] == top
    # Split off again, and merged the other way round: the place begins anew and takes over.
    async with club.writing() as session:
        await merging.absorb(session, new, old)
    assert (await get(api, f"{NETWORK}/members/{below}"))["place"]["upline"] == [old, top]  # type: ignore[index]
    assert await _code(api, old) == code
    async with club.writing() as session:
        await merging.absorb(session, old, new)
    (late,) = await _members(api, 1)
    assert await _register(api, late, code) == (201, "")  # the merged record's code stands for the other
    async with club.writing() as session:
        cipher = api.runtime.vault.cipher
        exported = await PERSONAL_DATA.export(session, cipher, new)
        assert (exported["introducer"], exported["downline"]) == (top, {"1": 2})
        await PERSONAL_DATA.erase(session, cipher, new)
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        place = await session.get_one(NetworkPlace, (FIRST_PROGRAMME, late))
        assert place.upline == [new, top]
        records = [row.record for row in await session.scalars(select(OutboxRow).order_by(OutboxRow.id))]
    told = {record["DF20"]: record.get("DF46") for record in records if "DF20" in record}
    assert told[f"{late:012d}"] == f"{new:012d}"
    (later,) = await _members(api, 1)
    assert await _register(api, later, code) == (404, "referrer-code-unknown")


async def test_who_may_not_is_refused(api: RunningApi) -> None:
    app = await person(api, "app", "referral_network:act")
    (member,) = await _members(api, 1)
    await app.post(f"{NETWORK}/members/{member}/code")
    for method, path in (("GET", NETWORK), ("POST", f"{NETWORK}/policies"), ("POST", f"{NETWORK}/moves")):
        answer = await api.client.request(method, path, json=POLICY, headers=app.headers)
        assert problem(answer) == (403, "not-permitted")
    bad = await api.client.post(f"{NETWORK}/policies", json=POLICY | {"depth": 1})
    assert bad.status_code == 422
    share = {"levels": [{"introducer": {"rate": 1, "fixed": 1}}]}
    assert (await api.client.post(f"{NETWORK}/policies", json=POLICY | share)).status_code == 422
