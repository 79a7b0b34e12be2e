"""How wheels and spins are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.wheels.models import Spin, Wheel
from host_api.services.wheels.schemas import SpinSource, SpinState, WheelStage


class WheelSort(StrEnum):
    """Orders of wheels and spins."""

    LATEST = "-id"
    ID = "id"


class WheelQuery(ListQuery):
    """Which wheels, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Wheel.id}

    sort: WheelSort = Field(default=WheelSort.LATEST, description="The latest first unless asked otherwise.")
    stage: Annotated[WheelStage | None, Equals(Wheel.stage)] = None


class SpinQuery(ListQuery):
    """Which spins, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Spin.id}

    sort: WheelSort = Field(default=WheelSort.LATEST, description="The latest first unless asked otherwise.")
    wheel_id: Annotated[int | None, Equals(Spin.wheel_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only spins of this wheel."
    )
    member_id: Annotated[int | None, Equals(Spin.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only spins of this member."
    )
    state: Annotated[SpinState | None, Equals(Spin.state)] = None
    source: Annotated[SpinSource | None, Equals(Spin.source)] = None
    given: Annotated[str | None, Equals(Spin.given)] = Field(
        default=None, max_length=16, description="Only spins that gave this slice."
    )
    asked_from: Annotated[AwareDatetime | None, AtLeast(Spin.asked_at)] = None
    asked_before: Annotated[AwareDatetime | None, Below(Spin.asked_at)] = None
