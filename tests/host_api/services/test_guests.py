"""Guests: kept sealed, found by name and number, converted once, merged."""

import asyncio

import pytest
from sqlalchemy import select

from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.guests import logic
from host_api.services.guests.models import Guest
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio

GUESTS = "/v1/guests"
MOBILE = "+989123456789"
NATIONAL_ID = "0013542419"


async def test_guests_are_sealed_and_found_however_they_are_written(api: RunningApi) -> None:
    body = {"name": "علي ميرحسيني", "mobile": "۰۹۱۲ ۳۴۵ ۶۷۸۹", "national_id": NATIONAL_ID, "address": "x"}
    guest = await post(api, GUESTS, body)
    await post(api, GUESTS, {"kind": "organisation", "name": "Acme", "legal_person_id": "14007650912"})
    assert (guest["mobile"], guest["national_id"], guest["legal_person_id"]) == (MOBILE, NATIONAL_ID, None)
    for query in ({"name": "علی میر حسینی"}, {"mobile": "09123456789"}, {"national_id": NATIONAL_ID}):
        assert [one["id"] for one in items_of(await get(api, GUESTS, **query))] == [guest["id"]]
    assert items_of(await get(api, GUESTS, mobile="09121111111")) == []
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        row = (await session.scalars(select(Guest).where(Guest.id == guest["id"]))).one()
        assert row.mobile_sealed is not None
        assert b"912345" not in row.mobile_sealed
    unfit = await api.client.post(GUESTS, json={"name": "a", "legal_person_id": "14007650912"})
    assert problem(unfit) == (409, "guest-identity-unfit")
    for wrong in (
        {"name": ""},
        {"name": "a", "email": "no"},
        {"name": "a", "mobile": "12"},
        {"kind": "person"},
    ):
        assert (await api.client.post(GUESTS, json=wrong)).status_code == 422
    path = f"{GUESTS}/{guest['id']}"
    tag = (await api.client.get(path)).headers["etag"]
    changed = await api.client.patch(path, json={"address": None, "mobile": None}, headers={"If-Match": tag})
    assert (changed.json()["address"], changed.json()["mobile"], changed.json()["name"]) == (
        None,
        None,
        "علی میرحسینی",
    )
    assert (await api.client.patch(path, json={}, headers={"If-Match": tag})).status_code == 412
    visits = [{"at": "2026-03-21T06:30:00Z", "merchant_id": "SHOP01", "note": "first"}, {}]
    for visit in visits:
        await post(api, f"{path}/visits", visit)
    listed = items_of(await get(api, f"{path}/visits"))
    assert [one["note"] for one in listed] == [None, "first"]


async def test_a_guest_becomes_a_member_once(api: RunningApi) -> None:
    guest = await post(api, GUESTS, {"name": "Sara", "mobile": MOBILE})
    path = f"{GUESTS}/{guest['id']}/conversion"
    answers = await asyncio.gather(*(api.client.post(path, json={"tier": "gold"}) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    (member,) = {answer.json()["member_id"] for answer in answers}
    listed = items_of(await get(api, "/v1/members"))
    assert [(one["id"], one["name"], one["tier"]) for one in listed] == [(member, "Sara", "gold")]
    assert [one["id"] for one in items_of(await get(api, GUESTS, member_id=member))] == [guest["id"]]
    shop = await post(api, GUESTS, {"kind": "organisation", "name": "Acme"})
    refused = await api.client.post(f"{GUESTS}/{shop['id']}/conversion", json={})
    assert problem(refused) == (409, "guest-organisation-cannot-join")


async def test_two_records_of_a_guest_become_one(api: RunningApi) -> None:
    kept = await post(api, GUESTS, {"name": "Sara", "mobile": MOBILE})
    other = await post(api, GUESTS, {"name": "Sarah", "mobile": "09121111111", "email": "a@b.example"})
    await post(api, f"{GUESTS}/{other['id']}/visits", {"note": "seen"})
    crossing = [
        api.client.post(f"{GUESTS}/{one['id']}/merging", json={"other_id": two["id"]})
        for one, two in ((kept, other), (other, kept))
    ]
    codes = [answer.status_code for answer in await asyncio.gather(*crossing)]
    assert sorted(codes) == [201, 409]
    survivor, ended = (kept, other) if codes[0] == 201 else (other, kept)
    shown = await get(api, f"{GUESTS}/{survivor['id']}")
    assert (shown["mobile"], shown["email"]) == (survivor["mobile"], "a@b.example")
    assert len(items_of(await get(api, f"{GUESTS}/{survivor['id']}/visits"))) == 1
    gone = await get(api, f"{GUESTS}/{ended['id']}")
    assert (gone["merged_into"], gone["mobile"], gone["email"]) == (survivor["id"], None, None)
    assert [one["id"] for one in items_of(await get(api, GUESTS))] == [survivor["id"]]
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        found = await logic.read(session, api.runtime.vault.cipher, int(str(ended["id"])))
    assert found.id == survivor["id"]
    late = await api.client.post(f"{GUESTS}/{ended['id']}/conversion", json={})
    assert problem(late) == (409, "guest-is-merged")
    same = await api.client.post(f"{GUESTS}/{kept['id']}/merging", json={"other_id": kept["id"]})
    assert problem(same) == (409, "guest-same")
    shop = await post(api, GUESTS, {"kind": "organisation", "name": "Acme"})
    unlike = await api.client.post(f"{GUESTS}/{survivor['id']}/merging", json={"other_id": shop["id"]})
    assert problem(unlike) == (409, "guests-not-alike")
