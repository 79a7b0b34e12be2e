"""Logging in: tokens, their renewal and its abuse, lock-out, and unknown users treated like known ones."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from host_api.core.access import login
from host_api.core.access.authentication import caller_of_token
from host_api.core.access.credentials import CredentialKind, new_credential
from host_api.core.access.login_problems import LoginEnded, LoginFailed
from host_api.core.access.users import Login, User
from host_api.core.audit import AuditEntry
from host_api.core.clock import utc_now
from host_api.core.errors import Unauthorised
from host_api.core.passwords import Passwords
from host_api.core.programmes import FIRST_PROGRAMME, Programme
from host_api.core.runtime import Runtime
from tests.host_api.people import (
    CHEAP,
    PASSWORD,
    add_user,
    ask_tokens,
    attempt_of,
    client_with,
    log_in,
    problem,
    renew,
)
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio

NOW = utc_now()


async def test_a_login_gives_tokens_that_open_what_the_role_may(api: RunningApi) -> None:
    await add_user(api.runtime, "sara", "Read only")
    answer = await ask_tokens(api, grant_type="password", username=" SARA ", password=PASSWORD, scope="x")
    tokens = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 900)
    async with client_with(api, tokens) as client:
        assert (await client.get("/v1/members")).status_code == 200
        assert problem(await client.post("/v1/members", json={"name": "n"})) == (403, "not-permitted")
        me = (await client.get("/v1/auth/me")).json()
    assert (me["username"], me["kind"], me["programme_code"]) == ("sara", "user", "club")
    assert "members:read" in me["permissions"] and "members:write" not in me["permissions"]
    async with client_with(api, {"access_token": tokens["refresh_token"]}) as client:
        assert (await client.get("/v1/auth/me")).status_code == 401


async def test_a_key_can_ask_who_it_is_and_has_no_account(api: RunningApi) -> None:
    me = (await api.client.get("/v1/auth/me")).json()
    assert (me["kind"], me["name"], me["username"]) == ("api_key", "first key", None)
    for method, path, body in (
        ("GET", "/v1/auth/logins", None),
        ("POST", "/v1/auth/logout", None),
        ("POST", "/v1/auth/password", {"current_password": "x", "new_password": "y"}),
    ):
        assert problem(await api.client.request(method, path, json=body)) == (403, "users-only")


async def test_refusals_are_all_the_same(api: RunningApi) -> None:
    await add_user(api.runtime, "sara")
    for username, password in (("sara", "wrong"), ("nobody", PASSWORD), ("سارا'--", "\0")):
        answer = await ask_tokens(api, 401, grant_type="password", username=username, password=password)
        assert problem(answer) == (401, "login-failed")
        assert answer.json()["error"] == "invalid_grant"
        assert answer.headers["www-authenticate"].startswith("Bearer ")


async def test_malformed_forms_are_refused_without_a_try(api: RunningApi) -> None:
    forms: list[dict[str, str]] = [
        {},
        {"grant_type": "client_credentials"},
        {"grant_type": "password", "username": "sara"},
        {"grant_type": "password", "password": PASSWORD},
        {"grant_type": "password", "username": "sara", "password": "x" * 257},
        {"grant_type": "refresh_token"},
    ]
    for form in forms:
        assert PASSWORD not in (await ask_tokens(api, 422, **form)).text


async def test_a_blocked_user_and_one_of_a_suspended_programme_stay_out(runtime: Runtime) -> None:
    tokens = await login.log_in(runtime, attempt_of("sara"), NOW)
    async with runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(User).values(status="blocked"))
    await _is_out(runtime, tokens)
    async with runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(User).values(status="active"))
        await session.execute(update(Programme).values(status="suspended"))
    await _is_out(runtime, tokens)


async def _is_out(runtime: Runtime, tokens: login.Tokens) -> None:
    with pytest.raises(LoginFailed):
        await login.log_in(runtime, attempt_of("sara"), NOW)
    with pytest.raises(LoginEnded):
        await login.renew(runtime, tokens.refresh.text, None, NOW)
    with pytest.raises(Unauthorised):
        await caller_of_token(runtime.database, tokens.access.text)


async def test_renewal_replaces_both_tokens(api: RunningApi) -> None:
    await add_user(api.runtime, "sara")
    first = await log_in(api, "sara")
    second = await renew(api, first["refresh_token"])
    assert first["access_token"] != second["access_token"]
    for tokens, status in ((first, 401), (second, 200)):
        async with client_with(api, tokens) as client:
            assert (await client.get("/v1/auth/me")).status_code == status
    assert await renew(api, second["refresh_token"])


@pytest.mark.parametrize("renewals", [1, 2, 5])
async def test_an_old_refresh_token_ends_the_login(api: RunningApi, renewals: int) -> None:
    """However often it was replaced meanwhile: the thief may have been first, and quick."""
    await add_user(api.runtime, "sara")
    stolen = await log_in(api, "sara")
    tokens = stolen
    for _ in range(renewals):
        tokens = await renew(api, tokens["refresh_token"])
    refused = await renew(api, stolen["refresh_token"], 401)
    assert refused["type"] == "urn:vafa:problem:login-ended"
    await renew(api, tokens["refresh_token"], 401)
    async with client_with(api, tokens) as client:
        assert (await client.get("/v1/auth/me")).status_code == 401
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        actions = list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["login", "reuse"]


async def test_a_made_up_token_does_not_end_a_login(runtime: Runtime) -> None:
    tokens = await login.log_in(runtime, attempt_of("sara"), NOW)
    made_up = new_credential(CredentialKind.REFRESH, tokens.refresh.credential_id)
    for text in (made_up.text, "", "refresh_", tokens.access.text, tokens.refresh.text + "0"):
        with pytest.raises(LoginEnded):
            await login.renew(runtime, text, None, NOW)
    assert await login.renew(runtime, tokens.refresh.text, None, NOW)


async def test_of_two_renewals_at_once_one_wins_and_the_login_ends(api: RunningApi) -> None:
    await add_user(api.runtime, "sara")
    tokens = await log_in(api, "sara")
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    answers = await asyncio.gather(*(api.client.post("/v1/auth/token", data=form) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    await renew(api, winner["refresh_token"], 401)


async def test_tokens_expire(runtime: Runtime) -> None:
    tokens = await login.log_in(runtime, attempt_of("sara"), NOW - login.ACCESS_VALID_FOR)
    with pytest.raises(Unauthorised):
        await caller_of_token(runtime.database, tokens.access.text)
    late = NOW - login.ACCESS_VALID_FOR + login.REFRESH_VALID_FOR
    with pytest.raises(LoginEnded):
        await login.renew(runtime, tokens.refresh.text, None, late)
    renewed = await login.renew(runtime, tokens.refresh.text, None, late - timedelta(seconds=1))
    assert (await caller_of_token(runtime.database, renewed.access.text)).name == "sara"


async def test_no_login_lasts_for_ever(runtime: Runtime) -> None:
    tokens = await login.log_in(runtime, attempt_of("sara"), NOW)
    now, step = NOW, login.REFRESH_VALID_FOR - timedelta(hours=1)
    while now + step < NOW + login.LONGEST_LOGIN:
        now += step
        tokens = await login.renew(runtime, tokens.refresh.text, None, now)
    with pytest.raises(LoginEnded):
        await login.renew(runtime, tokens.refresh.text, None, NOW + login.LONGEST_LOGIN)


async def test_logins_of_a_user_are_bounded(runtime: Runtime) -> None:
    first = await login.log_in(runtime, attempt_of("sara"), NOW)
    for number in range(login.MOST_LOGINS):
        await login.log_in(runtime, attempt_of("sara"), NOW + timedelta(seconds=number + 1))
    with pytest.raises(LoginEnded):
        await login.renew(runtime, first.refresh.text, None, NOW)
    much_later = NOW + timedelta(days=60)
    await login.log_in(runtime, attempt_of("sara"), much_later)
    async with runtime.database.reading(FIRST_PROGRAMME) as session:
        assert len(list(await session.scalars(select(Login)))) == 1


async def test_own_logins_are_listed_and_ended(api: RunningApi) -> None:
    await add_user(api.runtime, "sara")
    await add_user(api.runtime, "reza")
    here, there, other = await log_in(api, "sara"), await log_in(api, "sara"), await log_in(api, "reza")
    async with client_with(api, here) as client:
        listed = (await client.get("/v1/auth/logins")).json()["items"]
        assert [entry["is_this_one"] for entry in listed].count(True) == 1
        ids = {tokens["access_token"].split("_")[1]: tokens for tokens in (here, there, other)}
        assert {entry["login_id"] for entry in listed} == {*ids} - {other["access_token"].split("_")[1]}
        for login_id, status in ((there["access_token"].split("_")[1], 204), ("0" * 16, 404)):
            assert (await client.delete(f"/v1/auth/logins/{login_id}")).status_code == status
        foreign = other["access_token"].split("_")[1]
        assert problem(await client.delete(f"/v1/auth/logins/{foreign}")) == (404, "login-not-found")
        await renew(api, there["refresh_token"], 401)
        assert (await client.post("/v1/auth/logout")).status_code == 204
        assert (await client.get("/v1/auth/me")).status_code == 401
    await renew(api, here["refresh_token"], 401)
    await renew(api, other["refresh_token"])


async def test_a_hash_of_other_costs_is_replaced_at_login(runtime: Runtime) -> None:
    other = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    async with runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(User).values(password_hash=other.hash(PASSWORD)))
    await login.log_in(runtime, attempt_of("sara"), NOW)
    async with runtime.database.reading(FIRST_PROGRAMME) as session:
        user = (await session.scalars(select(User))).one()
    assert not CHEAP.check_needs_rehash(user.password_hash)
    assert (user.version, user.last_login_at) == (1, NOW)


async def test_a_password_changed_while_it_is_compared_lets_nobody_in(runtime: Runtime) -> None:
    class Slow(PasswordHasher):
        """Lets the test change the row while it computes."""

        def __init__(self, change: asyncio.Event, go: asyncio.Event, loop: asyncio.AbstractEventLoop) -> None:
            super().__init__(time_cost=1, memory_cost=8, parallelism=1)
            self.change, self.go, self.loop = change, go, loop

        def verify(self, stored: str | bytes, password: str | bytes) -> Literal[True]:
            self.loop.call_soon_threadsafe(self.change.set)
            asyncio.run_coroutine_threadsafe(self.go.wait(), self.loop).result(30)
            return super().verify(stored, password)

    begun, go = asyncio.Event(), asyncio.Event()
    passwords = Passwords(Slow(begun, go, asyncio.get_running_loop()))
    slow = replace(runtime, passwords=passwords)
    attempt = asyncio.create_task(login.log_in(slow, attempt_of("sara"), NOW))
    await asyncio.wait_for(begun.wait(), 60)
    async with runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(User).values(password_hash=CHEAP.hash("another one")))
    go.set()
    with pytest.raises(LoginFailed):
        await attempt
    passwords.close()


async def test_nothing_secret_is_logged_or_audited(api: RunningApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "host_api")
    await add_user(api.runtime, "sara")
    tokens = await log_in(api, "sara")
    await log_in(api, "sara", "a wrong secret", 401)
    again = await renew(api, tokens["refresh_token"])
    await renew(api, tokens["refresh_token"], 401)
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        entries = list(await session.scalars(select(AuditEntry)))
    written = caplog.text + "".join(f"{vars(entry)}" for entry in entries)
    assert "refresh token of user" in caplog.text
    texts = [*tokens.values(), *again.values()]
    issued = [text.rpartition("_")[2] for text in texts if isinstance(text, str) and "_" in text]
    assert len(issued) == 4
    for secret in (PASSWORD, "a wrong secret", *issued):
        assert secret not in written
