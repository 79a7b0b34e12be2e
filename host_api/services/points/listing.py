"""How points acts are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.points.models import PointsAct
from host_api.services.points.schemas import PointsActKind, PointsActState


class ActSort(StrEnum):
    """Orders of acts."""

    LATEST = "-id"
    ID = "id"


class ActQuery(ListQuery):
    """Which acts, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": PointsAct.id}

    sort: ActSort = Field(default=ActSort.LATEST, description="The latest first unless asked otherwise.")
    state: Annotated[PointsActState | None, Equals(PointsAct.state)] = Field(
        default=None, description="Only acts in this state; `asked` are those that wait for a second person."
    )
    kind: Annotated[PointsActKind | None, Equals(PointsAct.kind)] = None
    member_id: Annotated[int | None, Equals(PointsAct.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only acts on this member's purses."
    )
    asked_from: Annotated[AwareDatetime | None, AtLeast(PointsAct.asked_at)] = Field(
        default=None, description="Asked at this instant or later."
    )
    asked_before: Annotated[AwareDatetime | None, Below(PointsAct.asked_at)] = Field(
        default=None, description="Asked before this instant."
    )
