"""Ways of joining: open and limited clubs, codes, fees, second persons, messages, and who could not join."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.events.models import Event
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.joining.models import Application
from host_api.services.joining.upkeep import JOINING_UPKEEP
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.core.jobs.working_jobs import Runners, tools_on
from tests.host_api.people import problem
from tests.host_api.points_bench import Person, person
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio

OPEN: dict[str, object] = {"kind": "open", "ways": ["counter", "app", "sms"], "sms_keyword": "۱"}
LIMITED: dict[str, object] = {
    "kind": "limited",
    "club_level": "agents",
    "ways": ["counter", "web"],
    "fee_rials": 5_000_000,
    "required_fields": ["national_id", "mobile"],
    "required_agreements": [0],
    "needs_approval": True,
}
AGENT: dict[str, object] = {
    "way": "counter",
    "club_level": "agents",
    "name": "رضا",
    "mobile": "09120000002",
    "national_id": "0013542419",
    "agreements": [0, 3],
}
APPLICATIONS = "/v1/joining/applications"


async def _policy(api: RunningApi, wanted: dict[str, object]) -> dict[str, object]:
    return await post(api, "/v1/joining/policies", wanted)


async def _attempts(api: RunningApi, **query: object) -> list[tuple[object, object, object]]:
    found = items_of(await get(api, "/v1/joining/failed-attempts", sort="id", **query))
    return [(row["way"], row["reason"], row["mobile"]) for row in found]


async def _code(api: RunningApi, mobile: str) -> str:
    """The code that the gateway would send."""
    texts = items_of(await get(api, "/v1/messages/texts"))
    (found,) = [row for row in texts if row["receiver"] == mobile]
    return str(found["text"]).split()[-1]


async def _age_codes(api: RunningApi, by: timedelta) -> None:
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        for application in await session.scalars(select(Application)):
            assert application.code_sent_at and application.code_expires_at
            application.code_sent_at -= by
            application.code_expires_at -= by


async def _told(api: RunningApi) -> list[str]:
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        return list(await session.scalars(select(Event.type).order_by(Event.id)))


async def test_an_open_club_takes_anybody_at_once(api: RunningApi) -> None:
    wanted = {"way": "counter", "name": "سارا", "mobile": "09120000001", "birth_date": "1370/01/05"}
    nobody = await api.client.post(APPLICATIONS, json=wanted)
    assert problem(nobody) == (404, "joining-policy-not-found")
    await _policy(api, OPEN)
    joined = await post(api, APPLICATIONS, wanted)
    assert (joined["state"], joined["name"]) == ("accepted", None)  # what was told is the member's now
    member = await get(api, f"/v1/members/{joined['member_id']}")
    assert (member["name"], member["joined_via"]) == ("سارا", "counter")
    assert (member["mobile"], member["birth_date"]) == ("+989120000001", "1991-03-25")
    again = await api.client.post(APPLICATIONS, json=wanted)
    assert problem(again) == (409, "joining-already-member")
    closed = await api.client.post(APPLICATIONS, json=wanted | {"way": "web", "mobile": "09120000003"})
    assert problem(closed) == (409, "joining-way-closed")
    assert await _attempts(api) == [
        ("counter", "joining-policy-not-found", "+989120000001"),
        ("counter", "joining-already-member", "+989120000001"),
        ("web", "joining-way-closed", "+989120000003"),
    ]
    assert await _told(api) == ["member.joined", "application.accepted"]


async def test_a_code_proves_the_number(api: RunningApi) -> None:
    await _policy(api, OPEN)
    wanted = {"way": "app", "name": "سارا", "mobile": "09120000001"}
    missing = await api.client.post(APPLICATIONS, json={"way": "app", "name": "سارا"})
    assert problem(missing) == (422, "joining-form-incomplete")
    assert [entry["field"] for entry in missing.json()["errors"]] == ["mobile"]
    first = await post(api, APPLICATIONS, wanted)
    assert (first["state"], first["mobile"], first["member_id"]) == ("unconfirmed", "+989120000001", None)
    path = f"{APPLICATIONS}/{first['id']}"
    assert problem(await api.client.post(f"{path}/code")) == (409, "joining-too-many-codes")
    code = await _code(api, "+989120000001")
    async with api.runtime.database.reading() as session:
        for table in ("waiting_texts", "membership_applications", "failed_joining_attempts", "audit_log"):
            rows = (await session.execute(text(f"SELECT * FROM {table}"))).all()
            assert code not in str(rows) and "9120000001" not in str(rows), table
    wrong = "000000" if code != "000000" else "000001"
    for _ in range(4):
        answer = await api.client.post(f"{path}/confirmation", json={"code": wrong})
        assert problem(answer) == (409, "joining-code-wrong")
    persian = code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    # The tries were counted though each was refused.
    assert problem(await api.client.post(f"{path}/confirmation", json={"code": wrong}))[0] == 409
    over = await api.client.post(f"{path}/confirmation", json={"code": persian})
    assert problem(over) == (409, "joining-code-over")
    await _age_codes(api, timedelta(minutes=1))
    assert (await post(api, f"{path}/code", None))["state"] == "unconfirmed"
    old = await _code(api, "+989120000001")
    await _age_codes(api, timedelta(minutes=3))
    assert (
        problem(await api.client.post(f"{path}/confirmation", json={"code": old}))[1] == "joining-code-over"
    )
    await post(api, f"{path}/code", None)
    code = await _code(api, "+989120000001")
    joined = await post(api, f"{path}/confirmation", {"code": code})
    assert (joined["state"], joined["confirmed_at"] is not None) == ("accepted", True)
    assert items_of(await get(api, "/v1/messages/texts")) == []
    used = await api.client.post(f"{path}/confirmation", json={"code": code})
    assert problem(used) == (409, "joining-application-state")
    assert (await get(api, f"/v1/members/{joined['member_id']}"))["joined_via"] == "app"
    attempts = await _attempts(api, way="app")
    assert attempts[0] == ("app", "joining-form-incomplete", None)
    assert len(attempts) == 8


async def test_who_has_not_proved_a_number_shuts_nobody_out(api: RunningApi) -> None:
    await _policy(api, OPEN)
    wanted = {"way": "app", "name": "n", "mobile": "09120000001"}
    first = await post(api, APPLICATIONS, wanted)
    flood = await api.client.post(APPLICATIONS, json=wanted)
    assert problem(flood) == (409, "joining-too-many-codes")
    assert (await get(api, f"{APPLICATIONS}/{first['id']}"))["state"] == "unconfirmed"
    await _age_codes(api, timedelta(minutes=1))
    second = await post(api, APPLICATIONS, wanted)
    assert (await get(api, f"{APPLICATIONS}/{first['id']}"))["state"] == "expired"
    code = await _code(api, "+989120000001")
    assert (await post(api, f"{APPLICATIONS}/{second['id']}/confirmation", {"code": code}))["member_id"] == 1


async def test_no_number_is_flooded_with_codes(api: RunningApi) -> None:
    await _policy(api, OPEN)
    statuses = []
    for _ in range(11):
        answer = await api.client.post(
            APPLICATIONS, json={"way": "app", "name": "n", "mobile": "09120000001"}
        )
        statuses.append(answer.status_code)
        await _age_codes(api, timedelta(minutes=1))
    assert statuses == [201] * 10 + [409]


async def test_a_limited_club_wants_the_long_form_the_fee_and_a_second_person(api: RunningApi) -> None:
    await _policy(api, LIMITED)
    asker: Person = await person(api, "asker", "joining:write", "joining:approve")
    approver: Person = await person(api, "approver", "joining:approve")
    short = await api.client.post(APPLICATIONS, json=AGENT | {"national_id": None, "agreements": [3]})
    assert [entry["field"] for entry in short.json()["errors"]] == ["national_id", "agreements"]
    waiting = await asker.post(APPLICATIONS, AGENT)
    assert (waiting["state"], waiting["fee_rials"], waiting["name"]) == ("waiting_fee", 5_000_000, "رضا")
    double = await api.client.post(APPLICATIONS, json=AGENT | {"mobile": "09120000007"})
    assert problem(double) == (409, "joining-application-pending")  # the same national id
    path = f"{APPLICATIONS}/{waiting['id']}"
    early = await api.client.post(f"{path}/approval", json={}, headers=approver.headers)
    assert problem(early) == (409, "joining-application-state")
    paid = await asker.post(f"{path}/fee", {"reference": "بانک 140512"})
    assert (paid["state"], paid["fee_reference"]) == ("waiting_approval", "بانک 140512")
    own = await api.client.post(f"{path}/approval", json={}, headers=asker.headers)
    assert problem(own) == (403, "second-person-needed")
    assert await _ids(api, state="waiting_approval") == [waiting["id"]]
    assert await _ids(api, mobile="09120000002") == [waiting["id"]]
    joined = await approver.post(f"{path}/approval", {"note": "مدارک دیده شد"})
    assert (joined["state"], joined["decided_by_name"]) == ("accepted", "approver")
    member = await get(api, f"/v1/members/{joined['member_id']}")
    assert (member["club_level"], member["agreements"]) == ("agents", [0, 3])
    types = [kind for kind in await _told(api) if kind.startswith("application")]
    assert types == ["application.received", "application.accepted"]


async def test_refused_and_withdrawn_applications_forget_what_was_told(api: RunningApi) -> None:
    await _policy(api, LIMITED)
    approver = await person(api, "approver", "joining:approve")
    first = await post(api, APPLICATIONS, AGENT)
    path = f"{APPLICATIONS}/{first['id']}"
    refused = await approver.post(f"{path}/refusal", {"reason": "مدارک ناقص است"})
    assert (refused["state"], refused["reason"], refused["name"]) == ("refused", "مدارک ناقص است", None)
    second = await post(api, APPLICATIONS, AGENT)
    withdrawn = await post(api, f"{APPLICATIONS}/{second['id']}/withdrawal", None)
    assert (withdrawn["state"], withdrawn["name"]) == ("withdrawn", None)
    (attempt,) = items_of(await get(api, "/v1/joining/failed-attempts", is_followed_up="false"))
    assert (attempt["reason"], attempt["name"], attempt["application_id"]) == ("refused", "رضا", first["id"])
    called = await post(api, f"/v1/joining/failed-attempts/{attempt['id']}/follow-up", {"note": "فردا می‌آید"})
    assert (called["is_followed_up"], called["followed_up_by"]) == (True, "first key")
    assert await _attempts(api, is_followed_up="false") == []


async def _ids(api: RunningApi, **query: object) -> list[object]:
    return [row["id"] for row in items_of(await get(api, APPLICATIONS, **query))]


async def test_a_message_with_the_keyword_joins_once(api: RunningApi) -> None:
    await _policy(api, OPEN)
    gateway = await person(api, "gateway", "sms_gateway:read", "sms_gateway:write")
    sms = {"message_id": "in-1", "sender": "09120000001", "text": " 1  سارا  احمدي"}
    joined = await gateway.post("/v1/joining/sms", sms)
    assert (joined["outcome"], joined["is_repeat"]) == ("joined", False)
    assert await gateway.post("/v1/joining/sms", sms) == joined | {"is_repeat": True}
    member = await get(api, f"/v1/members/{joined['member_id']}")
    assert (member["name"], member["joined_via"]) == ("سارا احمدی", "sms")
    nameless = await gateway.post(
        "/v1/joining/sms", sms | {"message_id": "in-2", "sender": "09120000002", "text": "١"}
    )
    assert (await get(api, f"/v1/members/{nameless['member_id']}"))["name"] == ""
    for message_id, changes, outcome in (
        ("in-3", {}, "joining-already-member"),
        ("in-4", {"text": "سلام"}, "unknown-keyword"),
        ("in-5", {"text": ""}, "unknown-keyword"),
    ):
        answer = await gateway.post("/v1/joining/sms", sms | changes | {"message_id": message_id})
        assert (answer["outcome"], answer["member_id"]) == (outcome, None)
    assert [reason for _, reason, _ in await _attempts(api, way="sms")] == [
        "joining-already-member",
        "unknown-keyword",
        "unknown-keyword",
    ]
    for path in ("/v1/members", APPLICATIONS):
        assert (await api.client.get(path, headers=gateway.headers)).status_code == 403


async def test_policies_don_t_contradict_themselves(api: RunningApi) -> None:
    made = await _policy(api, OPEN)
    wrong: tuple[dict[str, object], ...] = (
        {"kind": "open", "ways": [], "fee_rials": 5, "club_level": "x"},
        {"kind": "limited", "ways": ["sms"], "club_level": "x"},
        {
            "kind": "limited",
            "ways": ["sms"],
            "club_level": "x",
            "sms_keyword": "k",
            "required_fields": ["email"],
        },
    )
    for policy in wrong:
        answer = await api.client.post("/v1/joining/policies", json=policy)
        assert problem(answer) == (422, "joining-policy-contradicts")
    for policy in (OPEN | {"sms_keyword": "2"}, OPEN | {"club_level": "x", "sms_keyword": "1"}):
        assert problem(await api.client.post("/v1/joining/policies", json=policy))[0] == 409
    path = f"/v1/joining/policies/{made['id']}"
    changed = await api.client.patch(path, json={"ways": ["web"]}, headers={"If-Match": '"1"'})
    assert (changed.json()["ways"], changed.headers["etag"]) == (["web"], '"2"')
    assert problem(await api.client.patch(path, json={"ways": []}, headers={"If-Match": '"1"'}))[0] == 412


async def test_what_nobody_confirms_is_let_go(
    api: RunningApi, settings: Settings, database: Database
) -> None:
    await _policy(api, OPEN)
    ids = [
        (await post(api, APPLICATIONS, {"way": "app", "name": "n", "mobile": f"0912000000{number}"}))["id"]
        for number in range(3)
    ]
    async with database.writing(FIRST_PROGRAMME) as session:
        await session.execute(
            update(Application)
            .where(Application.id.in_(ids[:2]))
            .values(created_at=utc_now() - timedelta(days=2))
        )
    runners = Runners(await tools_on(database, settings), JOINING_UPKEEP)
    runners.clock.now = utc_now() + timedelta(minutes=10)
    await runners.enqueue(JOINING_UPKEEP.name)
    await runners.work_off(runners.new())
    assert await _ids(api, state="expired", sort="id") == ids[:2]
    assert await _ids(api, state="unconfirmed") == ids[2:]
    assert [reason for _, reason, _ in await _attempts(api)] == ["never-confirmed"] * 2
