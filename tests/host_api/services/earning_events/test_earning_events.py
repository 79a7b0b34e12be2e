"""Events that earn: what is taken, what is refused and why, approval, imports and their corrections."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from host_api.core.clock import utc_now
from host_api.core.settings import Settings
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import new_key, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.acceptance_bench import change
from tests.host_api.services.bulk_calls import csv_of, give_file
from tests.host_api.services.earning_events.earning_calls import (
    JOURNEY,
    Json,
    add_member,
    add_type,
    event_in,
    journey,
    refusal,
    run_job,
    tell,
    use_template,
)
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

EVENTS = "/v1/earning-events"


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running


async def test_the_rules_get_trigger_amount_and_metrics(api: RunningApi, peer: SwitchPeer) -> None:
    member = await add_member(api)
    weight: Json = {"name": "weight", "title": "w", "title_fa": "و", "kind": "number", "is_required": False}
    attributes = JOURNEY["attributes"]
    assert isinstance(attributes, list)
    await add_type(api, attributes=[*attributes, weight | {"maximum": 99999, "is_metric": True}])
    told = await tell(api, journey(member, "A1", attributes={"miles": 1250, "weight": 30}))
    assert (told["state"], told["amount"], told["points"]) == ("earned", 1250, 0)
    (posted,) = peer.standing
    tags = {tag: posted.message.tag_text(48, tag) for tag in ("DF14", "DF15", "DF20")}
    assert tags == {"DF14": "miles=1250;weight=30", "DF15": "custom:boarding", "DF20": f"{member:012d}"}
    assert posted.message.text(4) == "000000001250"
    assert told["rrn"] == posted.rrn
    page = items_of(await get(api, EVENTS, event="custom:boarding", member_id=member, state="earned"))
    assert [row["id"] for row in page] == [told["id"]]


async def test_what_is_not_taken_and_why(api: RunningApi, peer: SwitchPeer) -> None:
    member, gold = await add_member(api), await add_member(api, tier="gold")
    kind = await add_type(
        api,
        sources=["partner"],
        late_days=2,
        caps=[{"times": 1, "per": "day"}],
        audience={"f": "tier", "op": "in", "v": ["gold"]},
    )
    now = utc_now()
    wanted = journey(gold, "B1")
    for event, code in (
        (wanted | {"event": "trade"}, "event-type-not-found"),
        (wanted | {"source": "app"}, "earning-event-source"),
        (wanted | {"member_id": 999}, "member-not-found"),
        (wanted | {"member_id": member}, "earning-event-audience"),
        (wanted | {"occurred_at": (now - timedelta(days=3)).isoformat()}, "earning-event-time"),
        (wanted | {"occurred_at": (now + timedelta(hours=1)).isoformat()}, "earning-event-time"),
        (wanted | {"attributes": {}}, "validation-failed"),
        (wanted | {"attributes": {"miles": 20_001}}, "validation-failed"),
        (wanted | {"attributes": {"miles": 5, "kilos": 1}}, "validation-failed"),
        (wanted | {"attributes": {"miles": "many"}}, "validation-failed"),
        (wanted | {"event": "purchase"}, "validation-failed"),
    ):
        assert await refusal(api, EVENTS, event) == code, event
    assert (await tell(api, wanted))["state"] == "earned"
    assert await refusal(api, EVENTS, wanted) == "earning-event-told-already"
    assert await refusal(api, EVENTS, wanted | {"reference": "B2"}) == "earning-event-too-often"
    # The day before has room of its own.
    yesterday = (now - timedelta(days=1)).isoformat()
    assert (await tell(api, journey(gold, "B3", occurred_at=yesterday)))["state"] == "earned"
    path = f"/v1/earning-event-types/{kind['id']}"
    stopped = await change(api, "PATCH", path, {"is_active": False, "partner_keys": ["no-such-key"]})
    assert stopped.status_code == 200
    assert await refusal(api, EVENTS, wanted | {"reference": "B4"}) == "earning-events-not-taken"
    assert (await change(api, "PATCH", path, {"is_active": True})).status_code == 200
    assert await refusal(api, EVENTS, wanted | {"reference": "B4"}) == "earning-event-source"
    assert len(peer.standing) == 2


async def test_a_person_approves_first(api: RunningApi, peer: SwitchPeer) -> None:
    member = await add_member(api)
    await add_type(api, needs_moderation=True)
    clerk = await new_key(api, "clerk", "earning_events:act")
    answer = await api.client.post(EVENTS, json=journey(member, "C1"), headers=clerk)
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    waiting = answer.json()
    path = f"{EVENTS}/{waiting['id']}"
    assert (await api.client.post(f"{path}/approval", headers=clerk)).status_code == 403
    assert (await post(api, f"{path}/approval?wait_s=10", None))["state"] == "earned"
    assert await refusal(api, f"{path}/rejection", {"reason": "too late"}) == "earning-event-not-waiting"
    other = await tell(api, journey(member, "C2"), 202)
    rejected = await post(api, f"{EVENTS}/{other['id']}/rejection", {"reason": "سفر لغو شد"})
    assert (rejected["state"], rejected["text_fa"]) == ("rejected", "سفر لغو شد")
    third = await tell(api, journey(member, "C3"), 202)
    gone = await post(api, f"{EVENTS}/{third['id']}/taking-back", {"reason": "mistake"})
    assert gone["state"] == "withdrawn"
    assert await refusal(api, f"{EVENTS}/{third['id']}/taking-back", {"reason": "again"}) == (
        "earning-event-nothing-to-take-back"
    )
    assert len(peer.standing) == 1


async def test_what_the_switch_refuses_is_told(api: RunningApi, peer: SwitchPeer) -> None:
    member = await add_member(api)
    await add_type(api)
    peer.refuse = lambda message: "57" if message.tag_text(48, "DF15") else None
    told = await tell(api, journey(member, "D1"))
    assert (told["state"], told["response_code"], told["refusal"]) == ("refused", "57", "switch")


async def test_templates_make_types_once(api: RunningApi) -> None:
    page = items_of(await get(api, "/v1/earning-event-templates"))
    names = [str(row["template"]) for row in page]
    assert names == ["review", "referral", "visit", "survey", "praise", "journey", "trade", "bank"]
    for name in names:
        await use_template(api, name)
    assert await refusal(api, "/v1/earning-event-templates", {"template": "bank"}) == "event-type-exists"
    introducer, friend = await add_member(api), await add_member(api)
    referral = journey(introducer, "E1", event="referral", source="app", attributes={"friend": friend})
    assert (await tell(api, referral))["state"] == "earned"
    # The same friend once more, whatever the reference.
    assert await refusal(api, EVENTS, referral | {"reference": "E2"}) == "earning-event-told-already"
    for schema in (
        {"metric": "kilos"},
        {"unique_by": ["kilos"]},
        {"attributes": [*_long_metrics()], "metric": None},
        {"code": "custom:far-too-long"},
    ):
        body = JOURNEY | {"code": "custom:other"} | schema
        assert await refusal(api, "/v1/earning-event-types", body) == "validation-failed", schema


def _long_metrics() -> list[Json]:
    number: Json = {"title": "n", "title_fa": "ن", "kind": "number", "is_metric": True}
    return [number | {"name": f"a_long_name_{index}"} for index in range(3)]


async def _import(api: RunningApi, content: bytes, on_existing: str = "fail") -> Json:
    file_id = await give_file(api, content, "events")
    begun = await post(
        api, f"{EVENTS}/imports", {"file_id": file_id, "on_existing": on_existing, "repeat": True}, 202
    )
    found: Json = {}

    async def is_over() -> bool:
        nonlocal found
        found = await get(api, f"{EVENTS}/imports/{begun['id']}")
        return found["state"] in {"refused", "done", "failed"}

    await eventually(is_over)
    return found


async def test_imports_send_each_event_once_and_correct_it(api: RunningApi, peer: SwitchPeer) -> None:
    member = await add_member(api)
    await add_type(api, caps=[{"times": 3, "per": "lifetime"}])
    headers = ("رویداد", "شمارهٔ عضویت", "شمارهٔ پیگیری", "زمان", "ویژگی‌ها")
    today = "1405/09/01"
    rows = [
        headers,
        ("custom:boarding", str(member), "F1", today, "miles=۵۰۰"),
        ("custom:boarding", str(member), "F2", "", "miles=600"),
        ("custom:boarding", "999", "F3", "", "miles=700"),
        ("custom:boarding", str(member), "F4", "", "kilos=700"),
    ]
    done = await _import(api, csv_of(rows))
    assert (done["state"], done["created"]) == ("done", 4), done
    await run_job(api, "send-earning-events")
    events = {str(row["reference"]): row for row in items_of(await get(api, EVENTS))}
    await event_in(api, events["F1"]["id"], "earned")
    await event_in(api, events["F2"]["id"], "earned")
    refused = [(events[name]["state"], events[name]["refusal"]) for name in ("F3", "F4")]
    assert refused == [("refused", "member-not-found"), ("refused", "validation-failed")]
    assert "attributes.kilos" in str(events["F4"]["text"])
    assert sorted(posted.message.text(4)[-4:] for posted in peer.standing) == ["0500", "0600"]

    # The same file again changes nothing; a correction tells anew, a withdrawal only takes back.
    again = await _import(api, csv_of(rows), "skip")
    assert (again["state"], again["created"], again["skipped"]) == ("done", 0, 4)
    wanted = {"event": "custom:boarding", "member_id": member}
    corrections = [
        wanted | {"reference": "F1", "attributes": {"miles": 550}},
        wanted | {"reference": "F2", "is_withdrawn": True},
        wanted | {"reference": "F4", "attributes": {"miles": 70}},
    ]
    fixed = await _import(api, json.dumps(corrections).encode(), "replace")
    assert (fixed["state"], fixed["replaced"]) == ("done", 3), fixed
    await run_job(api, "send-earning-events")
    latest = items_of(await get(api, EVENTS, reference="F1"))
    assert [(row["revision"], row["amount"]) for row in latest] == [(2, 550), (1, 500)]
    await event_in(api, latest[0]["id"], "earned")
    # No feed tells here what the journal has: both go back as soon as one does.
    assert {row["state"] for row in (latest[1], *items_of(await get(api, EVENTS, reference="F2")))} == {
        "taking_back"
    }
    (repaired,) = [row for row in items_of(await get(api, EVENTS, reference="F4")) if row["revision"] == 2]
    await event_in(api, repaired["id"], "earned")
    unchanged = await _import(api, json.dumps(corrections[:1]).encode(), "replace")
    assert (unchanged["state"], unchanged["replaced"]) == ("done", 1)
    assert len(items_of(await get(api, EVENTS, reference="F1"))) == 2
