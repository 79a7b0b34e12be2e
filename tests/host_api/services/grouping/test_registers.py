"""Organisations, sub-clubs, guilds and sectors: registers, and who belongs to them."""

import asyncio

import pytest
from sqlalchemy import select

from host_api.core.outbox import OutboxRow
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.guilds import logic as guilds
from host_api.services.organisations.models import Organisation
from host_api.services.sub_clubs.logic import codes_without_earning
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi
from tests.host_api.services.grouping.history import member, store

pytestmark = pytest.mark.anyio

CONTACT = {"contact_name": "رابط نمونه", "contact_phone": "۰۲۱-۱۲۳۴۵۶۷۸"}


async def test_people_of_an_organisation(api: RunningApi) -> None:
    database = api.runtime.database
    await store(database, [member(number) for number in (1, 2, 3)])
    titles = {"title": "Steelworks", "title_fa": "كارخانهٔ فولاد"}
    steel = await post(api, "/v1/organisations", {"code": "STEEL", **titles, **CONTACT})
    assert (steel["contact_phone"], steel["title_fa"], steel["members"]) == (
        "+982112345678",
        "کارخانهٔ فولاد",
        0,
    )
    async with database.reading(FIRST_PROGRAMME) as session:
        sealed = (await session.scalars(select(Organisation))).one()
        assert sealed.contact_name_sealed is not None
        assert CONTACT["contact_name"].encode() not in sealed.contact_name_sealed
    bank = await post(api, "/v1/organisations", {"code": "BANK", **titles, "contract_to": "1404-12-29"})
    path = f"/v1/organisations/{steel['id']}"
    assert await post(api, f"{path}/members", {"member_ids": [1, 2, 9]}, 200) == {
        "changed": 2,
        "unknown": [9],
    }
    refused = await api.client.post(f"/v1/organisations/{bank['id']}/members", json={"member_ids": [1]})
    assert problem(refused) == (409, "organisation-contract-over")
    etag = {"If-Match": (await api.client.get(f"/v1/organisations/{bank['id']}")).headers["ETag"]}
    longer = await api.client.patch(
        f"/v1/organisations/{bank['id']}", json={"contract_to": None}, headers=etag
    )
    assert (longer.status_code, longer.json()["contract_to"], longer.json()["title"]) == (
        200,
        None,
        "Steelworks",
    )
    await post(api, f"/v1/organisations/{bank['id']}/members", {"member_ids": [1]}, 200)
    removal = await post(api, f"{path}/members/removal", {"member_ids": [1, 3]}, 200)
    assert removal == {"changed": 0, "unknown": []}  # 1 belongs to the bank now
    listed = items_of(await get(api, "/v1/organisations", sort="code"))
    assert [(row["code"], row["members"]) for row in listed] == [("BANK", 1), ("STEEL", 1)]
    assert items_of(await get(api, f"{path}/members")) == [
        {"member_id": 2, "tier": "initial", "status": "active"}
    ]
    headers = {"If-Match": (await api.client.get(path)).headers["ETag"]}
    assert problem(await api.client.delete(path, headers=headers)) == (409, "organisation-in-use")
    await post(api, f"{path}/members/removal", {"member_ids": [2]}, 200)
    assert (await api.client.delete(path, headers=headers)).status_code == 204
    turned = {"code": "T", **titles, "contract_from": "1405-02-01", "contract_to": "1405-01-31"}
    assert problem(await api.client.post("/v1/organisations", json=turned)) == (409, "organisation-contract")
    async with database.reading(FIRST_PROGRAMME) as session:
        records = await session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        found = [(row.subject_id, {"BANK", "STEEL"} & set(row.record.values())) for row in records]
    assert found == [(1, {"STEEL"}), (2, {"STEEL"}), (1, {"BANK"}), (2, set())]


async def test_sub_clubs_from_a_template(api: RunningApi) -> None:
    database = api.runtime.database
    await store(database, [member(1), member(2)])
    await post(api, "/v1/sub-clubs", {"code": "staff", "title": "Our staff", "title_fa": "کارکنان ما"})
    for template, codes in (
        ("business", ["customers", "representatives"]),
        ("education", ["students", "teachers"]),
        ("union", ["members"]),
        ("union", []),
    ):
        answer = await api.client.post("/v1/sub-clubs/from-template", json={"template": template})
        assert [entry["code"] for entry in answer.json()] == codes
    async with database.reading(FIRST_PROGRAMME) as session:
        assert await codes_without_earning(session) == ["members"]
    staff = items_of(await get(api, "/v1/sub-clubs", code="staff"))[0]
    path = f"/v1/sub-clubs/{staff['id']}"
    await post(api, f"{path}/members", {"member_ids": [1, 2]}, 200)
    assert (await get(api, "/v1/members/1"))["club_level"] == "staff"
    etag = {"If-Match": '"1"'}
    answers = await asyncio.gather(
        *(api.client.patch(path, json={"policy": f"سیاست {number}"}, headers=etag) for number in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]
    assert problem(await api.client.delete(path, headers={"If-Match": '"2"'})) == (409, "sub-club-in-use")
    await post(api, f"{path}/members/removal", {"member_ids": [1, 2]}, 200)
    assert (await api.client.delete(path, headers={"If-Match": '"2"'})).status_code == 204
    taken = await api.client.post("/v1/sub-clubs", json={"code": "members", "title": "x", "title_fa": "x"})
    assert problem(taken) == (409, "sub-club-code-taken")


async def test_guilds_and_the_seventeen_sectors(api: RunningApi) -> None:
    sectors = (await api.client.get("/v1/sectors")).json()
    assert len({sector["code"] for sector in sectors}) == 17
    assert all(len(sector["code"].encode()) <= 16 and sector["title_fa"] for sector in sectors)
    assert {"code": "food", "title": "Food", "title_fa": "مواد غذایی"} in sectors
    wish = {"code": "GROCERS", "title": "Grocers", "title_fa": "خواربارفروشان", "sector": "food"}
    answers = await asyncio.gather(*(api.client.post("/v1/guilds", json=wish) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    guild = items_of(await get(api, "/v1/guilds", sector="food"))[0]
    path, database = f"/v1/guilds/{guild['id']}", api.runtime.database
    wrong = await api.client.patch(path, json={"sector": "SPACE"}, headers={"If-Match": '"1"'})
    assert wrong.status_code == 422
    async with database.reading(FIRST_PROGRAMME) as session:
        await guilds.require(session, "GROCERS")
    off = await api.client.patch(path, json={"is_active": False}, headers={"If-Match": '"1"'})
    assert (off.status_code, off.headers["ETag"]) == (200, '"2"')
    async with database.reading(FIRST_PROGRAMME) as session:
        assert (await guilds.titles(session, ["GROCERS", "NONE"])).keys() == {"GROCERS"}
        for code in ("GROCERS", "NONE"):
            with pytest.raises(guilds.GuildNotFound):
                await guilds.require(session, code)
    assert items_of(await get(api, "/v1/guilds", is_active="true")) == []
