"""How conversions between purses are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.purses.models import PurseConversion


class PurseConversionSort(StrEnum):
    """Orders by time."""

    LATEST = "-id"
    ID = "id"


class PurseConversionQuery(ListQuery):
    """Which conversions, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": PurseConversion.id}

    sort: PurseConversionSort = PurseConversionSort.LATEST
    member_id: Annotated[int | None, Equals(PurseConversion.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
