"""How members are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery, StartsWith
from host_api.services.members.models import Member
from host_api.services.members.schemas import MemberStatus, MemberTier, Mobile, Name


class MemberSort(StrEnum):
    """Orders of members."""

    ID = "id"
    NAME = "name"
    LATEST = "-id"
    NAME_REVERSED = "-name"


class MemberFilters(FilterQuery):
    """Which members, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Member.id, "name": Member.name}

    sort: MemberSort = Field(default=MemberSort.ID, description="The order; a minus turns it round.")
    mobile: Annotated[Mobile | None, Equals(Member.mobile)] = Field(
        default=None, description="Only members with this mobile number."
    )
    name: Annotated[Name | None, StartsWith(Member.name)] = Field(
        default=None, description="Only members whose name begins so."
    )
    tier: Annotated[MemberTier | None, Equals(Member.tier)] = None
    status: Annotated[MemberStatus | None, Equals(Member.status)] = None
    joined_from: Annotated[AwareDatetime | None, AtLeast(Member.created_at)] = Field(
        default=None, description="Joined at this instant or later."
    )
    joined_before: Annotated[AwareDatetime | None, Below(Member.created_at)] = Field(
        default=None, description="Joined before this instant."
    )


class MemberQuery(MemberFilters, ListQuery):
    """Which members, in which order, and which page."""
