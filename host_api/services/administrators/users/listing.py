"""How users are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.access.users import User, UserStatus
from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery, StartsWith
from host_api.services.administrators.users.schemas import DisplayName, RoleId


class UserSort(StrEnum):
    """Orders of users."""

    ID = "id"
    USERNAME = "username"
    NAME = "name"
    LATEST = "-id"
    USERNAME_REVERSED = "-username"
    NAME_REVERSED = "-name"


class UserQuery(ListQuery):
    """Which users, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": User.id, "username": User.username, "name": User.display_name}

    sort: UserSort = Field(default=UserSort.ID, description="The order; a minus turns it round.")
    username: Annotated[str | None, StartsWith(User.username)] = Field(
        default=None,
        min_length=1,
        max_length=60,
        pattern=r"^[\x21-\x7e]+$",
        description="Beginning of the name.",
    )
    name: Annotated[DisplayName | None, StartsWith(User.display_name)] = None
    role_id: Annotated[RoleId | None, Equals(User.role_id)] = None
    status: Annotated[UserStatus | None, Equals(User.status)] = None
    logged_in_from: Annotated[AwareDatetime | None, AtLeast(User.last_login_at)] = Field(
        default=None, description="Last logged in at this instant or later."
    )
    logged_in_before: Annotated[AwareDatetime | None, Below(User.last_login_at)] = Field(
        default=None, description="Last logged in before this instant."
    )
    created_from: Annotated[AwareDatetime | None, AtLeast(User.created_at)] = None
    created_before: Annotated[AwareDatetime | None, Below(User.created_at)] = None
