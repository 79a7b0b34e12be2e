"""Webhooks and events over the API."""

import json
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, text

from host_api.core.application import create_runtime
from host_api.core.audit import AuditEntry
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.webhook_receiver import Receiver

pytestmark = pytest.mark.anyio


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[RunningApi]:
    """The API, which may send to this machine."""
    async with running_api(create_runtime(settings.model_copy(update={"webhook_loopback": True}))) as running:
        yield running


async def _subscribe(api: RunningApi, url: str, *event_types: str, **more: object) -> dict[str, object]:
    return await post(api, "/v1/webhooks", {"url": url, "event_types": list(event_types) or ["*"], **more})


async def _events(api: RunningApi, count: int, **query: object) -> list[dict[str, object]]:
    """The events found, once there are as many as expected."""
    found: list[dict[str, object]] = []

    async def are_there() -> bool:
        found[:] = items_of(await get(api, "/v1/events", **query))
        return len(found) >= count

    await eventually(are_there)
    return found


async def test_every_service_tells_what_it_did(api: RunningApi) -> None:
    member = await post(api, "/v1/members", {"name": "Sara", "mobile": "09123456789", "tier": "gold"})
    card = await post(api, "/v1/cards", {"member_id": member["id"]})
    merchant = await post(api, "/v1/merchants", {"merchant_id": "SHOP01", "name": "Corner"})
    branch = await post(api, f"/v1/merchants/{merchant['id']}/branches", {"name": "One"})
    await post(api, "/v1/terminals", {"terminal_id": "TERM0001", "branch_id": branch["id"]})
    await post(api, "/v1/merchants", {"merchant_id": "SHOP01", "name": "Again"}, 409)
    events = await _events(api, 5)
    assert [(event["sequence"], event["type"], event["subject"]) for event in events] == [
        (1, "member.joined", {"kind": "member", "id": str(member["id"])}),
        (2, "card.issued", {"kind": "card", "id": str(card["id"])}),
        (3, "merchant.registered", {"kind": "merchant", "id": str(merchant["id"])}),
        (4, "branch.opened", {"kind": "branch", "id": str(branch["id"])}),
        (5, "terminal.registered", {"kind": "terminal", "id": "TERM0001"}),
    ]
    told = json.dumps(events)
    for personal in ("Sara", "9123456789", str(card["number"]), "Corner"):
        assert personal not in told
    assert await get(api, f"/v1/events/{events[1]['id']}") == events[1]
    assert (await api.client.get("/v1/events/evt_" + "0" * 24)).status_code == 404


async def test_events_can_be_polled(api: RunningApi) -> None:
    for name in ("a", "b", "c"):
        await post(api, "/v1/members", {"name": name})
    await post(api, "/v1/cards", {})
    everything = await _events(api, 4)
    assert await _events(api, 2, from_sequence=3) == everything[2:]
    assert await _events(api, 1, type="card.issued") == everything[3:]
    assert await _events(api, 1, subject_kind="member", subject_id=2) == everything[1:2]
    page = await get(api, "/v1/events", limit=3)
    rest = await get(api, "/v1/events", limit=3, cursor=page["next_cursor"])
    assert items_of(page) + items_of(rest) == everything
    assert items_of(await get(api, "/v1/events", sort="-id")) == everything[::-1]
    latest = str(everything[-1]["timestamp"])
    assert items_of(await get(api, "/v1/events", **{"from": "2100-01-01T00:00:00Z"})) == []
    assert len(items_of(await get(api, "/v1/events", to=latest))) < 4


async def test_the_catalogue_has_schemas_and_examples(api: RunningApi) -> None:
    kinds = items_of(await get(api, "/v1/event-types"))
    joined = next(kind for kind in kinds if kind["name"] == "member.joined")
    schema = joined["payload_schema"]
    assert isinstance(schema, dict)
    assert set(schema["properties"]) == {"member_id", "tier", "joined_via"}
    assert joined["example"] == {"member_id": 12, "tier": "initial", "joined_via": "app"}


async def test_a_test_reaches_the_webhook_and_only_it(api: RunningApi) -> None:
    async with Receiver() as receiver, Receiver() as other:
        webhook = await _subscribe(api, receiver.url, "card.issued")
        await _subscribe(api, other.url)
        trial = await post(api, f"/v1/webhooks/{webhook['id']}/test", None, 202)
        await eventually(lambda: len(receiver.received) == 1)
        assert receiver.received[0].verify(str(webhook["secret"]))["type"] == "webhook.tested"
        assert receiver.received[0].message_id == trial["event_id"]

        async def is_logged() -> bool:
            return len(items_of(await get(api, f"/v1/webhooks/{webhook['id']}/attempts"))) == 1

        await eventually(is_logged)
        (attempt,) = items_of(await get(api, f"/v1/webhooks/{webhook['id']}/attempts"))
        assert (attempt["event_id"], attempt["status"], attempt["error"]) == (trial["event_id"], 204, None)
        (delivery,) = items_of(await get(api, f"/v1/webhooks/{webhook['id']}/deliveries", state="delivered"))
        assert (delivery["event_type"], delivery["attempts"]) == ("webhook.tested", 1)
    assert other.received == []


async def test_one_event_a_period_and_what_was_missed_are_replayed(api: RunningApi) -> None:
    async with Receiver() as receiver:
        await post(api, "/v1/members", {"name": "a"})
        await post(api, "/v1/cards", {})
        await post(api, "/v1/members", {"name": "b"})
        events = await _events(api, 3)
        webhook = await _subscribe(api, receiver.url, "member.joined")
        path = f"/v1/webhooks/{webhook['id']}/replay"
        one = {"replay": {"what": "event", "event_id": events[0]["id"]}}
        assert await post(api, path, one, 202) == {"deliveries": 1}
        await eventually(lambda: len(receiver.accepted) == 1)
        period = {"what": "period", "from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}
        assert await post(api, path, {"replay": period}, 202) == {"deliveries": 2}
        await eventually(lambda: len(receiver.accepted) >= 3)
        assert set(receiver.accepted) == {events[0]["id"], events[2]["id"]}
        assert await post(api, path, {"replay": {"what": "parked"}}, 202) == {"deliveries": 0}
        backwards = {"what": "period", "from": "2100-01-01T00:00:00Z", "to": "2020-01-01T00:00:00Z"}
        await post(api, path, {"replay": backwards}, 422)
        await post(api, path, {"replay": {"what": "event", "event_id": "evt_" + "0" * 24}}, 404)
        await post(api, path, {"replay": {"what": "all"}}, 422)


async def test_two_secrets_sign_during_a_rotation(api: RunningApi) -> None:
    async with Receiver() as receiver:
        webhook = await _subscribe(api, receiver.url)
        path = f"/v1/webhooks/{webhook['id']}"
        renewed = await post(api, f"{path}/secret", {})
        await post(api, f"{path}/test", None, 202)
        await eventually(lambda: len(receiver.received) == 1)
        for secret in (webhook["secret"], renewed["secret"]):
            receiver.received[0].verify(str(secret))
        last = await post(api, f"{path}/secret", {"overlap_hours": 0})
        assert last["old_secret_until"] is None
        await post(api, f"{path}/test", None, 202)
        await eventually(lambda: len(receiver.received) == 2)
        receiver.received[1].verify(str(last["secret"]))
        assert " " not in receiver.received[1].headers["webhook-signature"]


async def test_secrets_and_headers_are_shown_once_and_kept_sealed(api: RunningApi) -> None:
    headers = {"Authorization": "Bearer very-hidden"}
    webhook = await _subscribe(api, "https://shop.example/", headers=headers)
    assert str(webhook["secret"]).startswith("whsec_")
    shown = await get(api, f"/v1/webhooks/{webhook['id']}")
    assert "secret" not in shown
    assert shown["header_names"] == ["Authorization"]
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        entries = [str(entry.after) for entry in await session.scalars(select(AuditEntry))]
        kept = [str(row) for row in await session.execute(text("SELECT * FROM webhooks"))]
    assert entries
    for place in (*entries, *kept, json.dumps(shown)):
        assert "very-hidden" not in place
        assert str(webhook["secret"]) not in place


async def test_a_webhook_is_changed_and_deleted_by_who_has_seen_it(api: RunningApi) -> None:
    answer = await api.client.post(
        "/v1/webhooks", json={"url": "https://shop.example/", "event_types": ["member.joined"]}
    )
    path, first = f"/v1/webhooks/{answer.json()['id']}", answer.headers["etag"]
    seen = await api.client.get(path)
    assert seen.headers["etag"] == first
    changed = await api.client.patch(path, json={"is_active": False}, headers={"If-Match": first})
    assert (changed.status_code, changed.json()["is_active"]) == (200, False)
    stale = await api.client.patch(path, json={"description": "x"}, headers={"If-Match": first})
    assert stale.status_code == 412
    assert (await api.client.patch(path, json={"description": "x"})).status_code == 422
    await post(api, f"{path}/test", None, 409)
    await post(api, f"{path}/replay", {"replay": {"what": "parked"}}, 409)
    assert len(items_of(await get(api, "/v1/webhooks", is_active="false"))) == 1
    assert items_of(await get(api, "/v1/webhooks", is_active="true")) == []
    second = {"If-Match": changed.headers["etag"]}
    assert (await api.client.delete(path, headers={"If-Match": first})).status_code == 412
    assert (await api.client.delete(path, headers=second)).status_code == 204
    assert (await api.client.get(path)).status_code == 404
    assert (await api.client.delete(path, headers=second)).status_code == 404


HARMFUL: list[dict[str, object]] = [
    {"url": "http://shop.example/"},
    {"url": "https://10.0.0.1/"},
    {"event_types": ["member.exploded"]},
    {"event_types": []},
    {"description": "two\nlines"},
    {"headers": {"Host": "elsewhere"}},
    {"headers": {"Webhook-Id": "mine"}},
    {"headers": {"X-A": "1", "x-a": "2"}},
    {"headers": {"X-A": "1\r\nX-B: 2"}},
    {"headers": {"X A": "1"}},
    {"headers": {"X-A": ""}},
    {"headers": {f"X-{number}": "1" for number in range(11)}},
    {"secret": "mine"},
]


async def test_what_could_do_harm_is_refused(api: RunningApi) -> None:
    for changes in HARMFUL:
        body = {"url": "https://shop.example/", "event_types": ["*"], **changes}
        errors = (await post(api, "/v1/webhooks", body, 422))["errors"]
        assert isinstance(errors, list)
        assert str(errors[0]["field"]).startswith(next(iter(changes))), changes
    assert items_of(await get(api, "/v1/webhooks")) == []


async def test_the_status_tells_depth_and_lag(api: RunningApi) -> None:
    async with Receiver(lambda count: "500") as receiver:
        await _subscribe(api, receiver.url)
        await post(api, "/v1/members", {"name": "a"})

        async def is_retrying() -> bool:
            events = (await get(api, "/v1/status"))["events"]
            assert isinstance(events, dict)
            return bool(events["retrying"] == 1 and events["unpublished"] == events["lag_ms"] == 0)

        await eventually(is_retrying)
