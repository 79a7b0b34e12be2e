"""What the households service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID

MOST_MEMBERS = 20


class HouseholdRelation(StrEnum):
    """What somebody is to the head."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    OTHER = "other"


class FurtherRelation(StrEnum):
    """The same of everybody but the head."""

    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    OTHER = "other"


HouseholdName = Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]
MemberId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class NewRelative(_Wanted):
    """Somebody of a new household."""

    member_id: MemberId
    relation: FurtherRelation


class HouseholdCreate(_Wanted):
    """A new household."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "خانوادهٔ نمونه",
                "head_id": 12,
                "members": [{"member_id": 13, "relation": "spouse"}],
            }
        }
    )

    name: HouseholdName | None = None
    head_id: MemberId
    members: list[NewRelative] = Field(default=[], max_length=MOST_MEMBERS - 1)

    @model_validator(mode="after")
    def _each_once(self) -> "HouseholdCreate":
        ids = [self.head_id, *(relative.member_id for relative in self.members)]
        if len(set(ids)) != len(ids):
            raise PydanticCustomError("member_twice", "A member stands twice in the household")
        return self


class HouseholdUpdate(_Wanted):
    """What is to change."""

    model_config = ConfigDict(json_schema_extra={"example": {"head_id": 13}})

    name: HouseholdName | None = None
    head_id: MemberId | None = Field(
        default=None,
        description="A member of the household who becomes its head; the old one becomes `other`.",
    )


class JoiningCreate(NewRelative):
    """Somebody who joins."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"member_id": 14, "relation": "child", "is_move": False}}
    )

    is_move: bool = Field(
        default=False, description="Leave the household that the member is in; without it that is refused."
    )


class RelativeRead(BaseModel):
    """Somebody in a household."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "member_id": 12,
                "relation": "head",
                "joined_at": "2026-03-21T06:30:00Z",
                "left_at": None,
            }
        }
    )

    member_id: int
    relation: HouseholdRelation
    joined_at: datetime
    left_at: datetime | None


class HouseholdRead(BaseModel):
    """A household and who is in it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "number": 3,
                "name": "خانوادهٔ نمونه",
                "members": [
                    {
                        "member_id": 12,
                        "relation": "head",
                        "joined_at": "2026-03-21T06:30:00Z",
                        "left_at": None,
                    }
                ],
                "created_at": "2026-03-21T06:30:00Z",
                "dissolved_at": None,
            }
        }
    )

    id: int
    number: int = Field(description="The owner of pooled purses on the switch.")
    name: str | None
    members: list[RelativeRead] = Field(description="Who is in it now, the head first.")
    created_at: datetime
    dissolved_at: datetime | None = Field(description="When the last member left.")
