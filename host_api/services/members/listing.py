"""How members are listed."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from host_api.core.iran.schema_types import MobileNumber, NationalId
from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery, StartsWith
from host_api.services.members.identities.kinds import KIND_PATTERN, LONGEST_VALUE, BuiltIn, canonical
from host_api.services.members.interests.schemas import InterestCode
from host_api.services.members.models import Member
from host_api.services.members.schemas import Activity, Email, JoinedVia, MemberStatus, Name, TierName


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
    mobile: MobileNumber | None = Field(default=None, description="Only members with this mobile number.")
    email: Email | None = Field(default=None, description="Only members with this e-mail address.")
    national_id: NationalId | None = Field(default=None, description="Only members with this national id.")
    identity_kind: str | None = Field(
        default=None, pattern=KIND_PATTERN, description="Kind of the `identity` that is looked for."
    )
    identity: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_VALUE,
        description="Only members with this identity of `identity_kind`, in any writing.",
    )
    interest: InterestCode | None = Field(default=None, description="Only members with this interest.")
    name: Annotated[Name | None, StartsWith(Member.name)] = Field(
        default=None, description="Only members whose name begins so."
    )
    tier: Annotated[TierName | None, Equals(Member.tier)] = None
    status: Annotated[MemberStatus | None, Equals(Member.status)] = None
    activity: Annotated[Activity | None, Equals(Member.activity)] = Field(
        default=None, description="Only members who are so active."
    )
    joined_via: Annotated[JoinedVia | None, Equals(Member.joined_via)] = Field(
        default=None, description="Only members who came on this way."
    )
    club_level: Annotated[str | None, Equals(Member.club_level)] = Field(
        default=None, min_length=1, max_length=16, description="Only members of this sub-club."
    )
    joined_from: Annotated[AwareDatetime | None, AtLeast(Member.created_at)] = Field(
        default=None, description="Joined at this instant or later."
    )
    joined_before: Annotated[AwareDatetime | None, Below(Member.created_at)] = Field(
        default=None, description="Joined before this instant."
    )

    @model_validator(mode="after")
    def _check_identity(self) -> Self:
        if (self.identity is None) != (self.identity_kind is None):
            raise PydanticCustomError("identity", "`identity` and `identity_kind` come together")
        try:
            list(self.identities())
        except ValueError:
            raise PydanticCustomError("identity", "No identity of this kind") from None
        return self

    def identities(self) -> Iterator[tuple[str, str]]:
        """Kinds and canonical values that members must have.

        Raises:
            ValueError: one is malformed.
        """
        for kind in (BuiltIn.MOBILE, BuiltIn.EMAIL, BuiltIn.NATIONAL_ID):
            if value := getattr(self, kind.value):
                yield kind.value, value
        if self.identity is not None and self.identity_kind is not None:
            yield self.identity_kind, canonical(self.identity_kind, self.identity)


class MemberQuery(MemberFilters, ListQuery):
    """Which members, in which order, and which page."""
