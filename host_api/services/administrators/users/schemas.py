"""What the users' endpoints take and give."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.core.access.usernames import Username
from host_api.core.access.users import UserStatus
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID

MOST_AT_ONCE = 500

DisplayName = Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]
RoleId = Annotated[int, Field(ge=1, le=LARGEST_ID)]

_USER: JsonDict = {
    "id": 3,
    "username": "sara",
    "display_name": "سارا",
    "role_id": 2,
    "role_name": "Manager · مدیر",
    "status": "active",
    "has_totp": False,
    "has_first_password": True,
    "last_login_at": None,
    "created_at": "2026-03-21T06:30:00Z",
}


class UserCreate(BaseModel):
    """A new user."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"username": "sara", "display_name": "سارا", "role_id": 2}},
    )

    username: Username
    display_name: DisplayName
    role_id: RoleId


class UsersCreate(BaseModel):
    """Many new users."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"users": [{"username": "sara", "display_name": "سارا", "role_id": 2}]}
        },
    )

    users: list[UserCreate] = Field(min_length=1, max_length=MOST_AT_ONCE)


class UserUpdate(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"status": "blocked"}})

    display_name: DisplayName | None = None
    role_id: RoleId | None = None
    status: UserStatus | None = Field(default=None, description="A blocked user's logins end.")


class PasswordReset(BaseModel):
    """How far a reset goes."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"drop_totp": False}})

    drop_totp: bool = Field(
        default=False, description="Also forget the authenticator, for a user who has lost it."
    )


class UserRead(BaseModel):
    """A user of the back office."""

    model_config = ConfigDict(json_schema_extra={"example": _USER})

    id: int
    username: str
    display_name: str
    role_id: int
    role_name: str
    status: UserStatus
    has_totp: bool
    has_first_password: bool = Field(description="Has not chosen a password yet.")
    last_login_at: datetime | None
    created_at: datetime


class UserIssued(UserRead):
    """A user who got a first password."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_USER,
                "first_password": "gezd-gnbv-gy3t-qojq",
                "first_password_expires_at": "2026-03-28T06:30:00Z",
            }
        }
    )

    first_password: str = Field(description="Shown once; good for logging in and choosing another.")
    first_password_expires_at: datetime


class UsersIssued(BaseModel):
    """Many of them, in the order in which they were sent."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": []}})

    items: list[UserIssued]
