"""Users and roles: who may make, change and block whom, and that an owner is always left."""

import asyncio

import httpx2
import pytest
from sqlalchemy import func, select

from host_api.core.access.users import Role, User
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.administrators.users.schemas import MOST_AT_ONCE
from tests.host_api.people import (
    MANAGER,
    OWNER,
    READER,
    SUPERVISOR,
    add_user,
    client_with,
    log_in,
    logged_in,
    problem,
    renew,
)
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio


async def _role_id(api: RunningApi, name: str) -> int:
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        return await session.scalar(select(Role.id).where(Role.name.startswith(name))) or 0


async def _etag(client: httpx2.AsyncClient, path: str) -> dict[str, str]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return {"If-Match": answer.headers["etag"]}


async def _change(client: httpx2.AsyncClient, path: str, body: object) -> httpx2.Response:
    return await client.patch(path, json=body, headers=await _etag(client, path))


async def test_a_user_is_made_read_changed_and_listed(api: RunningApi) -> None:
    roles = [await _role_id(api, name) for name in (OWNER, READER)]
    wanted = {"username": "Sara.K", "display_name": "سارا كريمي", "role_id": roles[1]}
    made = await api.client.post("/v1/users", json=wanted)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    user = made.json()
    assert (user["username"], user["display_name"]) == ("sara.k", "سارا کریمی")
    assert user["has_first_password"] and not user["has_totp"]
    path = f"/v1/users/{user['id']}"
    shown = (await api.client.get(path)).json()
    assert "first_password" not in shown and "password_hash" not in shown
    changed = await _change(api.client, path, {"display_name": "Sara", "role_id": roles[0]})
    assert (changed.json()["display_name"], changed.json()["role_id"]) == ("Sara", roles[0])
    listed = (await api.client.get("/v1/users", params={"username": "sar", "role_id": roles[0]})).json()
    assert [entry["id"] for entry in listed["items"]] == [user["id"]]
    assert (await api.client.get("/v1/users", params={"status": "blocked"})).json()["items"] == []


async def test_users_that_cannot_be_made(api: RunningApi) -> None:
    await add_user(api.runtime, "sara")
    right = {"username": "reza", "display_name": "Reza", "role_id": await _role_id(api, READER)}
    cases: list[tuple[dict[str, object], tuple[int, str]]] = [
        ({"username": "SARA"}, (409, "username-taken")),
        ({"role_id": 999}, (422, "role-unknown")),
        ({"username": "س‌ارا"}, (422, "validation-failed")),
        ({"username": "a b c"}, (422, "validation-failed")),
        ({"display_name": " "}, (422, "validation-failed")),
        ({"password": "secret word"}, (422, "validation-failed")),
    ]
    for change, outcome in cases:
        assert problem(await api.client.post("/v1/users", json=right | change)) == outcome


async def test_a_name_of_another_programme_is_taken_too(api: RunningApi) -> None:
    wanted = {
        "code": "two",
        "name": "two",
        "mode": "sandbox",
        "owner": {"username": "reza", "display_name": "R"},
    }
    assert (await api.client.post("/v1/programmes", json=wanted)).status_code == 201
    user = {"username": "reza", "display_name": "Reza", "role_id": await _role_id(api, READER)}
    assert problem(await api.client.post("/v1/users", json=user)) == (409, "username-taken")


async def test_a_blocked_user_is_out_at_once_and_for_good(api: RunningApi) -> None:
    user_id = await add_user(api.runtime, "sara", READER)
    tokens = await log_in(api, "sara")
    assert (await _change(api.client, f"/v1/users/{user_id}", {"status": "blocked"})).status_code == 200
    async with client_with(api, tokens) as client:
        assert (await client.get("/v1/auth/me")).status_code == 401
    await log_in(api, "sara", status=401)
    assert (await _change(api.client, f"/v1/users/{user_id}", {"status": "active"})).status_code == 200
    await renew(api, tokens["refresh_token"], 401)
    await log_in(api, "sara")


async def test_a_reset_gives_a_first_password_and_ends_lock_out_and_logins(api: RunningApi) -> None:
    user_id = await add_user(api.runtime, "sara", READER)
    tokens = await log_in(api, "sara")
    for _ in range(5):
        await log_in(api, "sara", "wrong", 401)
    await log_in(api, "sara", status=429)
    reset = await api.client.post(f"/v1/users/{user_id}/password-reset", json={})
    first = reset.json()["first_password"]
    await renew(api, tokens["refresh_token"], 401)
    await log_in(api, "sara", status=401)
    assert (await log_in(api, "sara", first))["must_change_password"]


async def test_two_changes_of_one_user_do_not_overwrite_each_other(api: RunningApi) -> None:
    path = f"/v1/users/{await add_user(api.runtime, 'sara')}"
    headers = await _etag(api.client, path)
    answers = await asyncio.gather(
        *(api.client.patch(path, json={"display_name": name}, headers=headers) for name in ("A", "B", "C"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]
    assert (await api.client.patch(path, json={})).status_code == 422


async def test_logging_in_does_not_change_the_etag(api: RunningApi) -> None:
    path = f"/v1/users/{await add_user(api.runtime, 'sara')}"
    headers = await _etag(api.client, path)
    await log_in(api, "sara")
    assert (await api.client.patch(path, json={"display_name": "S"}, headers=headers)).status_code == 200


class TestBulk:
    async def test_many_are_made_at_once(self, api: RunningApi) -> None:
        role_id = await _role_id(api, READER)
        users = [
            {"username": f"user{number:03d}", "display_name": f"U {number}", "role_id": role_id}
            for number in range(MOST_AT_ONCE)
        ]
        made = await api.client.post("/v1/users/bulk", json={"users": users})
        assert made.status_code == 201, made.text
        items = made.json()["items"]
        assert [item["username"] for item in items] == [user["username"] for user in users]
        assert len({item["first_password"] for item in items}) == MOST_AT_ONCE
        await log_in(api, "user499", items[499]["first_password"])

    async def test_each_bad_row_is_named_and_nothing_is_done(self, api: RunningApi) -> None:
        await add_user(api.runtime, "sara")
        reader, owner = await _role_id(api, READER), await _role_id(api, OWNER)
        rows = [("fine", reader), ("sara", reader), ("twice", reader), ("twice", reader), ("lost", 999)]
        rows += [("above", owner)]
        users = [{"username": name, "display_name": name, "role_id": role} for name, role in rows]
        async with logged_in(api, "boss", MANAGER) as client:
            refused = await client.post("/v1/users/bulk", json={"users": users})
        assert problem(refused) == (422, "validation-failed")
        assert [(error["field"], error["code"]) for error in refused.json()["errors"]] == [
            ("users.1.username", "username-taken"),
            ("users.3.username", "username-taken"),
            ("users.4.role_id", "role-unknown"),
            ("users.5.role_id", "beyond-your-permissions"),
        ]
        async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
            assert await session.scalar(select(func.count(User.id))) == 2

    async def test_too_few_or_many_are_refused(self, api: RunningApi) -> None:
        for count in (0, MOST_AT_ONCE + 1):
            users = [
                {"username": f"u{number:03d}", "display_name": "U", "role_id": 1} for number in range(count)
            ]
            assert (await api.client.post("/v1/users/bulk", json={"users": users})).status_code == 422


class TestPower:
    async def test_nobody_gives_what_he_lacks(self, api: RunningApi) -> None:
        async with logged_in(api, "boss", MANAGER) as client:
            wanted = {"username": "new", "display_name": "N", "role_id": await _role_id(api, OWNER)}
            beyond = (403, "beyond-your-permissions")
            assert problem(await client.post("/v1/users", json=wanted)) == beyond
            user_id = await add_user(api.runtime, "reader", READER)
            change = {"role_id": await _role_id(api, OWNER)}
            assert problem(await _change(client, f"/v1/users/{user_id}", change)) == beyond
            change = {"role_id": await _role_id(api, SUPERVISOR)}
            assert (await _change(client, f"/v1/users/{user_id}", change)).status_code == 200

    async def test_nobody_touches_who_has_more(self, api: RunningApi) -> None:
        owner_id = await add_user(api.runtime, "owner")
        async with logged_in(api, "boss", MANAGER) as client:
            beyond = (403, "beyond-your-permissions")
            path = f"/v1/users/{owner_id}"
            assert problem(await client.post(f"{path}/password-reset", json={})) == beyond
            assert problem(await _change(client, path, {"status": "blocked"})) == beyond
            assert problem(await _change(client, path, {"display_name": "x"})) == beyond

    @pytest.mark.parametrize("change", ["block", "demote", "weaken"])
    async def test_the_last_owner_stays(self, api: RunningApi, change: str) -> None:
        first = await add_user(api.runtime, "first")
        second = await add_user(api.runtime, "second")
        reader, owner = await _role_id(api, READER), await _role_id(api, OWNER)
        body: dict[str, object] = {"status": "blocked"} if change == "block" else {"role_id": reader}
        assert (await _change(api.client, f"/v1/users/{first}", body)).status_code == 200
        if change == "weaken":
            refused = await _change(api.client, f"/v1/roles/{owner}", {"permissions": ["members:*"]})
        else:
            refused = await _change(api.client, f"/v1/users/{second}", body)
        assert problem(refused) == (409, "last-owner")
        async with client_with(api, await log_in(api, "second")) as client:
            assert (await client.get("/v1/roles")).status_code == 200

    async def test_two_owners_cannot_block_each_other_at_once(self, api: RunningApi) -> None:
        ids = [await add_user(api.runtime, name) for name in ("first", "second")]
        clients = [client_with(api, await log_in(api, name)) for name in ("first", "second")]
        headers = [await _etag(api.client, f"/v1/users/{user_id}") for user_id in ids]
        answers = await asyncio.gather(
            clients[0].patch(f"/v1/users/{ids[1]}", json={"status": "blocked"}, headers=headers[1]),
            clients[1].patch(f"/v1/users/{ids[0]}", json={"status": "blocked"}, headers=headers[0]),
        )
        for client in clients:
            await client.aclose()
        assert sorted(answer.status_code for answer in answers) in ([200, 401], [200, 409])
        async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
            active = await session.scalar(select(func.count(User.id)).where(User.status == "active"))
        assert active == 1


class TestRoles:
    async def test_a_role_is_made_changed_and_deleted(self, api: RunningApi) -> None:
        made = await api.client.post(
            "/v1/roles",
            json={"name": "Desk", "permissions": ["members:write", "members:read", "members:read"]},
        )
        role = made.json()
        assert role["permissions"] == ["members:read", "members:write"]
        path = f"/v1/roles/{role['id']}"
        user_id = await add_user(api.runtime, "sara", "Desk")
        async with client_with(api, await log_in(api, "sara")) as client:
            assert (await client.get("/v1/cards")).status_code == 403
            changed = await _change(api.client, path, {"permissions": ["cards:read"]})
            assert changed.json()["permissions"] == ["cards:read"]
            assert (await client.get("/v1/cards")).status_code == 200
            assert (await client.get("/v1/members")).status_code == 403
        headers = await _etag(api.client, path)
        assert problem(await api.client.delete(path, headers=headers)) == (409, "role-in-use")
        await _change(api.client, f"/v1/users/{user_id}", {"role_id": await _role_id(api, READER)})
        assert (await api.client.delete(path, headers=headers)).status_code == 204
        assert problem(await api.client.get(path)) == (404, "role-not-found")

    async def test_roles_that_cannot_be_made(self, api: RunningApi) -> None:
        right = {"name": "Desk", "permissions": ["members:read"]}
        for name in ("nothing:read", "members:eat", "members", ""):
            refused = await api.client.post("/v1/roles", json=right | {"permissions": [name]})
            assert problem(refused) == (422, "validation-failed")
            assert refused.json()["errors"][0]["code"] == "permission_unknown"
        refused = await api.client.post("/v1/roles", json=right | {"name": "Owner · مالک"})
        assert problem(refused) == (409, "role-name-taken")

    async def test_a_role_holds_no_more_than_its_maker(self, api: RunningApi) -> None:
        await api.client.post(
            "/v1/roles", json={"name": "Half", "permissions": ["roles:*", "members:read", "members:write"]}
        )
        async with logged_in(api, "half", "Half") as client:
            for permissions, status in (
                (["members:read"], 201),
                (["members:*"], 403),
                (["cards:read"], 403),
                (["*"], 403),
            ):
                wanted = {"name": f"Of {permissions}", "permissions": permissions}
                assert (await client.post("/v1/roles", json=wanted)).status_code == status, permissions
            owner = f"/v1/roles/{await _role_id(api, OWNER)}"
            assert problem(await _change(client, owner, {"name": "Mine"})) == (403, "beyond-your-permissions")
