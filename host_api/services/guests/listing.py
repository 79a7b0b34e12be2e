"""How guests are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError

from host_api.core.iran.schema_types import LegalPersonId, MobileNumber, NationalId
from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery, StartsWith
from host_api.core.path_ids import LARGEST_ID
from host_api.core.persian_text import name_key
from host_api.services.guests.models import Guest, GuestVisit
from host_api.services.guests.schemas import GuestKind


def _key(text: str) -> str:
    key = name_key(text)
    if not key:
        raise PydanticCustomError("name_empty", "The name is empty")
    return key


class GuestSort(StrEnum):
    """Orders of guests."""

    ID = "id"
    NAME = "name"
    LATEST = "-id"


class GuestQuery(ListQuery):
    """Which guests, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Guest.id, "name": Guest.name_key}

    sort: GuestSort = Field(default=GuestSort.ID, description="The order; a minus turns it round.")
    kind: Annotated[GuestKind | None, Equals(Guest.kind)] = None
    name: Annotated[Annotated[str, AfterValidator(_key)] | None, StartsWith(Guest.name_key)] = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Only guests whose name begins so, however it is written.",
    )
    mobile: MobileNumber | None = Field(default=None, description="Only guests with this number.")
    national_id: NationalId | None = None
    legal_person_id: LegalPersonId | None = None
    member_id: Annotated[int | None, Equals(Guest.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only guests who have become this member."
    )
    is_merged: bool = Field(default=False, description="Also records that went into others.")
    created_from: Annotated[AwareDatetime | None, AtLeast(Guest.created_at)] = None
    created_before: Annotated[AwareDatetime | None, Below(Guest.created_at)] = None


class VisitSort(StrEnum):
    """Orders of visits."""

    LATEST = "-id"
    ID = "id"


class VisitQuery(ListQuery):
    """Which visits, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": GuestVisit.id}

    sort: VisitSort = Field(default=VisitSort.LATEST, description="The order; a minus turns it round.")
    merchant_id: Annotated[str | None, Equals(GuestVisit.merchant_id)] = Field(default=None, max_length=15)
    from_at: Annotated[AwareDatetime | None, AtLeast(GuestVisit.at)] = None
    before: Annotated[AwareDatetime | None, Below(GuestVisit.at)] = None
