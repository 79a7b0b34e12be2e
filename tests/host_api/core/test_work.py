"""What every endpoint has by standing on the frame: permissions, audit, idempotency."""

import asyncio

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy import func, select, update

from host_api.core.access.api_keys import ApiKey
from host_api.core.access.authentication import caller_of_request
from host_api.core.access.credentials import CredentialKind, new_credential
from host_api.core.access.login_routes import router as login_router
from host_api.core.access.module_switches import SwitchedOffModule
from host_api.core.access.open_routes import OPEN_TO_ANYBODY, OPEN_TO_EVERY_CALLER
from host_api.core.access.permissions import Action, Module
from host_api.core.audit import AuditEntry
from host_api.core.clock import utc_now
from host_api.core.idempotency import AnsweredRequest, ServiceRoute
from host_api.core.operation_names import API_PREFIX
from host_api.core.programmes import FIRST_PROGRAMME, Programme
from host_api.core.work import Reads, Writes
from host_api.services.catalogue import PERMITTED_ROUTERS
from host_api.services.members.models import Member
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio


async def _key(api: RunningApi, *permissions: str, programme: int = FIRST_PROGRAMME) -> str:
    """A key with these permissions."""
    key = new_credential(CredentialKind.API_KEY)
    async with api.runtime.database.writing(programme) as session:
        session.add(
            ApiKey(
                key_id=key.credential_id,
                secret_sha256=key.secret_sha256,
                name="test",
                permissions=list(permissions),
                created_at=utc_now(),
                expires_at=None,
                revoked_at=None,
            )
        )
    return key.text


def _needed(route: APIRoute) -> list[str]:
    """The permissions that a route's dependencies ask for, and whether it writes."""
    return [
        f"{type(dependency.call).__name__} {dependency.call.permission}"
        for dependency in route.dependant.dependencies
        if isinstance(dependency.call, Reads | Writes)
    ]


# What is asked is too much, or too secret, for an address.
READ_BY_POST = {
    "/groups/preview",
    "/messages/broadcasts/preview",
    "/member-scoring/models/{model_id}/trials",
    "/credit-packages/quotes",
    "/cards/lookup",
    "/card-batches/{batch_id}/download",
    "/shop/vouchers/lookup",
}
# What is sealed, as good as a card, or tried before it is changed, is for those alone who may change it.
READ_BY_MORE = {
    "/member-scoring/models/{model_id}/trials",
    "/cash-outs/batches/{batch_id}/file",
    "/coalition/clubs/{club_id}/letters",
    "/shop/orders/{order_id}/delivery",
    "/merchants/{id}/private-data",
    "/card-batches/{batch_id}/download",
    "/cards/{card_id}/moment-codes/{code_id}/image",
    "/cards/{card_id}/static-code/image",
}


def test_every_route_asks_for_one_permission() -> None:
    routes = [route for router in (*PERMITTED_ROUTERS, login_router) for route in router.routes]
    assert len(routes) > 30
    unasked = {*OPEN_TO_ANYBODY, *OPEN_TO_EVERY_CALLER}
    for route in routes:
        assert isinstance(route, ServiceRoute), route
        needed = _needed(route)
        path = route.path.removeprefix(API_PREFIX)
        names = {(method, path) for method in route.methods or ()}
        if names & unasked:
            assert not needed, path
            unasked -= names
            continue
        assert len(needed) == 1, path
        kind, permission = needed[0].split()
        is_get = route.methods == {"GET"}
        assert (kind == "Reads") == (is_get or path in READ_BY_POST), path
        is_open = kind == "Reads" and path not in READ_BY_MORE
        # Who acts for members reads by the same permission what they are shown.
        assert permission.endswith((":read", ":act") if kind == "Reads" else ":read") == is_open, path
    assert not unasked


def test_only_the_token_endpoint_serves_whoever_asks() -> None:
    def callers(dependant: Dependant) -> bool:
        return dependant.call is caller_of_request or any(callers(part) for part in dependant.dependencies)

    routes = [route for router in (*PERMITTED_ROUTERS, login_router) for route in router.routes]
    unknown = {
        (method, route.path.removeprefix(API_PREFIX))
        for route in routes
        if isinstance(route, APIRoute) and not callers(route.dependant)
        for method in route.methods or ()
    }
    assert unknown == OPEN_TO_ANYBODY


async def test_a_key_reaches_what_it_was_given(api: RunningApi) -> None:
    reader = {"X-API-Key": await _key(api, "members:read")}
    writer = {"X-API-Key": await _key(api, "members:*")}
    wanted = {"name": "Sara"}
    assert (await api.client.get("/v1/members", headers=reader)).status_code == 200
    refused = await api.client.post("/v1/members", json=wanted, headers=reader)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:vafa:problem:not-permitted")
    assert (await api.client.get("/v1/cards", headers=reader)).status_code == 403
    assert (await api.client.post("/v1/members", json=wanted, headers=writer)).status_code == 201
    assert (await api.client.get("/v1/cards", headers=writer)).status_code == 403


def test_permissions_include_what_they_say() -> None:
    members = Module("members", "", "")
    assert members.may(Action.READ).is_in({"members:read"})
    assert members.may(Action.READ).is_in({"members:*"})
    assert members.may(Action.READ).is_in({"*"})
    assert not members.may(Action.READ).is_in({"members:write", "cards:*", "member:*", "", "members"})


async def test_keys_end(api: RunningApi) -> None:
    headers = {"X-API-Key": await _key(api, "*")}
    assert (await api.client.get("/v1/members", headers=headers)).status_code == 200
    for change in ({"expires_at": utc_now()}, {"expires_at": None, "revoked_at": utc_now()}):
        async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
            await session.execute(update(ApiKey).where(ApiKey.name == "test").values(**change))
        assert (await api.client.get("/v1/members", headers=headers)).status_code == 401


async def test_programmes_are_apart_and_can_be_suspended(api: RunningApi) -> None:
    async with api.runtime.database.writing() as session:
        session.add(
            Programme(id=2, code="two", name="two", mode="live", status="active", created_at=utc_now())
        )
        await session.flush()
        await api.runtime.vault.add_programme(session, 2)
    other = {"X-API-Key": await _key(api, "*", programme=2)}
    mine = await post(api, "/v1/members", {"name": "Sara", "mobile": "09123456789"})
    assert (await api.client.get(f"/v1/members/{mine['id']}", headers=other)).status_code == 404
    listed = (await api.client.get("/v1/members", headers=other)).json()
    assert listed["items"] == []
    theirs = await api.client.post("/v1/members", json={"name": "Reza"}, headers=other)
    assert theirs.status_code == 201
    assert [item["name"] for item in items_of(await get(api, "/v1/members"))] == ["Sara"]
    # One number and one shop's code may be known in both.
    for headers in ({}, other):
        shop = {"merchant_id": "SHOP01", "name": "n"}
        assert (await api.client.post("/v1/merchants", json=shop, headers=headers)).status_code == 201
        card = {"number": "9364120000000007"}
        assert (await api.client.post("/v1/cards", json=card, headers=headers)).status_code == 201
    async with api.runtime.database.writing() as session:
        await session.execute(update(Programme).where(Programme.id == 2).values(status="suspended"))
    assert (await api.client.get("/v1/members", headers=other)).status_code == 401


async def test_a_module_can_be_switched_off(api: RunningApi) -> None:
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        session.add(SwitchedOffModule(module="members", since=utc_now()))
    assert (await api.client.get("/v1/members")).status_code == 200  # no club can do without its members


async def test_changes_are_audited_and_reading_is_not(api: RunningApi) -> None:
    member = await post(api, "/v1/members", {"name": "Sara", "tier": "gold"})
    await get(api, f"/v1/members/{member['id']}")
    await _key(api, "members:read")  # the system's own writing has no caller
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        entries = list(await session.scalars(select(AuditEntry).order_by(AuditEntry.id)))
    assert [(entry.action, entry.table_name, entry.row_key) for entry in entries] == [
        ("create", "members", str(member["id"]))
    ]
    entry = entries[0]
    assert entry.before is None
    assert entry.after is not None
    assert (entry.after["name"], entry.after["tier"], entry.caller_name) == ("Sara", "gold", "first key")


async def test_a_refused_write_leaves_no_entry(api: RunningApi) -> None:
    await post(api, "/v1/merchants", {"merchant_id": "SHOP01", "name": "n"})
    await post(api, "/v1/merchants", {"merchant_id": "SHOP01", "name": "n"}, 409)
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        assert await session.scalar(select(func.count(AuditEntry.id))) == 1


async def test_a_repeat_gets_the_same_answer_and_writes_once(api: RunningApi) -> None:
    headers = {"Idempotency-Key": "wish-0001"}
    first = await api.client.post("/v1/cards", json={}, headers=headers)
    again = await api.client.post("/v1/cards", json={}, headers=headers)
    assert (first.status_code, first.content) == (201, again.content)
    assert (again.status_code, again.headers["content-type"]) == (201, first.headers["content-type"])
    assert again.headers["idempotency-replayed"] == "true"
    assert len(items_of(await get(api, "/v1/cards"))) == 1
    other = await api.client.post("/v1/cards", json={"card_type": "GIFT"}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (409, "urn:vafa:problem:idempotency-key-used")
    elsewhere = await api.client.post("/v1/members", json={"name": "n"}, headers=headers)
    assert elsewhere.status_code == 409
    foreign = {"X-API-Key": await _key(api, "*")}
    assert (await api.client.post("/v1/cards", json={}, headers=headers | foreign)).content != first.content
    for wrong in ("short", "é" * 9, "x" * 65):
        answer = await api.client.post("/v1/cards", json={}, headers={b"Idempotency-Key": wrong.encode()})
        assert answer.status_code == 422


async def test_kept_answers_are_sealed(api: RunningApi) -> None:
    issued = await api.client.post("/v1/cards", json={}, headers={"Idempotency-Key": "wish-0004"})
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        kept = (await session.scalars(select(AnsweredRequest))).one()
    assert issued.json()["number"].encode() not in kept.body + kept.headers


async def test_repeats_at_the_same_time_write_once(api: RunningApi) -> None:
    headers = {"Idempotency-Key": "wish-0002"}
    answers = await asyncio.gather(
        *(api.client.post("/v1/members", json={"name": "Sara"}, headers=headers) for _ in range(8))
    )
    assert {answer.content for answer in answers} == {answers[0].content}
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        assert await session.scalar(select(func.count(Member.id))) == 1


async def test_a_refusal_leaves_the_key_free(api: RunningApi) -> None:
    headers = {"Idempotency-Key": "wish-0003"}
    card = {"member_id": 1}
    assert (await api.client.post("/v1/cards", json=card, headers=headers)).status_code == 404
    await post(api, "/v1/members", {"name": "Sara"})
    assert (await api.client.post("/v1/cards", json=card, headers=headers)).status_code == 201
