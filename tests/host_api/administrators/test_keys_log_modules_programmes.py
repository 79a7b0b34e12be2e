"""API keys, the audit log, modules and programmes."""

import asyncio
import base64
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from host_api.core.access.modules import known_modules
from host_api.core.access.permissions import Action, Module
from host_api.core.access.users import User
from host_api.core.audit import SEALED_PREFIX, AuditEntry
from host_api.core.clock import utc_now
from host_api.core.encryption.sealed_field import sealed_field_of
from host_api.core.feed_position import FeedPosition
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.administrators.modules import logic as modules_logic
from host_api.services.administrators.modules.page_help import example_of, operations, page_help
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import (
    MANAGER,
    OWNER,
    READER,
    add_user,
    client_with,
    log_in,
    logged_in,
    problem,
)
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio

DOCS = Path(__file__).parents[3] / "docs"

PROGRAMME = {
    "code": "books",
    "name": "Books",
    "mode": "sandbox",
    "owner": {"username": "reza", "display_name": "Reza"},
}


class TestKeys:
    async def test_a_key_is_shown_once_works_and_is_revoked(self, api: RunningApi) -> None:
        wanted = {"name": "shop", "permissions": ["members:read"]}
        made = await post(api, "/v1/api-keys", wanted)
        headers = {"X-API-Key": str(made["key"])}
        assert (await api.client.get("/v1/members", headers=headers)).status_code == 200
        assert (await api.client.get("/v1/cards", headers=headers)).status_code == 403
        path = f"/v1/api-keys/{made['key_id']}"
        shown = await get(api, path)
        assert (shown["state"], "key" in shown) == ("active", False)
        assert str(made["key"]).rpartition("_")[2] not in str(await get(api, "/v1/audit"))
        for _ in range(2):
            assert (await post(api, f"{path}/revocation", None, 200))["state"] == "revoked"
        assert (await api.client.get("/v1/members", headers=headers)).status_code == 401
        listed = items_of(await get(api, "/v1/api-keys"))
        assert [entry["name"] for entry in listed] == ["shop", "first key"]
        assert problem(await api.client.get("/v1/api-keys/00000000")) == (404, "api-key-not-found")

    async def test_a_key_holds_no_more_than_its_maker_and_has_a_future(self, api: RunningApi) -> None:
        role = {"name": "Keys", "permissions": ["api_keys:*", "members:read"]}
        await post(api, "/v1/roles", role)
        async with logged_in(api, "sara", "Keys") as client:
            cases: list[tuple[dict[str, object], tuple[int, str]]] = [
                ({"permissions": ["*"]}, (403, "beyond-your-permissions")),
                ({"permissions": ["members:write"]}, (403, "beyond-your-permissions")),
                ({"permissions": []}, (422, "validation-failed")),
                ({"permissions": ["x:read"]}, (422, "validation-failed")),
                ({"expires_at": (utc_now() - timedelta(days=1)).isoformat()}, (422, "expiry-past")),
            ]
            for change, outcome in cases:
                wanted = {"name": "k", "permissions": ["members:read"]} | change
                assert problem(await client.post("/v1/api-keys", json=wanted)) == outcome
            first = items_of(await get(api, "/v1/api-keys"))[0]["key_id"]
            refused = await client.post(f"/v1/api-keys/{first}/revocation")
            assert problem(refused) == (403, "beyond-your-permissions")


class TestAuditLog:
    async def test_it_tells_who_changed_what(self, api: RunningApi) -> None:
        user_id = await add_user(api.runtime, "sara")
        async with client_with(api, await log_in(api, "sara")) as client:
            request_id = "6F1C1D0E-9A52-4D6E-8F0E-2B7C0C7F5A11"
            role = {"name": "Desk", "permissions": []}
            made = await client.post("/v1/roles", json=role, headers={"X-Request-Id": request_id})
            assert made.headers["x-request-id"] == request_id.lower()
        await post(api, "/v1/members", {"name": "Reza"})
        everything = items_of(await get(api, "/v1/audit"))
        assert [(entry["action"], entry["table_name"]) for entry in everything] == [
            ("create", "members"),
            ("create", "roles"),
            ("login", "logins"),
        ]
        entry = everything[1]
        assert (entry["caller_kind"], entry["caller_id"], entry["caller_name"]) == (
            "user",
            str(user_id),
            "sara",
        )
        assert entry["request_id"] == request_id.lower()
        for query in (
            {"table_name": "roles"},
            {"table_name": "roles", "row_key": entry["row_key"]},
            {"caller_id": str(user_id), "action": "create"},
            {"request_id": request_id.lower()},
            {"at_from": entry["at"], "at_before": everything[0]["at"]},
        ):
            assert items_of(await get(api, "/v1/audit", **query)) == [entry], query
        later = (utc_now() + timedelta(hours=1)).isoformat()
        assert items_of(await get(api, "/v1/audit", at_from=later)) == []
        assert await get(api, f"/v1/audit/{entry['id']}") == entry

    async def test_sealed_values_open_in_one_entry_for_who_may(self, api: RunningApi) -> None:
        assert sealed_field_of("users", "totp_secret") == "users.totp_secret"
        sealed = api.runtime.vault.cipher.seal(FIRST_PROGRAMME, "users.totp_secret", 7, "0912")
        text = SEALED_PREFIX + base64.b64encode(sealed).decode()
        async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
            session.add(
                AuditEntry(
                    at=utc_now(),
                    caller_kind="system",
                    caller_id="job",
                    caller_name="job",
                    request_id=None,
                    action="update",
                    table_name="users",
                    row_key="7",
                    before={"totp_secret": text, "username": text, "display_name": "plain"},
                    after={"totp_secret": SEALED_PREFIX + "!", "version": 2},
                )
            )
        entry = items_of(await get(api, "/v1/audit"))[0]
        closed = {"totp_secret": "sealed", "username": "sealed", "display_name": "plain"}
        assert (entry["before"], entry["after"]) == (closed, {"totp_secret": "sealed", "version": 2})
        path = f"/v1/audit/{entry['id']}"
        assert (await get(api, path))["before"] == closed | {"totp_secret": "0912"}
        async with logged_in(api, "boss", MANAGER) as client:  # who reads, and does not approve
            assert (await client.get(path)).json()["before"] == closed


class TestModules:
    async def test_every_module_has_titles_and_help(self, api: RunningApi) -> None:
        listed = items_of(await get(api, "/v1/modules"))
        assert [module["name"] for module in listed] == list(known_modules().by_name)
        for module in listed:
            for text in ("title", "help"):
                assert module[text], module["name"]
                assert re.search("[آ-ی]", str(module[f"{text}_fa"])), module["name"]
            assert module["is_on"]
        audit = await get(api, "/v1/modules/audit")
        assert audit.items() >= listed[[m["name"] for m in listed].index("audit")].items()
        assert audit["operations"]
        assert problem(await api.client.get("/v1/modules/nothing")) == (404, "module-not-found")
        assert set(page_help()) >= set(known_modules().by_name)

    def test_help_leads_to_operations_an_example_and_the_handbook(self) -> None:
        assert set(page_help()) == set(operations()) == set(known_modules().by_name)
        for name, texts in page_help().items():
            page, _, section = texts.documentation.partition("#")
            lines = (DOCS / page).read_text("utf-8").splitlines()
            headings = {line.lstrip("# ").lower().replace(",", "").replace(" ", "-") for line in lines}
            assert not section or section in headings, texts.documentation
            example = example_of(operations()[name])
            if any(each.example for each in operations()[name]):
                assert isinstance(example.example, dict), name
        assert sum(len(listed) for listed in operations().values()) > 700

    async def test_help_is_searched_in_both_languages(self, api: RunningApi) -> None:
        for query, expected in (
            ("گردونه", "wheels"),
            ("كتابخانه", "library"),
            ("wheel spin", "wheels"),
            ("/v1/blog/posts", "blog"),
            ("Enrol", "learning"),
        ):
            found = [module["name"] for module in items_of(await get(api, "/v1/modules", q=query))]
            assert expected in found, query
            assert len(found) < 20
        assert items_of(await get(api, "/v1/modules", q="؟")) == []

    async def test_a_needed_module_stays_on(self, api: RunningApi) -> None:
        refused = await api.client.put("/v1/modules/members/switch", json={"is_on": False})
        assert problem(refused) == (409, "module-needed")
        assert (await api.client.put("/v1/modules/members/switch", json={"is_on": True})).status_code == 200

    async def test_an_optional_module_goes_off_and_on(
        self, api: RunningApi, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spare = Module("spare", "Spare", "یدکی")
        registry = known_modules()
        grown = type(registry)(
            {**registry.by_name, "spare": spare},
            {**registry.permissions, "spare": [str(spare.may(Action.READ))]},
        )
        monkeypatch.setattr(modules_logic, "known_modules", lambda: grown)
        help_texts = {**page_help(), "spare": page_help()["audit"]}
        monkeypatch.setattr(modules_logic, "page_help", lambda: help_texts)
        listed = {**operations(), "spare": operations()["audit"]}
        monkeypatch.setattr(modules_logic, "operations", lambda: listed)
        for is_on in (False, False, True, True):
            answer = await api.client.put("/v1/modules/spare/switch", json={"is_on": is_on})
            assert (answer.status_code, answer.json()["is_on"]) == (200, is_on)
            me = await get(api, "/v1/auth/me")
            assert me["switched_off_modules"] == ([] if is_on else ["spare"])
        actions = [entry["action"] for entry in items_of(await get(api, "/v1/audit"))]
        assert actions == ["delete", "create"]


class TestProgrammes:
    async def test_a_new_programme_stands_by_itself(self, api: RunningApi) -> None:
        made = await post(api, "/v1/programmes", PROGRAMME)
        assert (made["mode"], made["status"], made["owner_username"]) == ("sandbox", "active", "reza")
        tokens = await log_in(api, "reza", str(made["first_password"]))
        async with client_with(api, tokens) as client:
            me = (await client.get("/v1/auth/me")).json()
            assert (me["programme"], me["mode"]) == (made["id"], "sandbox")
            wanted = {"current_password": made["first_password"], "new_password": "another long secret"}
            assert (await client.post("/v1/auth/password", json=wanted)).status_code == 204
            roles = (await client.get("/v1/roles")).json()["items"]
            assert [role["name"].split(" ·")[0] for role in roles] == [
                OWNER,
                MANAGER,
                "Cashier supervisor",
                READER,
            ]
            supervisor = (await client.get("/v1/roles")).json()["items"][2]
            assert {"shifts:write", "operators:write"} <= set(supervisor["permissions"])
            begun = await client.post("/v1/auth/totp", json={"current_password": "another long secret"})
            assert begun.status_code == 200  # its keys are held already
            assert (await client.get("/v1/status")).json()["feed"]["position"] == 0
            assert (await client.get("/v1/members")).json()["items"] == []
            for method, path, body in (
                ("GET", "/v1/programmes", None),
                ("GET", "/v1/programmes/1", None),
                ("POST", "/v1/programmes", PROGRAMME),
                ("PUT", "/v1/programmes/1/status", {"status": "suspended"}),
            ):
                assert problem(await client.request(method, path, json=body)) == (403, "not-permitted")
            assert len((await client.get("/v1/users")).json()["items"]) == 1
        entry = items_of(await get(api, "/v1/audit", table_name="programmes"))[0]
        assert (entry["action"], entry["row_key"]) == ("create", str(made["id"]))
        assert str(made["first_password"]) not in str(entry)
        async with api.runtime.database.reading(int(str(made["id"]))) as session:
            assert await session.scalar(select(FeedPosition.position)) == 0
            assert (await session.scalars(select(User.username))).all() == ["reza"]

    async def test_codes_and_owners_are_unique(self, api: RunningApi) -> None:
        await add_user(api.runtime, "sara")
        owner = {"username": "sara", "display_name": "Sara"}
        refused = await api.client.post("/v1/programmes", json=PROGRAMME | {"owner": owner})
        assert problem(refused) == (409, "username-taken")
        others = [{"username": f"u{number}x", "display_name": "U"} for number in range(3)]
        answers = await asyncio.gather(
            *(api.client.post("/v1/programmes", json=PROGRAMME | {"owner": other}) for other in others)
        )
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
        assert len(items_of(await get(api, "/v1/programmes", mode="sandbox"))) == 1

    async def test_two_at_once_both_have_their_keys(self, api: RunningApi) -> None:
        wanted = [
            PROGRAMME | {"code": f"club{number}", "owner": {"username": f"own{number}", "display_name": "O"}}
            for number in range(3)
        ]
        made = await asyncio.gather(*(post(api, "/v1/programmes", body) for body in wanted))
        for programme in made:
            api.runtime.vault.cipher.require_keys(int(str(programme["id"])))

    async def test_a_suspended_programme_serves_nobody(self, api: RunningApi) -> None:
        made = await post(api, "/v1/programmes", PROGRAMME)
        first = str(made["first_password"])
        tokens = await log_in(api, "reza", first)
        path = f"/v1/programmes/{made['id']}/status"
        assert (await api.client.put(path, json={"status": "suspended"})).json()["status"] == "suspended"
        await log_in(api, "reza", first, 401)
        async with client_with(api, tokens) as client:
            assert (await client.get("/v1/auth/me")).status_code == 401
        assert (await api.client.put(path, json={"status": "active"})).status_code == 200
        await log_in(api, "reza", first)
        refused = await api.client.put("/v1/programmes/1/status", json={"status": "suspended"})
        assert problem(refused) == (409, "first-programme-needed")
        assert problem(await api.client.put("/v1/programmes/99/status", json={"status": "active"})) == (
            404,
            "programme-not-found",
        )
