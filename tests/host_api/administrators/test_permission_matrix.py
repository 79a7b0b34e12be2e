"""Every route with every role of the templates: who lacks the permission is refused, and nobody else is."""

import re

import httpx2
import pytest
from fastapi.routing import APIRoute

from host_api.core.access.modules import known_modules, permissions_of
from host_api.core.access.permissions import EVERYTHING
from host_api.core.access.role_templates import role_templates
from host_api.services.catalogue import PERMITTED_ROUTERS
from tests.host_api.people import MANAGER, OWNER, READER, SUPERVISOR, add_user, client_with, log_in
from tests.host_api.running_api import RunningApi

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

ROUTES = [
    route
    for router in PERMITTED_ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and permissions_of(route)
]


def _path(route: APIRoute) -> str:
    """An address of the route where nothing is."""
    return re.sub(r"\{[^}]*\}", "999999", route.path)


async def _status(client: httpx2.AsyncClient, route: APIRoute) -> tuple[int, str]:
    (method,) = route.methods or set()
    # An unknown field is refused by each body, so what is permitted changes nothing.
    answer = await client.request(method, _path(route), json=None if method == "GET" else {"?": 0})
    code = answer.json()["type"].rpartition(":")[2] if answer.status_code >= 400 else ""
    return answer.status_code, code


@pytest.mark.parametrize("role", [OWNER, MANAGER, SUPERVISOR, READER])
async def test_each_role_reaches_exactly_what_it_holds(api: RunningApi, role: str) -> None:
    template = next(entry for entry in role_templates(known_modules()) if entry.name.startswith(role))
    await add_user(api.runtime, "someone", role)
    reached = 0
    async with client_with(api, await log_in(api, "someone")) as client:
        for route in ROUTES:
            (permission,) = permissions_of(route)
            status, code = await _status(client, route)
            where = f"{role} {route.methods} {route.path}"
            assert status not in {401, 429, 500, 503}, where
            assert (code == "not-permitted") == (not permission.is_in(template.permissions)), where
            reached += code != "not-permitted"
    assert reached == len(ROUTES) if EVERYTHING in template.permissions else 0 < reached < len(ROUTES)


async def test_nobody_reaches_anything_without_a_credential(api: RunningApi) -> None:
    async with httpx2.AsyncClient(base_url=api.base_url, trust_env=False) as client:
        for route in ROUTES:
            status, code = await _status(client, route)
            assert (status, code) == (401, "unauthorised"), route.path
