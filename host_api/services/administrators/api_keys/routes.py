"""Endpoints of API keys."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.administrators import access
from host_api.services.administrators.api_keys import logic
from host_api.services.administrators.api_keys.schemas import (
    ApiKeyCreate,
    ApiKeyIssued,
    ApiKeyQuery,
    ApiKeyRead,
)
from host_api.services.administrators.limits_of_power import BeyondYourPermissions

router = APIRouter(prefix="/api-keys", tags=["api-keys"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.API_KEYS_READ)]
Writing = Annotated[WriteWork, writes(access.API_KEYS_WRITE)]
KeyIdInPath = Annotated[str, Path(pattern=r"^[0-9a-f]{8}$")]


@router.post(
    "",
    status_code=201,
    summary="Make an API key",
    responses=problem_responses(BeyondYourPermissions, logic.ExpiryPast),
)
async def create_key(work: Writing, response: Response, wanted: ApiKeyCreate) -> ApiKeyIssued:
    """Make a key for a program; only this answer shows it."""
    response.headers["Cache-Control"] = "no-store"
    return await logic.create(work.session, work.caller, wanted)


@router.get("", summary="List API keys")
async def list_keys(work: Reading, query: Annotated[ApiKeyQuery, Query()]) -> Page[ApiKeyRead]:
    """Keys, the latest first; revoked and expired ones too."""
    return await logic.read_page(work.session, query)


@router.get("/{key_id}", summary="Read an API key", responses=problem_responses(logic.ApiKeyNotFound))
async def read_key(work: Reading, key_id: KeyIdInPath) -> ApiKeyRead:
    """One key by its id."""
    return await logic.read(work.session, key_id)


@router.post(
    "/{key_id}/revocation",
    summary="Revoke an API key",
    responses=problem_responses(logic.ApiKeyNotFound, BeyondYourPermissions),
)
async def revoke_key(work: Writing, key_id: KeyIdInPath) -> ApiKeyRead:
    """Let a key open nothing from now on."""
    return await logic.revoke(work.session, work.caller, key_id)
