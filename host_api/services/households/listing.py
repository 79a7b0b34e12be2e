"""How households are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery, StartsWith
from host_api.core.path_ids import LARGEST_ID
from host_api.services.households.models import Household
from host_api.services.households.schemas import HouseholdName


class HouseholdSort(StrEnum):
    """Orders of households."""

    ID = "id"
    LATEST = "-id"


class HouseholdQuery(ListQuery):
    """Which households, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Household.id}

    sort: HouseholdSort = Field(default=HouseholdSort.ID, description="The order; a minus turns it round.")
    number: Annotated[int | None, Equals(Household.number)] = Field(default=None, ge=1, le=LARGEST_ID)
    name: Annotated[HouseholdName | None, StartsWith(Household.name)] = Field(
        default=None, description="Only households whose name begins so."
    )
    member_id: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only the household that this member is in."
    )
    created_from: Annotated[AwareDatetime | None, AtLeast(Household.created_at)] = Field(
        default=None, description="Made at this instant or later."
    )
    created_before: Annotated[AwareDatetime | None, Below(Household.created_at)] = Field(
        default=None, description="Made before this instant."
    )
