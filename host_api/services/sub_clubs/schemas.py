"""What the sub-clubs service takes and gives."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.name_type import kept_name
from host_api.core.short_code import ShortCode
from host_api.services.sub_clubs.templates import Template

Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
PolicyText = Annotated[str, Field(min_length=1, max_length=1000), kept_name(1000)]


class SubClubCreate(BaseModel):
    """A new sub-club."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "code": "STAFF",
                "title": "Staff",
                "title_fa": "کارکنان",
                "policy": "تخفیف ویژه، بدون امتیاز معرف",
                "earns": True,
            }
        },
    )

    code: ShortCode
    title: Title
    title_fa: Title
    policy: PolicyText | None = Field(default=None, description="What holds for its members, in words.")
    earns: bool = Field(default=True, description="Whether its members earn; the rules see to it.")


class SubClubUpdate(BaseModel):
    """What is to change of a sub-club; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"earns": False}})

    title: Title | None = None
    title_fa: Title | None = None
    policy: PolicyText | None = Field(default=None, description="null empties it.")
    earns: bool | None = None


class TemplateCreate(BaseModel):
    """Which template is to be taken."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"template": "business"}})

    template: Template


class SubClubRead(BaseModel):
    """A sub-club."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "code": "STAFF",
                "title": "Staff",
                "title_fa": "کارکنان",
                "policy": None,
                "earns": True,
                "members": 42,
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    code: str
    title: str
    title_fa: str
    policy: str | None
    earns: bool
    members: int = Field(description="How many belong to it now.")
    created_at: datetime
