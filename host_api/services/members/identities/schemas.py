"""What is taken and given of identities."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.name_type import kept_name
from host_api.services.members.identities.kinds import KIND_PATTERN, LONGEST_VALUE

KindName = Annotated[
    str, Field(pattern=KIND_PATTERN, description="A built-in kind or one of the club's own.")
]
Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]


class IdentityCreate(BaseModel):
    """A further identity of a member."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"example": {"kind": "employee_number", "value": "E-1204"}},
    )

    kind: KindName
    value: str = Field(
        min_length=1,
        max_length=LONGEST_VALUE,
        description="Kept in canonical form: digits of any script, without spaces and hyphens.",
    )


class IdentityRead(BaseModel):
    """An identity of a member."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 31,
                "kind": "employee_number",
                "value": "E1204",
                "is_unique": True,
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    kind: str
    value: str
    is_unique: bool = Field(description="Whether no other member may have it.")
    created_at: datetime


class IdentityKindRead(BaseModel):
    """A kind of identities."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "library_card",
                "title": "Library card",
                "title_fa": "کارت کتابخانه",
                "is_unique": True,
                "is_built_in": False,
                "version": 1,
            }
        }
    )

    kind: str
    title: str
    title_fa: str
    is_unique: bool = Field(description="Whether no two members may have the same value.")
    is_built_in: bool
    version: int = Field(description="For `If-Match`; 0 where the club has changed nothing.")


class IdentityKindCreate(BaseModel):
    """A kind of the club's own."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "kind": "library_card",
                "title": "Library card",
                "title_fa": "کارت کتابخانه",
                "is_unique": True,
            }
        },
    )

    kind: KindName
    title: Title
    title_fa: Title
    is_unique: bool = Field(default=True, description="Whether no two members may have the same value.")


class IdentityKindUpdate(BaseModel):
    """What is to change of a kind; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_unique": True}})

    title: Title | None = None
    title_fa: Title | None = None
    is_unique: bool | None = None
