"""How festivals are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, ListQuery
from host_api.services.festivals.models import Festival


class FestivalSort(StrEnum):
    """Orders of festivals."""

    LATEST = "-id"
    ID = "id"
    ENDS_AT = "ends_at"


class FestivalQuery(ListQuery):
    """Which festivals, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Festival.id, "ends_at": Festival.ends_at}

    sort: FestivalSort = Field(
        default=FestivalSort.LATEST, description="The latest first unless asked otherwise."
    )
    ends_from: Annotated[AwareDatetime | None, AtLeast(Festival.ends_at)] = Field(
        default=None, description="Ends at this instant or later: with now, those that are not over."
    )
    starts_before: Annotated[AwareDatetime | None, Below(Festival.starts_at)] = Field(
        default=None, description="Starts before this instant."
    )
