"""What stands behind the question mark of each module's page: texts, operations, an example, a page to read.

The texts and the page of the handbook are in the `page_help.toml` beside the module's service; operations and
the example are read off the routes, and so can't be out of date.
"""

import inspect
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi.routing import APIRoute
from pydantic import BaseModel, JsonValue

from host_api.core.access.modules import permissions_of

_HOST_API = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class HelpText:
    """What a module is and how it is used, in English and Persian.

    Parameters:
        documentation: page of the handbook below `docs/`, with its section.
    """

    en: str
    fa: str
    documentation: str


@dataclass(frozen=True, slots=True)
class HelpOperation:
    """An operation of a module.

    Parameters:
        example: a body that it takes; None where it takes none.
    """

    method: str
    path: str
    summary: str
    permission: str
    example: JsonValue = None


@cache
def page_help() -> Mapping[str, HelpText]:
    """The texts by the modules' names."""
    found: dict[str, HelpText] = {}
    for path in sorted(_HOST_API.glob("**/page_help.toml")):
        for name, texts in tomllib.loads(path.read_text("utf-8")).items():
            found[name] = HelpText(texts["en"].strip(), texts["fa"].strip(), texts["documentation"])
    return found


@cache
def operations() -> Mapping[str, tuple[HelpOperation, ...]]:
    """The operations of each module, in the order in which the API page has them."""
    from host_api.services.catalogue import (  # noqa: PLC0415  (it stands on this service)
        PERMITTED_ROUTERS,
    )

    found: dict[str, list[HelpOperation]] = {}
    for router in PERMITTED_ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute):
                for permission in permissions_of(route):
                    found.setdefault(permission.module.name, []).append(_operation(route, str(permission)))
    return {name: tuple(listed) for name, listed in found.items()}


def example_of(listed: tuple[HelpOperation, ...]) -> HelpOperation:
    """What shows a module best: the first operation that takes something, else the first one."""
    return next((each for each in listed if each.example is not None), listed[0])


def _operation(route: APIRoute, permission: str) -> HelpOperation:
    (method,) = route.methods or ("GET",)
    annotations = inspect.get_annotations(route.endpoint, eval_str=True)
    examples = [
        extra["example"]
        for name, kind in annotations.items()
        if name != "return"
        and isinstance(kind, type)
        and issubclass(kind, BaseModel)
        and isinstance(extra := kind.model_config.get("json_schema_extra"), dict)
        and "example" in extra
    ]
    return HelpOperation(
        method=method,
        path=route.path,
        summary=route.summary or route.name,
        permission=permission,
        example=examples[0] if examples else None,
    )
