"""How visits are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.earning_events.visits.models import Visit, VisitPoint
from host_api.services.earning_events.visits.schemas import CheckInWay


class VisitSort(StrEnum):
    """Orders of visits."""

    LATEST = "-id"
    ID = "id"


class VisitQuery(ListQuery):
    """Which visits, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Visit.id}

    sort: VisitSort = VisitSort.LATEST
    member_id: Annotated[int | None, Equals(Visit.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    branch_id: Annotated[int | None, Equals(Visit.branch_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    way: Annotated[CheckInWay | None, Equals(Visit.way)] = None
    visited_from: Annotated[AwareDatetime | None, AtLeast(Visit.visited_at)] = None
    visited_before: Annotated[AwareDatetime | None, Below(Visit.visited_at)] = None


class VisitPointSort(StrEnum):
    """Orders of places to check in."""

    ID = "id"
    LATEST = "-id"


class VisitPointQuery(ListQuery):
    """Which places, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": VisitPoint.id}

    sort: VisitPointSort = VisitPointSort.ID
    branch_id: Annotated[int | None, Equals(VisitPoint.branch_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    is_active: Annotated[bool | None, Equals(VisitPoint.is_active)] = None
