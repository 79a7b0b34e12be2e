"""Members as people see and change them: what is sealed stays so, and is found again."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text

from host_api.core.audit import AuditEntry
from host_api.core.events.models import Event
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.members.standing import Standing, set_standings
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import problem
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

SARA = {
    "name": "سارا احمدی",
    "mobile": "۰۹۱۲ ۳۴۵ ۶۷۸۹",
    "email": "Sara@Example.com",
    "national_id": "0013542419",
    "birth_date": "۱۳۷۰/۱۲/۳۰",
    "city": "تهران",
    "address": "خیابان ولیعصر ۱۲",
    "postal_code": "1193653471",
    "sheba": "IR580540105180021273113007",
}
PLAIN = (
    "9123456789",
    "sara@",
    "0013542419",
    "1370-12-30",
    "19920320",
    "1992-03-20",
    "تهران",
    "ولیعصر",
    "11936534",
)
TABLES = ("members", "member_identities", "member_special_days", "outbox", "audit_log", "answered_requests")


async def _change(
    api: RunningApi, member: object, body: dict[str, object], status: int = 200
) -> dict[str, object]:
    etag = (await api.client.get(f"/v1/members/{member}")).headers["etag"]
    answer = await api.client.patch(f"/v1/members/{member}", json=body, headers={"If-Match": etag})
    assert answer.status_code == status, answer.text
    result: dict[str, object] = answer.json()
    return result


async def _found(api: RunningApi, **query: object) -> list[object]:
    return [item["id"] for item in items_of(await get(api, "/v1/members", **query))]


async def test_what_a_person_tells_is_sealed_everywhere_and_found_by_the_whole_value(api: RunningApi) -> None:
    answer = await api.client.post("/v1/members", json=SARA, headers={"Idempotency-Key": "sara-0001"})
    sara = answer.json()
    other = (await post(api, "/v1/members", {"name": "سارا", "mobile": "09120000001"}))["id"]
    read = await get(api, f"/v1/members/{sara['id']}")
    expected = {
        "mobile": "+989123456789",
        "email": "sara@example.com",
        "birth_date": "1992-03-20",
        "sheba": SARA["sheba"],
        "joined_via": "office",
        "activity": "new",
    }
    assert expected.items() <= read.items()
    async with api.runtime.database.reading() as session:
        for table in TABLES:
            rows = (await session.execute(text(f"SELECT * FROM {table}"))).all()
            kept = " ".join(
                part.decode("latin-1") if isinstance(part, bytes) else str(part)
                for row in rows
                for part in row
            )
            assert rows and not [plain for plain in PLAIN if plain in kept], table
    for query in (
        {"mobile": "00989123456789"},
        {"email": "SARA@example.COM"},
        {"national_id": "۰۰۱۳۵۴۲۴۱۹"},
        {"identity_kind": "mobile", "identity": "0912-345-6789"},
        {"name": "سارا ا"},
    ):
        assert await _found(api, **query) == [sara["id"]], query
    assert await _found(api, name="سارا") == [sara["id"], other]
    assert await _found(api, mobile="09123456780") == []
    for query in ({"identity": "5"}, {"identity_kind": "mobile", "identity": "5"}):
        assert (await api.client.get("/v1/members", params=query)).status_code == 422
    # Who may open the audit log finds it there; the entry of the row itself has the sealed columns.
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        entry = await session.scalar(select(AuditEntry.id).where(AuditEntry.table_name == "members"))
    opened = (await get(api, f"/v1/audit/{entry}"))["after"]
    assert isinstance(opened, dict) and opened["city_sealed"] == "تهران"


async def test_only_what_is_given_changes_and_only_of_what_was_read(api: RunningApi) -> None:
    member = (await post(api, "/v1/members", SARA))["id"]
    stale = (await api.client.get(f"/v1/members/{member}")).headers["etag"]
    changed = await _change(api, member, {"mobile": "09121111111", "email": None, "city": None})
    assert (changed["mobile"], changed["email"], changed["city"]) == ("+989121111111", None, None)
    assert (changed["name"], changed["birth_date"]) == (SARA["name"], "1992-03-20")
    assert await _found(api, mobile="09123456789") == []
    assert await _found(api, mobile="09121111111") == [member]
    answer = await api.client.patch(f"/v1/members/{member}", json={"name": "x"}, headers={"If-Match": stale})
    assert problem(answer) == (412, "changed-meanwhile")
    assert (await api.client.patch(f"/v1/members/{member}", json={"name": "x"})).status_code == 422
    await _change(api, member, {"birth_date": None})
    days = (await api.client.get(f"/v1/members/{member}/special-days")).json()
    assert days == []
    await _change(api, member, {"national_id": "1234567890"}, 422)


async def test_blocking_has_a_reason_and_is_told(api: RunningApi) -> None:
    member = (await post(api, "/v1/members", {"name": "n"}))["id"]
    blocked = await post(api, f"/v1/members/{member}/block", {"reason": "کارت گم شده"})
    assert (blocked["status"], blocked["status_reason"]) == ("blocked", "کارت گم شده")
    again = await api.client.post(f"/v1/members/{member}/block", json={"reason": "r"})
    assert problem(again) == (409, "member-status-already-so")
    assert (await post(api, f"/v1/members/{member}/unblock", {"reason": "پیدا شد"}))["status"] == "active"
    assert problem(await api.client.post("/v1/members/99/block", json={"reason": "r"}))[0] == 404
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        told = list(
            await session.scalars(
                select(Event.payload).where(Event.type == "member.status_changed").order_by(Event.id)
            )
        )
    assert [payload["status"] for payload in told] == ["blocked", "active"]


async def test_identities_are_unique_where_the_policy_says_so(api: RunningApi) -> None:
    first, second = [(await post(api, "/v1/members", {"name": "n"}))["id"] for _ in range(2)]
    await post(api, "/v1/member-identity-kinds", _KIND)
    assert problem(await api.client.post("/v1/member-identity-kinds", json=_KIND))[0] == 409
    for kind, value in (("passport", "a 123-456"), ("library_card", "۱۲ / ۷"), ("mobile", "09120000009")):
        given = await post(api, f"/v1/members/{first}/identities", {"kind": kind, "value": value})
        same = await post(api, f"/v1/members/{first}/identities", {"kind": kind, "value": value})
        assert same == given
        answer = await api.client.post(
            f"/v1/members/{second}/identities", json={"kind": kind, "value": value}
        )
        assert answer.status_code == (201 if kind == "mobile" else 409), kind
    assert await _found(api, identity_kind="passport", identity="A123456") == [first]
    assert await _found(api, identity_kind="library_card", identity="12-7") == [first]
    assert await _found(api, mobile="09120000009") == [first, second]
    kinds = "/v1/member-identity-kinds"
    refused = await api.client.patch(f"{kinds}/mobile", json={"is_unique": True}, headers={"If-Match": '"0"'})
    assert problem(refused) == (409, "identities-not-unique")
    (held,) = (await api.client.get(f"/v1/members/{second}/identities")).json()
    assert (await api.client.delete(f"/v1/members/{first}/identities/{held['id']}")).status_code == 404
    assert (await api.client.delete(f"/v1/members/{second}/identities/{held['id']}")).status_code == 204
    made = await api.client.patch(f"{kinds}/mobile", json={"is_unique": True}, headers={"If-Match": '"0"'})
    assert (made.status_code, made.json()["is_unique"], made.headers["etag"]) == (200, True, '"1"')
    again = await api.client.patch(f"{kinds}/mobile", json={"title": "x"}, headers={"If-Match": '"0"'})
    assert problem(again)[0] == 412
    taken = await api.client.post("/v1/members", json={"name": "n", "mobile": "09120000009"})
    assert problem(taken) == (409, "identity-taken")
    for kind, value, status in (("nothing", "1", 404), ("national_id", "123", 422)):
        answer = await api.client.post(f"/v1/members/{first}/identities", json={"kind": kind, "value": value})
        assert answer.status_code == status


_KIND = {"kind": "library_card", "title": "Library card", "title_fa": "کارت کتابخانه"}


async def test_interests_are_the_clubs_own(api: RunningApi) -> None:
    for code in ("books", "music"):
        await post(api, "/v1/member-interests", {"code": code, "title": code, "title_fa": "علاقه"})
    member = (await post(api, "/v1/members", {"name": "n", "interests": ["music", "books"]}))["id"]
    await post(api, "/v1/members", {"name": "n"})
    assert await _found(api, interest="books") == [member]
    listed = items_of(await get(api, "/v1/member-interests"))
    assert [row["code"] for row in listed] == ["books", "music"]
    music = listed[1]["id"]
    taken_off = await api.client.patch(
        f"/v1/member-interests/{music}", json={"is_offered": False}, headers={"If-Match": '"1"'}
    )
    assert taken_off.status_code == 200
    assert (await _change(api, member, {"interests": ["music"]}))["interests"] == ["music"]  # kept, not new
    assert await _found(api, interest="books") == []
    for wanted in (["films"], ["books", "music"]):
        answer = await api.client.post("/v1/members", json={"name": "n", "interests": wanted})
        assert problem(answer) == (422, "interest-unknown")


async def test_the_switch_gets_the_day_of_birth_opened(settings: Settings, tmp_path: Path) -> None:
    async with SwitchPeer() as switch:
        runtime = runtime_with(settings, tmp_path, switch=switch.endpoint)
        async with running_api(runtime) as api:
            wanted = SARA | {"name": "DF45|members.birth_date"}
            member = (await post(api, "/v1/members", wanted))["id"]
            await switch.wait_for(lambda: len(switch.applied) == 1)
            introduction: Standing = {"introducer": 3, "introduced_until": date(2030, 1, 1)}
            async with runtime.database.writing(FIRST_PROGRAMME) as session:
                await set_standings(session, {int(str(member)): introduction})
            await switch.wait_for(lambda: len(switch.applied) == 2)
            await post(api, f"/v1/members/{member}/block", {"reason": "r"})
            await switch.wait_for(lambda: len(switch.applied) == 3)
    for record, status in zip(switch.applied[1:], "AB", strict=True):
        tags = {name: record.tags[name] for name in ("DF05", "DF21", "DF45", "DF46", "DF47", "DF4B")}
        assert tags == {
            "DF05": "DF45|members.birth_date",
            "DF21": status,
            "DF45": "19920320",
            "DF46": "000000000003",
            "DF47": "20300101",
            "DF4B": "office",
        }
