"""What the modules' endpoints take and give."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class ModuleRead(BaseModel):
    """A module, and what its page tells behind the question mark."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "members",
                "title": "Members",
                "title_fa": "عضوها",
                "help": "Everybody who has joined the club.",
                "help_fa": "همهٔ کسانی که به باشگاه پیوسته‌اند.",
                "permissions": ["members:read", "members:write"],
                "is_optional": False,
                "is_on": True,
                "off_since": None,
            }
        }
    )

    name: str
    title: str
    title_fa: str
    help: str
    help_fa: str
    permissions: list[str] = Field(description="What roles and keys may hold of it.")
    is_optional: bool = Field(description="Whether the programme may do without it.")
    is_on: bool
    off_since: datetime | None


class ModuleList(BaseModel):
    """All modules."""

    items: list[ModuleRead]


class ModuleSwitch(BaseModel):
    """On or off."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_on": False}})

    is_on: bool
