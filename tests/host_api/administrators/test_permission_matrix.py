"""Every route asks for its own permission: who lacks it is refused, and nobody else is; and what the roles of
the templates hold.

That no route answers without a credential is tested in test_endpoints.py.
"""

import re

import httpx2
import pytest
from fastapi.routing import APIRoute

from host_api.core.access.modules import known_modules, permissions_of
from host_api.core.access.permissions import EVERYTHING
from host_api.core.access.role_templates import role_templates
from host_api.core.access.users import Role
from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
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

ROUTE_OF = {permissions_of(route)[0]: route for route in reversed(ROUTES)}
# Neighbours are of one module, so that half of them is half of each module.
PERMISSIONS = sorted(ROUTE_OF, key=str)


def _path(route: APIRoute) -> str:
    """An address of the route where nothing is."""
    return re.sub(r"\{[^}]*\}", "999999", route.path)


async def _status(client: httpx2.AsyncClient, route: APIRoute) -> tuple[int, str]:
    (method,) = route.methods or set()
    # An unknown field is refused by each body, so what is permitted changes nothing.
    answer = await client.request(method, _path(route), json=None if method == "GET" else {"?": 0})
    code = answer.json()["type"].rpartition(":")[2] if answer.status_code >= 400 else ""
    return answer.status_code, code


def _is_refused(status: int, code: str, where: str) -> bool:
    assert status not in {401, 429, 500, 503}, where
    return code == "not-permitted"


async def _client_of(api: RunningApi, username: str, role: str) -> httpx2.AsyncClient:
    await add_user(api.runtime, username, role)
    return client_with(api, await log_in(api, username))


@pytest.mark.parametrize("held", [0, 1])
async def test_each_route_asks_for_its_permission(api: RunningApi, held: int) -> None:
    """Who holds every other permission reaches the routes of those, and no others."""
    granted = [str(permission) for permission in PERMISSIONS[held::2]]
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        session.add(Role(name="Half", permissions=granted, created_at=utc_now()))
    async with await _client_of(api, "someone", "Half") as client:
        for route in ROUTES:
            (permission,) = permissions_of(route)
            where = f"{permission} {route.methods} {route.path}"
            assert _is_refused(*await _status(client, route), where) == (str(permission) not in granted), (
                where
            )


async def test_each_role_reaches_exactly_what_it_holds(api: RunningApi) -> None:
    """One route of each permission shows what a role of the templates holds."""
    for role in (OWNER, MANAGER, SUPERVISOR, READER):
        template = next(entry for entry in role_templates(known_modules()) if entry.name.startswith(role))
        reached = 0
        async with await _client_of(api, role.partition(" ")[0].lower(), role) as client:
            for permission, route in ROUTE_OF.items():
                where = f"{role} {route.methods} {route.path}"
                is_refused = _is_refused(*await _status(client, route), where)
                assert is_refused == (not permission.is_in(template.permissions)), where
                reached += not is_refused
        holds_all = EVERYTHING in template.permissions
        assert reached == len(PERMISSIONS) if holds_all else 0 < reached < len(PERMISSIONS)
