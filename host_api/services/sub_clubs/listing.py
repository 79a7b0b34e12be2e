"""How sub-clubs are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.services.sub_clubs.models import SubClub


class SubClubSort(StrEnum):
    """Orders of sub-clubs."""

    ID = "id"
    LATEST = "-id"
    CODE = "code"


class SubClubQuery(ListQuery):
    """Which sub-clubs, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": SubClub.id, "code": SubClub.code}

    sort: SubClubSort = Field(default=SubClubSort.ID, description="The order; a minus turns it round.")
    code: Annotated[str | None, Equals(SubClub.code)] = Field(default=None, max_length=16)
    earns: Annotated[bool | None, Equals(SubClub.earns)] = None
