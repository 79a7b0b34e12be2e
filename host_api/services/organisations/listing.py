"""How organisations are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.jalali import CalendarDate
from host_api.core.listing import AtLeast, Below, Column, ListQuery, StartsWith
from host_api.services.organisations.models import Organisation


class OrganisationSort(StrEnum):
    """Orders of organisations."""

    ID = "id"
    LATEST = "-id"
    CODE = "code"


class OrganisationQuery(ListQuery):
    """Which organisations, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Organisation.id, "code": Organisation.code}

    sort: OrganisationSort = Field(
        default=OrganisationSort.ID, description="The order; a minus turns it round."
    )
    code: Annotated[str | None, StartsWith(Organisation.code)] = Field(
        default=None, min_length=1, max_length=16, description="Only organisations whose code begins so."
    )
    title_fa: Annotated[str | None, StartsWith(Organisation.title_fa)] = Field(
        default=None, min_length=1, max_length=100, description="Only those whose Persian title begins so."
    )
    contract_to_from: Annotated[CalendarDate | None, AtLeast(Organisation.contract_to)] = Field(
        default=None, description="Only contracts that end on this day or later."
    )
    contract_to_before: Annotated[CalendarDate | None, Below(Organisation.contract_to)] = Field(
        default=None, description="Only contracts that end before this day."
    )
