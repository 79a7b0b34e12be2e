"""How assignments and changes of tiers are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.members.schemas import TierName
from host_api.services.tiers.assignment_schemas import AssignmentState
from host_api.services.tiers.models import TierAssignment, TierChange
from host_api.services.tiers.schemas import Cause


class LatestFirst(StrEnum):
    """Orders by time."""

    LATEST = "-id"
    ID = "id"


class AssignmentQuery(ListQuery):
    """Which assignments, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": TierAssignment.id}

    sort: LatestFirst = Field(default=LatestFirst.LATEST, description="The latest first, or the first.")
    member_id: Annotated[int | None, Equals(TierAssignment.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only assignments of this member."
    )
    state: Annotated[AssignmentState | None, Equals(TierAssignment.state)] = None


class TierChangeQuery(ListQuery):
    """Which changes, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": TierChange.id}

    sort: LatestFirst = Field(default=LatestFirst.LATEST, description="The latest first, or the first.")
    member_id: Annotated[int | None, Equals(TierChange.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only changes of this member."
    )
    to_tier: Annotated[TierName | None, Equals(TierChange.to_tier)] = None
    cause: Annotated[Cause | None, Equals(TierChange.cause)] = None
    begin: Annotated[AwareDatetime | None, AtLeast(TierChange.at)] = Field(
        default=None, alias="from", description="From this instant on (ISO 8601 with offset)."
    )
    end: Annotated[AwareDatetime | None, Below(TierChange.at)] = Field(
        default=None, alias="to", description="Before this instant (ISO 8601 with offset)."
    )
