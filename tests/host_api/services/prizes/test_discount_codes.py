"""Pools of codes: import, generation, giving one to a member, use, withdrawal and end (SHOP-02, SHOP-03)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from host_api.core.audit import AuditEntry
from host_api.core.clock import utc_now
from host_api.core.events.models import Event
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.discount_codes import logic
from host_api.services.discount_codes.code_text import ALPHABET, check_character, is_sound, new_code
from host_api.services.discount_codes.problems import PoolEmpty
from host_api.services.discount_codes.schemas import CodeRead
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi
from tests.host_api.services.bulk_calls import csv_of, give_file, report_of
from tests.host_api.services.prizes.prize_calls import member, pool

pytestmark = pytest.mark.anyio


def test_a_slip_in_a_code_is_found() -> None:
    code = new_code("AB-".replace("-", ""))
    body = code.removeprefix("AB")
    assert is_sound(code, "AB")
    for place, character in enumerate(body):
        assert not any(
            is_sound("AB" + body[:place] + other + body[place + 1 :], "AB")
            for other in ALPHABET
            if other != character
        )
        for later in range(place + 1, len(body) - 1):
            changed = list(body)
            changed[place], changed[later] = changed[later], changed[place]
            assert "".join(changed) == body or not is_sound("AB" + "".join(changed), "AB")
    assert check_character("") == ALPHABET[0]


async def _take(api: RunningApi, pool_id: int, member_id: int, reference: str) -> CodeRead:
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        return await logic.take_code(session, pool_id, member_id, service="tests", reference=reference)


async def _events(api: RunningApi, kind: str) -> int:
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        return len(list(await session.scalars(select(Event.id).where(Event.type == kind))))


async def test_a_suppliers_codes_from_a_file_to_their_use(api: RunningApi) -> None:
    cinema = await pool(api, supplier="Azadi", low_stock=2)
    rows = [["pool", "code", "last day"], *(["CINEMA", f"Az-{number}", ""] for number in range(4))]
    rows.append(["CINEMA", "Az-2", ""])
    refused = await _import(api, rows)
    assert (refused["state"], refused["faulty"]) == ("refused", 1)
    assert [line[:2] + line[4:5] for line in await report_of(api, refused)][1:] == [
        ["6", "fault", "double-row"]
    ]
    rows[-1] = ["CINEMA", "Az-9", "1390/01/01"]
    assert (await _import(api, rows))["created"] == 5
    rows.append(["CINEMA", "Az-5", ""])
    assert (await _import(api, rows))["faulty"] == 5  # they are there already
    again = await _import(api, rows, on_existing="skip")
    assert (again["created"], again["skipped"]) == (1, 5)
    who = await member(api, mobile="09121234567")
    given = await _take(api, cinema, who, "1")
    assert (await _take(api, cinema, who, "1")).code == given.code == "Az-0"
    other = await _take(api, cinema, who, "2")
    assert await _events(api, "code_pool.low") == 0
    for reference in ("3", "4", "5"):
        await _take(api, cinema, who, reference)
    with pytest.raises(PoolEmpty):  # one is over
        await _take(api, cinema, who, "6")
    assert await _events(api, "code_pool.low") == 1
    assert (await get(api, "/v1/code-pools", is_low="true"))["items"]
    uses = f"/v1/code-pools/{cinema}/uses"
    assert (await post(api, uses, {"code": " Az-0 "}))["state"] == "used"
    assert problem(await api.client.post(uses, json={"code": "Az-0"})) == (409, "discount-code-over")
    assert problem(await api.client.post(uses, json={"code": "Az-9"})) == (409, "discount-code-over")
    assert problem(await api.client.post(uses, json={"code": "none"})) == (404, "discount-code-not-found")
    await post(api, f"/v1/discount-codes/{other.id}/withdrawal", None)
    assert problem(await api.client.post(uses, json={"code": other.code})) == (409, "discount-code-over")
    listed = await api.client.get(f"/v1/code-pools/{cinema}/codes")
    assert "Az-" not in listed.text
    own = items_of(await get(api, f"/v1/members/{who}/discount-codes", sort="id"))
    assert [(code["code"], code["state"]) for code in own][:3] == [
        ("Az-0", "used"),
        ("Az-1", "withdrawn"),
        ("Az-2", "taken"),
    ]
    gift = await api.client.post(f"/v1/code-pools/{cinema}/gifts", json={"member_id": who})
    assert problem(gift) == (409, "code-pool-empty")
    await _until(api, "/v1/jobs/expire-discount-codes/runs")
    shown = await get(api, f"/v1/code-pools/{cinema}")
    assert shown["codes"] == {
        "free": 0,
        "held": 0,
        "taken": 3,
        "used": 1,
        "withdrawn": 1,
        "expired": 1,
    }
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        trail = await session.scalars(select(AuditEntry).where(AuditEntry.table_name == "discount_codes"))
        assert "Az-" not in "".join(f"{entry.before}{entry.after}" for entry in trail)


async def test_own_codes_have_a_time(api: RunningApi) -> None:
    ending = utc_now() + timedelta(days=1)
    own = await pool(api, prefix="VAFA", valid_until=ending.isoformat(), codes=30)
    who = await member(api)
    given = await _take(api, own, who, "1")
    assert is_sound(given.code, "VAFA")
    assert given.ends_at == ending
    typed = f" {given.code[:4].lower()}-{given.code[4:].lower()}"
    assert (await post(api, f"/v1/code-pools/{own}/uses", {"code": typed}))["state"] == "used"
    gift = await post(api, f"/v1/code-pools/{own}/gifts", {"member_id": who})
    assert (gift["state"], gift["member_id"]) == ("taken", who)
    later = await pool(api, "LATER", valid_from=ending.isoformat(), codes=1)
    with pytest.raises(PoolEmpty):
        await _take(api, later, who, "2")
    version = (await api.client.get(f"/v1/code-pools/{own}")).headers["ETag"]
    closed = await api.client.patch(
        f"/v1/code-pools/{own}", json={"is_open": False}, headers={"If-Match": version}
    )
    assert closed.status_code == 200
    with pytest.raises(PoolEmpty):
        await _take(api, own, who, "3")
    for body in ({"quantity": 1, "valid_until": "2121-01-01T00:00:00Z"}, {"quantity": 0}):
        assert (await api.client.post(f"/v1/code-pools/{own}/generation", json=body)).status_code == 422
    assert (await api.client.post(f"/v1/code-pools/{own}/uses", json={"code": "a\0bc"})).status_code == 422
    taken = {"code": "LATER", "title": "x", "title_fa": "x", "worth": "x", "worth_fa": "x"}
    assert problem(await api.client.post("/v1/code-pools", json=taken)) == (409, "code-pool-taken")


async def _import(api: RunningApi, rows: list[list[str]], **options: object) -> dict[str, object]:
    file_id = await give_file(api, csv_of(rows), "codes.csv")
    begun = await post(api, "/v1/code-pools/imports", {"file_id": file_id} | options, 202)
    found: dict[str, object] = {}

    async def is_ended() -> bool:
        nonlocal found
        found = await get(api, f"/v1/code-pools/imports/{begun['id']}")
        return found["state"] in {"refused", "done", "failed"}

    await eventually(is_ended)
    return found


async def _until(api: RunningApi, job: str) -> None:
    run = await post(api, job, {}, 202)

    async def is_over() -> bool:
        return (await get(api, f"/v1/jobs/{run['id']}"))["state"] == "succeeded"

    await eventually(is_over)
