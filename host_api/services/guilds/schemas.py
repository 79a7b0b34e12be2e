"""What the guilds service takes and gives."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.name_type import kept_name
from host_api.core.short_code import ShortCode
from host_api.services.sectors.logic import Sector

Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]


class GuildCreate(BaseModel):
    """A new guild."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"code": "GROCERS", "title": "Grocers", "title_fa": "خواربارفروشان", "sector": "food"}
        },
    )

    code: ShortCode
    title: Title
    title_fa: Title
    sector: Sector | None = None


class GuildUpdate(BaseModel):
    """What is to change of a guild; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_active": False}})

    title: Title | None = None
    title_fa: Title | None = None
    sector: Sector | None = None
    is_active: bool | None = Field(default=None, description="Whether shops may still choose it.")


class GuildRead(BaseModel):
    """A guild."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 2,
                "code": "GROCERS",
                "title": "Grocers",
                "title_fa": "خواربارفروشان",
                "sector": "food",
                "is_active": True,
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    code: str
    title: str
    title_fa: str
    sector: Sector | None
    is_active: bool
    created_at: datetime
