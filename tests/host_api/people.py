"""Users of the back office in the tests, and clients that have logged in as them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx2
from argon2 import PasswordHasher
from sqlalchemy import select

from host_api.core.access import login
from host_api.core.access.modules import known_modules
from host_api.core.access.role_templates import ensure_roles
from host_api.core.access.users import Role, User
from host_api.core.clock import utc_now
from host_api.core.passwords import Passwords
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.runtime import Runtime
from host_api.services.administrators.users.logic import user_values
from tests.host_api.running_api import NO_TLS, RunningApi

PASSWORD = "a long enough secret"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
OWNER, MANAGER, SUPERVISOR, READER = "Owner", "Manager", "Cashier supervisor", "Read only"


def with_cheap_passwords(runtime: Runtime) -> Runtime:
    """The same runtime, whose passwords take no time."""
    runtime.passwords.close()
    return replace(runtime, passwords=Passwords(CHEAP))


async def add_user(
    runtime: Runtime, username: str, role: str = OWNER, *, programme: int = FIRST_PROGRAMME
) -> int:
    """A user with `PASSWORD` and the template's role."""
    async with runtime.database.writing(programme) as session:
        await ensure_roles(session, known_modules, programme, utc_now())
        role_id = await session.scalar(select(Role.id).where(Role.name.startswith(role)))
        values, _ = user_values(username, username, utc_now())
        own = {"password_hash": CHEAP.hash(PASSWORD), "first_password_sha256": None}
        user = User(**(values | own | {"first_password_expires_at": None}), role_id=role_id)
        session.add(user)
        await session.flush()
        return user.id


async def ask_tokens(api: RunningApi, status: int = 200, **form: str) -> httpx2.Response:
    """The token endpoint's answer to a form."""
    answer = await api.client.post("/v1/auth/token", data=form)
    assert answer.status_code == status, answer.text
    return answer


async def log_in(
    api: RunningApi, username: str, password: str = PASSWORD, status: int = 200, **more: str
) -> dict[str, str]:
    """The parsed answer to a login."""
    form = {"grant_type": "password", "username": username, "password": password}
    answer: dict[str, str] = (await ask_tokens(api, status, **form, **more)).json()
    return answer


async def renew(api: RunningApi, refresh_token: str, status: int = 200) -> dict[str, str]:
    """The parsed answer to a refresh token."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    answer: dict[str, str] = (await ask_tokens(api, status, **form)).json()
    return answer


def attempt_of(username: str, password: str = PASSWORD, address: str = "192.0.2.1") -> login.Attempt:
    """What comes with a login without a code."""
    return login.Attempt(username, password, None, address, None)


def client_with(api: RunningApi, tokens: dict[str, str]) -> httpx2.AsyncClient:
    """A client that carries the access token of a login."""
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    return httpx2.AsyncClient(
        base_url=api.base_url, headers=headers, timeout=20, trust_env=False, verify=NO_TLS
    )


@asynccontextmanager
async def logged_in(
    api: RunningApi, username: str, role: str = OWNER, *, programme: int = FIRST_PROGRAMME
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a new user."""
    await add_user(api.runtime, username, role, programme=programme)
    async with client_with(api, await log_in(api, username)) as client:
        yield client


def problem(answer: httpx2.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    return answer.status_code, str(answer.json()["type"]).removeprefix("urn:vafa:problem:")
