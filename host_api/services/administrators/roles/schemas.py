"""What the roles' endpoints take and give, and how roles are listed."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.core.access.users import Role
from host_api.core.listing import Column, ListQuery, StartsWith
from host_api.core.name_type import kept_name
from host_api.services.administrators.permission_names import PermissionNames

RoleName = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]

_WANTED: JsonDict = {"name": "گزارش‌خوان", "permissions": ["members:read", "transactions:read"]}


class RoleCreate(BaseModel):
    """A new role."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _WANTED})

    name: RoleName
    permissions: PermissionNames


class RoleUpdate(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"permissions": ["members:read"]}}
    )

    name: RoleName | None = None
    permissions: PermissionNames | None = None


class RoleRead(BaseModel):
    """A named set of permissions."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"id": 5, **_WANTED, "created_at": "2026-03-21T06:30:00Z"}}
    )

    id: int
    name: str
    permissions: list[str]
    created_at: datetime


class RoleSort(StrEnum):
    """Orders of roles."""

    ID = "id"
    NAME = "name"
    LATEST = "-id"
    NAME_REVERSED = "-name"


class RoleQuery(ListQuery):
    """Which roles, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Role.id, "name": Role.name}

    sort: RoleSort = Field(default=RoleSort.ID, description="The order; a minus turns it round.")
    name: Annotated[RoleName | None, StartsWith(Role.name)] = None
