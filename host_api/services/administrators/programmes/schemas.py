"""What the programmes' endpoints take and give, and how programmes are listed."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.core.access.usernames import Username
from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.name_type import kept_name
from host_api.core.programmes import PROGRAMME_CODE_PATTERN, Programme, ProgrammeMode, ProgrammeStatus

Name = Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]

_PROGRAMME: JsonDict = {
    "id": 2,
    "code": "bookshops",
    "name": "باشگاه کتاب",
    "mode": "sandbox",
    "status": "active",
    "created_at": "2026-03-21T06:30:00Z",
}


class OwnerCreate(BaseModel):
    """The first user of a programme."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"username": "reza", "display_name": "رضا"}}
    )

    username: Username
    display_name: Name


class ProgrammeCreate(BaseModel):
    """A new programme."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "code": "bookshops",
                "name": "باشگاه کتاب",
                "mode": "sandbox",
                "owner": {"username": "reza", "display_name": "رضا"},
            }
        },
    )

    code: str = Field(pattern=PROGRAMME_CODE_PATTERN, description="Short name; stays the same for ever.")
    name: Name
    mode: ProgrammeMode = Field(description="Whether its members are real; stays the same for ever.")
    owner: OwnerCreate


class ProgrammeRead(BaseModel):
    """A club of its own."""

    model_config = ConfigDict(json_schema_extra={"example": _PROGRAMME})

    id: int
    code: str
    name: str
    mode: ProgrammeMode
    status: ProgrammeStatus
    created_at: datetime


class ProgrammeIssued(ProgrammeRead):
    """A programme that was just made, and its owner's first password."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {**_PROGRAMME, "owner_username": "reza", "first_password": "gezd-gnbv-gy3t-qojq"}
        }
    )

    owner_username: str
    first_password: str = Field(description="Of the owner; shown once and good for a week.")


class ProgrammeStatusUpdate(BaseModel):
    """Whether anybody may work in it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"status": "suspended"}})

    status: ProgrammeStatus


class ProgrammeSort(StrEnum):
    """Orders of programmes."""

    ID = "id"
    CODE = "code"
    LATEST = "-id"


class ProgrammeQuery(ListQuery):
    """Which programmes, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Programme.id, "code": Programme.code}

    sort: ProgrammeSort = Field(default=ProgrammeSort.ID, description="The order; a minus turns it round.")
    mode: Annotated[ProgrammeMode | None, Equals(Programme.mode)] = None
    status: Annotated[ProgrammeStatus | None, Equals(Programme.status)] = None
