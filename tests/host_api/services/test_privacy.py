"""Export and erasing: nothing of a person is left in any table or file, and the ledger is whole."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from host_api.core.feed_projection import apply_batch
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.catalogue import METADATA, projectors
from protocol.feed import FEED_EVENT
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.feed_peer import transaction
from tests.host_api.people import problem
from tests.host_api.points_bench import Person, person, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

REQUESTS = "/v1/privacy/requests"
NAME = "ناهیده یکتاپرست Quixomandel"
MOBILE = "+989351237654"
EMAIL = "quixo.mandel@example.com"
ADDRESS = "Nowherestan 1234567 lane"
REASON = "Wobblefinch said so"
NATIONAL_ID = "0013542419"
TEXTS = ("ناهیده", "Quixomandel", "9351237654", EMAIL, "Nowherestan", "Wobblefinch", NATIONAL_ID)


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running


async def _everything(api: RunningApi) -> bytes:
    """All bytes of the SQLite files, or all rows of all tables of PostgreSQL."""
    database = api.runtime.database
    if database.is_sqlite:
        path = Path(database.url.database or "")
        return b"".join(found.read_bytes() for found in sorted(path.parent.glob(f"{path.name}*")))
    async with database.reading(FIRST_PROGRAMME) as session:
        rows = [
            row
            for table in METADATA.tables
            for row in await session.scalars(text(f'SELECT t::text FROM "{table}" t'))
        ]
    return "\n".join(rows).encode()


def _found(everything: bytes) -> set[str]:
    """Which of the texts stand there, also as JSON writes them."""
    writings = {one: (one.encode(), json.dumps(one).strip('"').encode()) for one in TEXTS}
    return {one for one, forms in writings.items() if any(form in everything for form in forms)}


async def _someone(api: RunningApi) -> tuple[int, int]:
    """A guest of whom all is known, who has become a member with all that services keep."""
    headers = {"Idempotency-Key": "guest-is-kept-1"}
    contact = {"mobile": MOBILE, "email": EMAIL, "address": ADDRESS, "national_id": NATIONAL_ID}
    answer = await api.client.post("/v1/guests", json={"name": NAME, **contact}, headers=headers)
    guest = answer.json()["id"]
    await api.client.patch(
        f"/v1/guests/{guest}", json={"notes": REASON}, headers={"If-Match": answer.headers["etag"]}
    )
    await post(api, f"/v1/guests/{guest}/visits", {"note": REASON})
    member = int(str((await post(api, f"/v1/guests/{guest}/conversion", {}))["member_id"]))
    await post(api, "/v1/cards", {"member_id": member})
    await post(api, "/v1/households", {"head_id": member, "name": NAME})
    await post(api, "/v1/credit-users", {"member_id": member, "ceiling": 5, "reason": REASON})
    entry = {"member_id": member, "national_id": NATIONAL_ID, "reason_code": "other", "reason": REASON}
    later = entry | {"from_at": "2126-01-01T00:00:00Z"}
    await post(api, "/v1/block-list", later)
    other = int(str((await post(api, "/v1/members", {"name": "somebody else"}))["id"]))
    merge = {"from_member_id": other, "to_member_id": member, "reason_code": "other", "reason": REASON}
    act = await post(api, "/v1/member-merging/merges", merge)
    await post(api, f"/v1/member-merging/acts/{act['id']}/cancellation", None)
    return member, guest


async def _until_done(api: RunningApi, request: dict[str, object]) -> dict[str, object]:
    async def is_over() -> bool:
        return (await get(api, f"{REQUESTS}/{request['id']}"))["state"] in ("done", "hindered")

    await eventually(is_over)
    return await get(api, f"{REQUESTS}/{request['id']}")


async def _codes(asker: Person, body: dict[str, object]) -> list[str]:
    errors = (await asker.post("/v1/privacy/erasures", body, 409))["errors"]
    assert isinstance(errors, list)
    return [error["code"] for error in errors]


async def test_an_erased_member_is_nowhere_and_the_ledger_stays(api: RunningApi, peer: SwitchPeer) -> None:
    member, guest = await _someone(api)
    asker = await person(api, "asker", "privacy:read", "privacy:write")
    approver = await person(api, "approver", "privacy:approve")
    line = transaction(17, member=member, points=250)
    await apply_batch(
        api.runtime.database, FIRST_PROGRAMME, projectors(), 0, [FEED_EVENT.validate_python(line)]
    )
    peer.balances[member] = 250

    async def is_sent() -> bool:
        return (await get(api, f"/v1/members/{member}"))["switch_state"] == "active"

    await eventually(is_sent)
    exported = await _until_done(api, await asker.post("/v1/privacy/exports", {"member_id": member}, 202))
    ids = exported["file_ids"]
    assert isinstance(ids, list)
    contents = [(await api.client.get(f"/v1/files/{one}/content")).text for one in ids]
    told = json.loads(contents[0])["records"][str(member)]
    assert (told["member"]["name"], told["guests"]["records"][0]["email"]) == (NAME, EMAIL)
    assert (told["transactions"]["spendable"], len(told["cards"]["cards"])) == ({"points": 250}, 1)
    assert all(NAME in content and ADDRESS in content and REASON in content for content in contents)
    assert {"ناهیده", "Quixomandel"} <= _found(await _everything(api))

    wanted: dict[str, object] = {"member_id": member}
    case = await post(api, "/v1/disputes", {"rrn": f"{17:012d}", "kind": "other", "note": REASON})
    assert sorted(await _codes(asker, wanted)) == ["dispute-open", "points-standing"]
    decided = await api.client.post(
        f"/v1/disputes/{case['id']}/decision",
        json={"outcome": "rejected", "reason": REASON},
        headers={"If-Match": '"1"'},
    )
    assert decided.status_code == 201, decided.text
    assert await _codes(asker, wanted) == ["points-standing"]
    request = await asker.post("/v1/privacy/erasures", wanted | {"gives_up_points": True})
    twice = await api.client.post("/v1/privacy/erasures", json=wanted | {"gives_up_points": True})
    assert problem(twice) == (409, "privacy-erasing-asked")
    await asker.post(f"{REQUESTS}/{request['id']}/approval", None, 403)
    await approver.post(f"{REQUESTS}/{request['id']}/approval")
    done = await _until_done(api, request)
    assert (done["state"], peer.balances[member]) == ("done", 0)

    async def is_log_truncated() -> bool:
        runs = items_of(await get(api, "/v1/jobs", job="erase-member", state="succeeded"))
        return [run["outcome"] for run in runs] == [{"is_log_truncated": True}]

    await eventually(is_log_truncated)
    assert _found(await _everything(api)) == set()
    erased = await get(api, f"/v1/members/{member}")
    assert (erased["name"], erased["mobile"], erased["status"]) == ("حذف‌شده", None, "blocked")
    await peer.wait_for(lambda: _is_anonymous(peer, member))
    assert (await get(api, "/v1/transactions/000000000017"))["member_id"] == member
    assert [card["status"] for card in items_of(await get(api, "/v1/cards", member_id=member))] == ["blocked"]
    trail = items_of(await get(api, "/v1/audit", table_name="members", row_key=member))
    assert {entry["action"] for entry in trail} == {"create", "update"}
    assert {(str(entry["before"]), str(entry["after"])) for entry in trail} == {("None", "None")}
    assert (await get(api, f"/v1/guests/{guest}"))["name"] == "—"
    gone = [(await api.client.get(f"/v1/files/{one}/content")).status_code for one in ids]
    assert gone == [404, 404]
    repeat = await api.client.post(
        "/v1/guests",
        json={
            "name": NAME,
            "mobile": MOBILE,
            "email": EMAIL,
            "address": ADDRESS,
            "national_id": NATIONAL_ID,
        },
        headers={"Idempotency-Key": "guest-is-kept-1"},
    )
    assert (repeat.status_code, repeat.json()) == (201, {})


def _is_anonymous(peer: SwitchPeer, member: int) -> bool:
    """Whether the member's last record on the switch has no name and is blocked, and so has the card's."""
    own = [entry for entry in peer.records() if entry.tags.get("DF20") == f"{member:012d}"]
    records = [entry.tags for entry in own if "DF05" in entry.tags]
    cards = [entry.tags for entry in own if "DF05" not in entry.tags]
    return (records[-1]["DF05"], records[-1]["DF21"]) == ("حذف‌شده", "B") and cards[-1]["DF21"] == "B"


async def test_whoever_is_not_permitted_stays_so_after_erasing(api: RunningApi, peer: SwitchPeer) -> None:
    asker, approver = await person(api, "asker", "privacy:*"), await person(api, "approver", "privacy:*")
    member = int(str((await post(api, "/v1/members", {"name": "Sara"}))["id"]))
    entry = {"member_id": member, "mobile": MOBILE, "reason_code": "fraud", "reason": "for a test"}
    await post(api, "/v1/block-list", entry)
    await peer.wait_for(lambda: len(peer.records()) >= 2)
    request = await asker.post("/v1/privacy/erasures", {"member_id": member})
    await approver.post(f"{REQUESTS}/{request['id']}/approval")
    assert (await _until_done(api, request))["state"] == "done"
    kept = items_of(await get(api, "/v1/block-list", mobile=MOBILE))
    assert [(one["mobile"], one["reason"], one["state"]) for one in kept] == [(None, None, "active")]
    guest = await post(api, "/v1/guests", {"name": "Sara again", "mobile": MOBILE})
    refused = await api.client.post(f"/v1/guests/{guest['id']}/conversion", json={})
    assert problem(refused) == (409, "guest-not-permitted")
    told = {part["name"] for part in (await api.client.get("/v1/privacy/parts")).json()}
    assert {"member", "cards", "audit", "stored_answers", "files", "transactions"} <= told
