"""What the keys' endpoints take and give, and how keys are listed."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.core.access.api_keys import ApiKey
from host_api.core.listing import Column, ListQuery, StartsWith
from host_api.core.name_type import kept_name
from host_api.services.administrators.permission_names import PermissionNames

KeyName = Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]

_WANTED: JsonDict = {
    "name": "فروشگاه اینترنتی",
    "permissions": ["members:read"],
    "expires_at": "2027-03-21T00:00:00Z",
}
_KEY: JsonDict = {
    "key_id": "0a1b2c3d",
    **_WANTED,
    "created_at": "2026-03-21T06:30:00Z",
    "revoked_at": None,
    "state": "active",
}


class KeyState(StrEnum):
    """Whether a key opens anything."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ApiKeyCreate(BaseModel):
    """A new key."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _WANTED})

    name: KeyName = Field(description="What the key is for.")
    permissions: Annotated[PermissionNames, Field(min_length=1)]
    expires_at: AwareDatetime | None = Field(default=None, description="In the future; null: never.")


class ApiKeyRead(BaseModel):
    """A key, without its secret."""

    model_config = ConfigDict(json_schema_extra={"example": _KEY})

    key_id: str = Field(description="The part of the key between its first and its last underscore.")
    name: str
    permissions: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    state: KeyState


class ApiKeyIssued(ApiKeyRead):
    """A key that was just made."""

    model_config = ConfigDict(json_schema_extra={"example": {**_KEY, "key": "vafa_0a1b2c3d_…"}})

    key: str = Field(description="What the program sends as X-API-Key; shown once.")


class ApiKeySort(StrEnum):
    """Orders of keys."""

    ID = "id"
    CREATED = "created"
    LATEST = "-created"
    NAME = "name"


class ApiKeyQuery(ListQuery):
    """Which keys, in which order."""

    sorts: ClassVar[dict[str, Column]] = {
        "id": ApiKey.key_id,
        "created": ApiKey.created_at,
        "name": ApiKey.name,
    }

    sort: ApiKeySort = Field(default=ApiKeySort.LATEST, description="The order; a minus turns it round.")
    name: Annotated[KeyName | None, StartsWith(ApiKey.name)] = None
