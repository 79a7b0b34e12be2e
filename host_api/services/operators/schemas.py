"""What the operators service takes and gives of operators."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.services.operators.pins import Pin
from host_api.services.operators.roles import Role, TerminalRole

Name = Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]
Branches = Annotated[list[Annotated[int, Field(ge=1, le=LARGEST_ID)]], Field(min_length=1, max_length=500)]

_OPERATOR: JsonDict = {
    "id": 2,
    "merchant": 3,
    "code": "7",
    "name": "اپراتور نمونه",
    "role": "cashier",
    "status": "active",
    "branches": [5],
    "expires_at": None,
    "is_expired": False,
    "pin_set_at": "2026-03-21T06:30:00Z",
    "created_at": "2026-03-21T06:30:00Z",
}


class OperatorStatus(StrEnum):
    """Whether the operator gets into terminals' files."""

    ACTIVE = "active"
    LOCKED = "locked"


class OperatorCreate(BaseModel):
    """A new operator of a merchant."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "example": {
                "merchant": 3,
                "code": "7",
                "name": "اپراتور نمونه",
                "role": "cashier",
                "branches": [5],
            }
        },
    )

    merchant: int = Field(ge=1, le=LARGEST_ID, description="Id of the merchant.")
    code: str = Field(
        pattern=r"^[0-9]{1,8}$", description="The number that is keyed in at the terminal; once a merchant."
    )
    name: Name
    role: Role
    branches: Branches | None = Field(default=None, description="Ids of the branches; null is all.")
    expires_at: AwareDatetime | None = None
    pin: Pin | None = Field(
        default=None, description="As the operator has chosen it; left out, the club gives one, shown once."
    )


class OperatorUpdate(BaseModel):
    """What is to be different; what is left out stays, and null empties what may be empty."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"status": "locked"}})

    name: Name | None = None
    role: Role | None = None
    status: OperatorStatus | None = None
    branches: Branches | None = None
    expires_at: AwareDatetime | None = None


class PinSet(BaseModel):
    """A new PIN."""

    model_config = ConfigDict(
        extra="forbid", hide_input_in_errors=True, json_schema_extra={"example": {"pin": "7391"}}
    )

    pin: Pin | None = Field(
        default=None, description="As the operator has chosen it; left out, the club gives one, shown once."
    )


class OperatorRead(BaseModel):
    """Somebody who works at a merchant's terminals."""

    model_config = ConfigDict(json_schema_extra={"example": _OPERATOR})

    id: int
    merchant: int
    code: str
    name: str
    role: Role
    status: OperatorStatus
    branches: list[int] | None
    expires_at: datetime | None
    is_expired: bool
    pin_set_at: datetime
    created_at: datetime


class OperatorIssued(OperatorRead):
    """An operator whose PIN was set."""

    model_config = ConfigDict(json_schema_extra={"example": {**_OPERATOR, "pin": "482915"}})

    pin: str | None = Field(description="What the club gave, shown this once; null where it was chosen.")


class OperatorRoleRead(BaseModel):
    """A role and what it may do at a terminal."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "role": "manager",
                "title": "Manager",
                "title_fa": "مدیر",
                "at_terminal": "supervisor",
                "may_do": ["purchase", "return", "settlement"],
            }
        }
    )

    role: Role
    title: str
    title_fa: str
    at_terminal: TerminalRole = Field(description="What it is in the terminal's file.")
    may_do: list[str] = Field(description="Names of the terminal's own flows.")


class FileRecord(BaseModel):
    """An operator as terminals have it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"id": "7", "role": "cashier", "salt": "00", "check": "00", "rounds": 1000}
        }
    )

    id: str
    role: TerminalRole
    salt: str
    check: str
    rounds: int


class OperatorsFile(BaseModel):
    """The file that `vafa terminal-files operators` makes; it belongs into a terminal's settings."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "operators": [{"id": "7", "role": "cashier", "salt": "00", "check": "00", "rounds": 1000}]
            }
        }
    )

    operators: list[FileRecord]
