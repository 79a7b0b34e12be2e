"""How alerts are listed and exported."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.risk.alerts.models import RiskAct, RiskAlert, RiskMiss
from host_api.services.risk.alerts.schemas import RiskActKind, RiskActState, RiskAlertState
from host_api.services.risk.limits.schemas import RiskSeverity


class RiskAlertSort(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class RiskAlertFilters(FilterQuery):
    """Which alerts, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": RiskAlert.id}

    sort: RiskAlertSort = Field(
        default=RiskAlertSort.LATEST, description="The latest first unless asked otherwise."
    )
    state: Annotated[RiskAlertState | None, Equals(RiskAlert.state)] = None
    severity: Annotated[RiskSeverity | None, Equals(RiskAlert.severity)] = None
    limit_id: Annotated[int | None, Equals(RiskAlert.limit_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    member_id: Annotated[int | None, Equals(RiskAlert.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    first_from: Annotated[AwareDatetime | None, AtLeast(RiskAlert.first_at)] = Field(
        default=None, description="Raised at this instant or later."
    )
    first_before: Annotated[AwareDatetime | None, Below(RiskAlert.first_at)] = Field(
        default=None, description="Raised before this instant."
    )


class RiskAlertQuery(RiskAlertFilters, ListQuery):
    """The same, by pages."""


class RiskAlertExportQuery(RiskAlertFilters, ExportQuery):
    """The same, as a file."""


class RiskActQuery(ListQuery):
    """Which acts, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": RiskAct.id}

    sort: RiskAlertSort = Field(
        default=RiskAlertSort.LATEST, description="The latest first unless asked otherwise."
    )
    state: Annotated[RiskActState | None, Equals(RiskAct.state)] = None
    kind: Annotated[RiskActKind | None, Equals(RiskAct.kind)] = None


class RiskMissQuery(ListQuery):
    """Frauds that were missed."""

    sorts: ClassVar[dict[str, Column]] = {"id": RiskMiss.id}

    sort: RiskAlertSort = Field(
        default=RiskAlertSort.LATEST, description="The latest first unless asked otherwise."
    )
