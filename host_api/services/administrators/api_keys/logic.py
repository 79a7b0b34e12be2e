"""API keys: made with no more than their maker has, shown once, revoked."""

from sqlalchemy import select

from host_api.core.access.api_keys import ApiKey
from host_api.core.access.caller import Caller
from host_api.core.access.credentials import CredentialKind, new_credential
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.errors import Problem
from host_api.core.listing import Page, read_rows
from host_api.services.administrators.api_keys.schemas import (
    ApiKeyCreate,
    ApiKeyIssued,
    ApiKeyQuery,
    ApiKeyRead,
    KeyState,
)
from host_api.services.administrators.limits_of_power import require_within


class ApiKeyNotFound(Problem):
    """No key has this id."""

    status = 404
    code = "api-key-not-found"
    title = "API key not found"
    title_fa = "کلید API پیدا نشد"
    detail = "There is no API key with this id."
    detail_fa = "کلیدی با این شناسه وجود ندارد."


class ExpiryPast(Problem):
    """The key would have expired already."""

    status = 422
    code = "expiry-past"
    title = "Expiry in the past"
    title_fa = "تاریخ پایان گذشته است"
    detail = "The key would have expired already."
    detail_fa = "این کلید از همین حالا پایان‌یافته خواهد بود."
    field = "expires_at"


async def create(session: WriteSession, caller: Caller, wanted: ApiKeyCreate) -> ApiKeyIssued:
    """Make a key.

    Raises:
        BeyondYourPermissions, ExpiryPast
    """
    require_within(caller, wanted.permissions)
    now = utc_now()
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise ExpiryPast
    credential = new_credential(CredentialKind.API_KEY)
    # Eight digits of an id may be taken already; 32 bits make that rare and the database certain.
    while await session.get(ApiKey, credential.credential_id, execution_options={"any_programme": True}):
        credential = new_credential(CredentialKind.API_KEY)
    key = ApiKey(
        key_id=credential.credential_id,
        secret_sha256=credential.secret_sha256,
        name=wanted.name,
        permissions=wanted.permissions,
        created_at=now,
        expires_at=wanted.expires_at,
        revoked_at=None,
    )
    session.add(key)
    await session.flush()
    return ApiKeyIssued(**_read(key).model_dump(), key=credential.text)


async def read(session: AnySession, key_id: str) -> ApiKeyRead:
    """One key.

    Raises:
        ApiKeyNotFound
    """
    key = await session.get(ApiKey, key_id)
    if key is None:
        raise ApiKeyNotFound
    return _read(key)


async def read_page(session: ReadSession, query: ApiKeyQuery) -> Page[ApiKeyRead]:
    """A page of keys."""
    keys, next_cursor = await read_rows(session, select(ApiKey), query)
    return Page(items=[_read(key) for key in keys], next_cursor=next_cursor)


async def revoke(session: WriteSession, caller: Caller, key_id: str) -> ApiKeyRead:
    """Let a key open nothing any more; one that is revoked stays so.

    Raises:
        ApiKeyNotFound, BeyondYourPermissions
    """
    key = await session.get(ApiKey, key_id, with_for_update=True)
    if key is None:
        raise ApiKeyNotFound
    require_within(caller, key.permissions)
    if key.revoked_at is None:
        key.revoked_at = utc_now()
        await session.flush()
    return _read(key)


def _read(key: ApiKey) -> ApiKeyRead:
    state = KeyState.ACTIVE
    if key.revoked_at is not None:
        state = KeyState.REVOKED
    elif key.expires_at is not None and key.expires_at <= utc_now():
        state = KeyState.EXPIRED
    return ApiKeyRead(
        key_id=key.key_id,
        name=key.name,
        permissions=sorted(key.permissions),
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        state=state,
    )
