"""How groups and their members are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery, StartsWith
from host_api.services.groups.models import Group, GroupMember
from host_api.services.groups.schemas import GroupEffect, GroupKind, GroupState


class GroupSort(StrEnum):
    """Orders of groups."""

    ID = "id"
    LATEST = "-id"
    CODE = "code"


class GroupQuery(ListQuery):
    """Which groups, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Group.id, "code": Group.code}

    sort: GroupSort = Field(default=GroupSort.ID, description="The order; a minus turns it round.")
    code: Annotated[str | None, StartsWith(Group.code)] = Field(
        default=None, min_length=1, max_length=16, description="Only groups whose code begins so."
    )
    kind: Annotated[GroupKind | None, Equals(Group.kind)] = None
    effect: Annotated[GroupEffect | None, Equals(Group.effect)] = None
    state: Annotated[GroupState | None, Equals(Group.state)] = None


class GroupMemberSort(StrEnum):
    """Orders of a group's members."""

    ID = "id"
    LATEST = "-id"


class GroupMemberQuery(ListQuery):
    """Which members of a group, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": GroupMember.member_id}

    sort: GroupMemberSort = Field(default=GroupMemberSort.ID, description="By member number.")
