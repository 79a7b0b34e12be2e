"""How public bodies, participations, benefits and lines of credit are listed."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.jalali import CalendarDate
from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.public_bodies.models import BodyBenefit, BodyCreditLine, BodyParticipation, PublicBody
from host_api.services.public_bodies.states import (
    BodyBenefitKind,
    BodyCreditLineKind,
    BodyParticipationRole,
    BodyParticipationState,
    PublicBodyKind,
)

FilterId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class PublicBodySort(StrEnum):
    """Orders by id."""

    ID = "id"
    LATEST = "-id"


class _OrderedById(FilterQuery):
    sort: PublicBodySort = Field(default=PublicBodySort.ID, description="The order; a minus turns it round.")


class PublicBodyFilters(_OrderedById):
    """Which bodies."""

    sorts: ClassVar[dict[str, Column]] = {"id": PublicBody.id}

    kind: Annotated[PublicBodyKind | None, Equals(PublicBody.kind)] = None
    organisation_id: Annotated[FilterId | None, Equals(PublicBody.organisation_id)] = None


class PublicBodyQuery(PublicBodyFilters, ListQuery):
    """The same, by pages."""


class PublicBodyExportQuery(PublicBodyFilters, ExportQuery):
    """The same, as a file."""


class BodyParticipationQuery(_OrderedById, ListQuery):
    """Which participations."""

    sorts: ClassVar[dict[str, Column]] = {"id": BodyParticipation.id}

    body_id: Annotated[FilterId | None, Equals(BodyParticipation.body_id)] = None
    role: Annotated[BodyParticipationRole | None, Equals(BodyParticipation.role)] = None
    state: Annotated[BodyParticipationState | None, Equals(BodyParticipation.state)] = None


class BodyBenefitQuery(_OrderedById, ListQuery):
    """Which benefits."""

    sorts: ClassVar[dict[str, Column]] = {"id": BodyBenefit.id}

    body_id: Annotated[FilterId | None, Equals(BodyBenefit.body_id)] = None
    kind: Annotated[BodyBenefitKind | None, Equals(BodyBenefit.kind)] = None


class BodyCreditLineFilters(_OrderedById):
    """Which lines."""

    sorts: ClassVar[dict[str, Column]] = {"id": BodyCreditLine.id}

    participation_id: Annotated[FilterId | None, Equals(BodyCreditLine.participation_id)] = None
    kind: Annotated[BodyCreditLineKind | None, Equals(BodyCreditLine.kind)] = None
    begin: Annotated[AwareDatetime | None, AtLeast(BodyCreditLine.at)] = Field(
        default=None, alias="from", description="From this instant on (ISO 8601 with offset)."
    )
    end: Annotated[AwareDatetime | None, Below(BodyCreditLine.at)] = Field(
        default=None, alias="to", description="Before this instant (ISO 8601 with offset)."
    )


class BodyCreditLineQuery(BodyCreditLineFilters, ListQuery):
    """The same, by pages."""


class BodyCreditLineExportQuery(BodyCreditLineFilters, ExportQuery):
    """The same, as a file."""


class BodyStatementQuery(FilterQuery):
    """Of which days, both among them, by the calendar in Tehran."""

    sorts: ClassVar[dict[str, Column]] = {"id": BodyCreditLine.id}

    begin: CalendarDate = Field(alias="from")
    end: CalendarDate = Field(alias="to")

    @property
    def days(self) -> tuple[date, date]:
        """First and last day."""
        return self.begin, self.end
