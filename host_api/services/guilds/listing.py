"""How guilds are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery, StartsWith
from host_api.services.guilds.models import Guild


class GuildSort(StrEnum):
    """Orders of guilds."""

    ID = "id"
    LATEST = "-id"
    CODE = "code"


class GuildQuery(ListQuery):
    """Which guilds, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Guild.id, "code": Guild.code}

    sort: GuildSort = Field(default=GuildSort.ID, description="The order; a minus turns it round.")
    code: Annotated[str | None, StartsWith(Guild.code)] = Field(
        default=None, min_length=1, max_length=16, description="Only guilds whose code begins so."
    )
    sector: Annotated[str | None, Equals(Guild.sector)] = Field(default=None, max_length=16)
    is_active: Annotated[bool | None, Equals(Guild.is_active)] = None
