"""Finds out who calls, from an API key or an access token."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, OAuth2PasswordBearer
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from host_api.core.access.api_keys import ApiKey
from host_api.core.access.caller import Caller, CallerKind
from host_api.core.access.credentials import CredentialKind, read_credential
from host_api.core.access.users import Login, User, UserStatus
from host_api.core.client_address import client_address
from host_api.core.clock import utc_now
from host_api.core.database import Database, ReadSession
from host_api.core.errors import Unauthorised
from host_api.core.isolation import ANY_PROGRAMME
from host_api.core.programmes import Programme, ProgrammeStatus
from host_api.core.runtime import runtime_of

TOKEN_PATH = "/v1/auth/token"  # noqa: S105  (an address)

_key_header = APIKeyHeader(
    name="X-API-Key",
    scheme_name="ApiKey",
    description="The first key is written to `var/keys/host_api.key` at the first start.",
    auto_error=False,
)
_bearer = OAuth2PasswordBearer(
    tokenUrl=TOKEN_PATH,
    refreshUrl=TOKEN_PATH,
    scheme_name="Password",
    description="Users of the back office: user name and password, and a one-time code where it is set up.",
    auto_error=False,
)


async def caller_of_key(database: Database, text: str) -> Caller:
    """The caller that an API key belongs to.

    Raises:
        Unauthorised: the key is malformed, unknown, expired or revoked, or its programme is suspended.
    """
    shown = read_credential(text, CredentialKind.API_KEY)
    if shown is None:
        raise Unauthorised
    now = utc_now()
    # A session of its own, closed at once: a request never holds two connections of the pool.
    async with database.reading() as session:
        found = (
            await session.execute(
                select(ApiKey, Programme.status)
                .join(Programme, Programme.id == ApiKey.programme_id)
                .where(ApiKey.key_id == shown.credential_id),
                execution_options=ANY_PROGRAMME,
            )
        ).first()
        key, status = (None, None) if found is None else (found[0], found[1])
        is_kept = shown.matches(key.secret_sha256 if key else None)
        if (
            key is None
            or not is_kept
            or key.revoked_at is not None
            or (key.expires_at is not None and key.expires_at <= now)
            or status != ProgrammeStatus.ACTIVE
        ):
            raise Unauthorised
        return Caller(CallerKind.API_KEY, key.key_id, key.name, key.programme_id, frozenset(key.permissions))


async def caller_of_token(database: Database, text: str) -> Caller:
    """The caller that an access token belongs to.

    Raises:
        Unauthorised: the token is malformed, unknown or expired, its login has ended, or its user is blocked.
    """
    shown = read_credential(text, CredentialKind.ACCESS)
    if shown is None:
        raise Unauthorised
    async with database.reading() as session:
        login = await session.scalar(
            select(Login)
            .where(Login.login_id == shown.credential_id)
            .options(joinedload(Login.user).joinedload(User.role)),
            execution_options=ANY_PROGRAMME,
        )
        is_kept = shown.matches(login.access_sha256 if login else None)
        if (
            login is None
            or not is_kept
            or login.ended_at is not None
            or login.access_expires_at <= utc_now()
            or login.user.status != UserStatus.ACTIVE
            or not await _is_open(session, login.programme_id)
        ):
            raise Unauthorised
        user = login.user
        return Caller(
            CallerKind.USER,
            str(user.id),
            user.display_name,
            user.programme_id,
            frozenset() if user.has_first_password else frozenset(user.role.permissions),
            login.login_id,
            user.has_first_password,
        )


async def caller_of_request(
    request: Request,
    key: Annotated[str | None, Security(_key_header)],
    token: Annotated[str | None, Security(_bearer)],
) -> Caller:
    """The caller of a request, which counts towards what he may send in a minute.

    Raises:
        Unauthorised, RateLimited
    """
    runtime = runtime_of(request)
    try:
        if key is not None:
            caller = await caller_of_key(runtime.database, key)
        elif token is not None:
            caller = await caller_of_token(runtime.database, token)
        else:
            raise Unauthorised
    except Unauthorised:
        address = client_address(request, runtime.settings.proxies_in_front)
        runtime.rate_limits.count_address(request, address)
        raise
    runtime.rate_limits.count_caller(request, caller.kind, caller.identity)
    request.state.programme_id = caller.programme_id
    return caller


async def _is_open(session: ReadSession, programme_id: int) -> bool:
    status = await session.scalar(select(Programme.status).where(Programme.id == programme_id))
    return status == ProgrammeStatus.ACTIVE


CallerDependency = Annotated[Caller, Depends(caller_of_request)]
