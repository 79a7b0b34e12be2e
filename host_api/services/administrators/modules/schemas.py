"""What the modules' endpoints take and give."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.config import JsonDict


class ModuleOperation(BaseModel):
    """What can be done in a module."""

    method: str
    path: str
    summary: str
    permission: str = Field(description="What its caller holds.")


class ModuleCall(BaseModel):
    """One of the operations with a body that it takes."""

    method: str
    path: str
    body: JsonValue = Field(description="Null where it takes none.")


_MODULE: JsonDict = {
    "name": "members",
    "title": "Members",
    "title_fa": "عضوها",
    "help": "Everybody who has joined the club.",
    "help_fa": "همهٔ کسانی که به باشگاه پیوسته‌اند.",
    "documentation": "back-office.md#members-and-how-they-join",
    "call": {"method": "POST", "path": "/v1/members", "body": {"name": "سارا"}},
    "permissions": ["members:read", "members:write"],
    "is_optional": False,
    "is_on": True,
    "off_since": None,
}


class ModuleRead(BaseModel):
    """A module, and what its page tells behind the question mark."""

    model_config = ConfigDict(json_schema_extra={"example": _MODULE})

    name: str
    title: str
    title_fa: str
    help: str
    help_fa: str
    documentation: str = Field(description="Page of the handbook, below `docs/`.")
    call: ModuleCall
    permissions: list[str] = Field(description="What roles and keys may hold of it.")
    is_optional: bool = Field(description="Whether the programme may do without it.")
    is_on: bool
    off_since: datetime | None


class ModuleDetail(ModuleRead):
    """A module with all that can be done in it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_MODULE,
                "operations": [
                    {
                        "method": "POST",
                        "path": "/v1/members",
                        "summary": "Add a member",
                        "permission": "members:write",
                    }
                ],
            }
        }
    )

    operations: list[ModuleOperation]


class ModuleList(BaseModel):
    """All modules."""

    items: list[ModuleRead]


class ModuleSwitch(BaseModel):
    """On or off."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_on": False}})

    is_on: bool
