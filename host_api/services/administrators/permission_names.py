"""Lists of permissions as roles and keys take them."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from host_api.core.access.modules import known_modules


def _known(names: list[str]) -> list[str]:
    registry = known_modules()
    if not all(registry.knows(name) for name in names):
        raise PydanticCustomError("permission_unknown", "No module has this permission")
    return sorted(set(names))


PermissionNames = Annotated[
    list[Annotated[str, Field(max_length=48)]],
    Field(
        max_length=200,
        description="Such as `members:read`; `members:*` for a whole module and `*` for everything. "
        "`GET /v1/modules` lists them.",
    ),
    AfterValidator(_known),
]
