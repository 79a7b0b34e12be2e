"""How limits are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.services.risk.counting.measures import RiskMeasure
from host_api.services.risk.limits.models import RiskLimit
from host_api.services.risk.limits.schemas import RiskLimitState


class RiskLimitSort(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class RiskLimitQuery(ListQuery):
    """Which limits, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": RiskLimit.id}

    sort: RiskLimitSort = Field(
        default=RiskLimitSort.LATEST, description="The latest first unless asked otherwise."
    )
    state: Annotated[RiskLimitState | None, Equals(RiskLimit.state)] = None
    measure: Annotated[RiskMeasure | None, Equals(RiskLimit.measure)] = None
