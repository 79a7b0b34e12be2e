"""All modules and the permissions that the API asks for, read off the routes of all services."""

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from fastapi import APIRouter
from fastapi.params import Depends
from fastapi.routing import APIRoute

from host_api.core.access.permissions import EVERYTHING, Action, Module, Permission, includes


@dataclass(frozen=True, slots=True)
class Modules:
    """The registry.

    Attributes:
        by_name: the modules, in the order in which the catalogue has their services.
        permissions: what is asked for somewhere, of each module.
    """

    by_name: Mapping[str, Module]
    permissions: Mapping[str, list[str]]

    def knows(self, name: str) -> bool:
        """Whether a role or key may hold what is called `name`."""
        module, _, action = name.partition(":")
        return name == EVERYTHING or (module in self.by_name and action in {*Action, "*"})

    def expanded(self, granted: Iterable[str]) -> list[str]:
        """Every permission that is asked for and that `granted` includes."""
        held = set(granted)
        return [name for names in self.permissions.values() for name in names if includes(held, name)]


def permissions_of(route: APIRoute) -> list[Permission]:
    """The permissions that a route's dependencies ask for."""
    from host_api.core.work import Reads, Writes  # noqa: PLC0415  (it stands on this package)

    # Read off what was declared: FastAPI has not made the operation yet.
    annotations = inspect.get_annotations(route.endpoint, eval_str=True).values()
    marks = [mark for annotation in annotations for mark in getattr(annotation, "__metadata__", ())]
    calls = [mark.dependency for mark in (*route.dependencies, *marks) if isinstance(mark, Depends)]
    return [call.permission for call in calls if isinstance(call, Reads | Writes)]


def modules_of(routers: Iterable[APIRouter], asked_in_logic: Iterable[Permission] = ()) -> Modules:
    """The registry of what `routers` ask for, and of what logic asks for besides."""
    routes = (route for router in routers for route in router.routes if isinstance(route, APIRoute))
    found = [permission for route in routes for permission in permissions_of(route)]
    by_name: dict[str, Module] = {}
    permissions: dict[str, list[str]] = {}
    for permission in (*found, *asked_in_logic):
        name = permission.module.name
        by_name.setdefault(name, permission.module)
        names = permissions.setdefault(name, [])
        if str(permission) not in names:
            names.append(str(permission))
    return Modules(by_name, permissions)


@cache
def known_modules() -> Modules:
    """The registry of all services in the catalogue."""
    from host_api.services.catalogue import (  # noqa: PLC0415  (services stand on this package)
        ASKED_IN_LOGIC,
        PERMITTED_ROUTERS,
    )

    return modules_of(PERMITTED_ROUTERS, ASKED_IN_LOGIC)
