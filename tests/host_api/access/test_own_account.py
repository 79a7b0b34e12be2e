"""One's own account: password, authenticator and recovery codes."""

import asyncio
import base64
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlalchemy import select, update

from host_api.core.access import login
from host_api.core.access.first_password import VALID_FOR, is_first_password, new_first_password
from host_api.core.access.login_problems import CodeNeeded, LoginFailed
from host_api.core.access.users import TOTP_SECRET, User
from host_api.core.audit import AuditEntry
from host_api.core.clock import utc_now
from host_api.core.one_time_codes import RECOVERY_CODES, STEP_S, hotp_code
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.administrators.users.logic import user_values
from tests.host_api.people import (
    PASSWORD,
    add_user,
    ask_tokens,
    client_with,
    log_in,
    logged_in,
    problem,
    renew,
)
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio

NEW = "another long secret"


def _code(secret: bytes, steps: int = 0) -> str:
    return hotp_code(secret, int(utc_now().timestamp()) // STEP_S + steps)


async def _secret(api: RunningApi) -> bytes:
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        user = (await session.scalars(select(User))).one()
        return bytes.fromhex(TOTP_SECRET.open(api.runtime.vault.cipher, user) or "")


async def _let_codes_be_used_again(api: RunningApi) -> None:
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(User).values(totp_last_step=0))


async def _set_up(api: RunningApi, client: httpx2.AsyncClient) -> tuple[bytes, list[str]]:
    """An authenticator for the client's user: the secret and the recovery codes."""
    begun = await client.post("/v1/auth/totp", json={"current_password": PASSWORD})
    assert begun.status_code == 200, begun.text
    query = parse_qs(urlsplit(begun.json()["uri"]).query)
    assert query["secret"][0].rstrip("=") == begun.json()["secret"].replace(" ", "").rstrip("=")
    secret = base64.b32decode(query["secret"][0])
    confirmed = await client.post("/v1/auth/totp/confirmation", json={"code": _code(secret)})
    assert confirmed.status_code == 200, confirmed.text
    assert await _secret(api) == secret
    await _let_codes_be_used_again(api)
    return secret, confirmed.json()["recovery_codes"]


async def test_a_changed_password_ends_all_other_logins(api: RunningApi) -> None:
    await add_user(api.runtime, "sara")
    here, there = await log_in(api, "sara"), await log_in(api, "sara")
    async with client_with(api, here) as client:
        wanted = {"current_password": PASSWORD, "new_password": NEW}
        assert (await client.post("/v1/auth/password", json=wanted)).status_code == 204
        assert (await client.get("/v1/members")).status_code == 200
    await renew(api, there["refresh_token"], 401)
    await renew(api, here["refresh_token"])
    await log_in(api, "sara", PASSWORD, 401)
    await log_in(api, "sara", NEW)
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        entries = list(await session.scalars(select(AuditEntry).where(AuditEntry.table_name == "users")))
    assert [(entry.action, entry.caller_name) for entry in entries] == [("update", "sara")]
    assert entries[0].after is not None
    assert entries[0].after["password_hash"] == "…"


async def test_passwords_that_cannot_be_chosen(api: RunningApi) -> None:
    async with logged_in(api, "sara.owner") as client:
        for new in ("tiny1", "password1234", "sara.owner", ""):
            wanted = {"current_password": PASSWORD, "new_password": new}
            answer = await client.post("/v1/auth/password", json=wanted)
            assert problem(answer) == (422, "validation-failed")
            assert answer.json()["errors"][0]["field"] == "new_password"
            assert not new or new not in answer.text
    await log_in(api, "sara.owner")


async def test_of_two_changes_at_once_one_is_made(api: RunningApi) -> None:
    async with logged_in(api, "sara") as client:
        answers = await asyncio.gather(
            *(
                client.post("/v1/auth/password", json={"current_password": PASSWORD, "new_password": new})
                for new in (NEW, NEW + " too")
            )
        )
    codes = sorted(answer.status_code for answer in answers)
    assert codes in ([204, 403], [204, 412])


async def test_guessing_the_present_password_locks_out(api: RunningApi) -> None:
    async with logged_in(api, "sara") as client:
        wanted = {"current_password": "wrong", "new_password": NEW}
        codes = [problem(await client.post("/v1/auth/password", json=wanted)) for _ in range(6)]
    assert codes == [(403, "password-wrong")] * 5 + [(429, "login-locked")]


async def test_a_first_password_opens_only_the_choice_of_another(api: RunningApi) -> None:
    await add_user(api.runtime, "owner")
    async with client_with(api, await log_in(api, "owner")) as client:
        roles = (await client.get("/v1/roles")).json()["items"]
        wanted = {"username": "sara", "display_name": "Sara", "role_id": roles[0]["id"]}
        first = (await client.post("/v1/users", json=wanted)).json()["first_password"]
    assert re.fullmatch(r"[a-z2-7]{4}(-[a-z2-7]{4}){3}", first)
    tokens = await log_in(api, "sara", first.upper().replace("-", " "))
    assert tokens["must_change_password"]
    async with client_with(api, tokens) as client:
        assert problem(await client.get("/v1/members")) == (403, "password-change-needed")
        me = (await client.get("/v1/auth/me")).json()
        assert (me["permissions"], me["must_change_password"]) == ([], True)
        wanted = {"current_password": first, "new_password": NEW}
        assert (await client.post("/v1/auth/password", json=wanted)).status_code == 204
        assert (await client.get("/v1/members")).status_code == 200
    await log_in(api, "sara", first, 401)
    await log_in(api, "sara", NEW)


def test_a_first_password_ends() -> None:
    now = utc_now()
    first = new_first_password(now)
    values, _ = user_values("sara", "Sara", now)
    user = User(**(values | {"first_password_sha256": first.sha256}))
    assert is_first_password(user, first.text, now + VALID_FOR - timedelta(seconds=1))
    assert not is_first_password(user, first.text, now + VALID_FOR)
    assert not is_first_password(user, new_first_password(now).text, now)
    assert not is_first_password(None, first.text, now)
    user.first_password_sha256 = None
    assert not is_first_password(user, "", now)


async def test_a_login_asks_for_the_code_once_it_is_set_up(api: RunningApi) -> None:
    async with logged_in(api, "sara") as client:
        secret, _ = await _set_up(api, client)
        assert (await client.get("/v1/auth/me")).json()["recovery_codes_left"] == RECOVERY_CODES
    form = {"grant_type": "password", "username": "sara", "password": PASSWORD}
    missing = await ask_tokens(api, 401, **form)
    assert problem(missing) == (401, "totp-needed")
    assert "totp" in missing.headers["www-authenticate"]
    await ask_tokens(api, 401, **{**form, "password": "wrong", "totp": _code(secret)})
    wrong = await ask_tokens(api, 401, **form, totp="000000" if _code(secret) != "000000" else "000001")
    assert problem(wrong) == (401, "login-failed")
    await ask_tokens(api, 200, **form, totp=_code(secret))


async def test_asking_for_the_code_is_no_failure_and_guessing_it_is(api: RunningApi) -> None:
    async with logged_in(api, "sara") as client:
        secret, _ = await _set_up(api, client)
    form = {"grant_type": "password", "username": "sara", "password": PASSWORD}
    for _ in range(8):
        assert problem(await ask_tokens(api, 401, **form)) == (401, "totp-needed")
    wrong = "000000" if _code(secret) != "000000" else "000001"
    for _ in range(5):
        await ask_tokens(api, 401, **form, totp=wrong)
    assert problem(await ask_tokens(api, 429, **form, totp=_code(secret))) == (429, "login-locked")


async def test_a_code_works_once_also_for_two_at_once(api: RunningApi) -> None:
    async with logged_in(api, "sara") as client:
        secret, recovery = await _set_up(api, client)
    now = utc_now()
    code = hotp_code(secret, int(now.timestamp()) // STEP_S)
    for typed in (code, recovery[0].lower()):
        attempt = login.Attempt("sara", PASSWORD, typed, "192.0.2.1", None)
        outcomes = await asyncio.gather(
            *(login.log_in(api.runtime, attempt, now) for _ in range(2)), return_exceptions=True
        )
        kinds = sorted(type(outcome).__name__ for outcome in outcomes)
        assert kinds == ["LoginFailed", "Tokens"]
        with pytest.raises(LoginFailed):
            await login.log_in(api.runtime, attempt, now + timedelta(minutes=10))


async def test_a_code_before_the_last_used_is_refused(api: RunningApi) -> None:
    async with logged_in(api, "sara") as client:
        secret, _ = await _set_up(api, client)
    now = utc_now()
    step = int(now.timestamp()) // STEP_S
    newest = login.Attempt("sara", PASSWORD, hotp_code(secret, step + 1), "192.0.2.1", None)
    older = login.Attempt("sara", PASSWORD, hotp_code(secret, step), "192.0.2.1", None)
    await login.log_in(api.runtime, newest, now)
    with pytest.raises(LoginFailed):
        await login.log_in(api.runtime, older, now)


async def test_nothing_is_asked_before_the_secret_is_confirmed(api: RunningApi) -> None:
    async with logged_in(api, "sara") as client:
        wanted = {"code": "123456"}
        assert problem(await client.post("/v1/auth/totp/confirmation", json=wanted)) == (
            409,
            "totp-not-begun",
        )
        refused = await client.post("/v1/auth/totp", json={"current_password": "wrong"})
        assert problem(refused) == (403, "password-wrong")
        begun = await client.post("/v1/auth/totp", json={"current_password": PASSWORD})
        assert begun.headers["cache-control"] == "no-store"
        refused = await client.post("/v1/auth/totp/confirmation", json={"code": "abcdef"})
        assert problem(refused) == (422, "totp-code-wrong")
        await log_in(api, "sara")
        await _set_up(api, client)
        again = await client.post("/v1/auth/totp", json={"current_password": PASSWORD})
        assert problem(again) == (409, "totp-already-set-up")


async def test_an_authenticator_is_removed_with_password_and_code(api: RunningApi) -> None:
    async with logged_in(api, "sara") as client:
        secret, recovery = await _set_up(api, client)
        for password, code in (("wrong", _code(secret)), (PASSWORD, "999999x")):
            wanted = {"current_password": password, "code": code}
            refused = await client.post("/v1/auth/totp/removal", json=wanted)
            assert problem(refused) == (403, "password-wrong")
        wanted = {"current_password": PASSWORD, "code": recovery[3]}
        assert (await client.post("/v1/auth/totp/removal", json=wanted)).status_code == 204
    await log_in(api, "sara")


async def test_the_secret_is_sealed_and_hidden(api: RunningApi) -> None:
    async with logged_in(api, "sara") as client:
        secret, recovery = await _set_up(api, client)
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        user = (await session.scalars(select(User))).one()
        entries = list(await session.scalars(select(AuditEntry)))
    assert user.totp_secret is not None
    assert user.totp_unconfirmed is None
    assert secret not in user.totp_secret and secret.hex().encode() not in user.totp_secret
    written = "".join(f"{entry.before}{entry.after}" for entry in entries)
    assert "totp_secret" in written
    assert "sealed:" not in written
    for kept in user.recovery_sha256:
        assert kept not in written
    assert not any(code.replace(" ", "") in written for code in recovery)


async def test_a_code_that_is_missing_is_told_apart_only_after_the_password(api: RunningApi) -> None:
    async with logged_in(api, "sara") as client:
        await _set_up(api, client)
    now = utc_now()
    with pytest.raises(LoginFailed):
        await login.log_in(api.runtime, login.Attempt("sara", "wrong", None, "192.0.2.1", None), now)
    with pytest.raises(CodeNeeded):
        await login.log_in(api.runtime, login.Attempt("sara", PASSWORD, None, "192.0.2.1", None), now)
