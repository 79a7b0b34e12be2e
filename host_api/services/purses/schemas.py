"""What the purses service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from host_api.core.ledger.movements import LARGEST_AMOUNT


class PurseConversionState(StrEnum):
    """What became of a conversion; DOUBTFUL is for the next reconciliation."""

    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    DOUBTFUL = "doubtful"


_Code = Annotated[int, Field(ge=60, le=99, description="Account type of a purse.")]
_COINS: JsonDict = {"code": 93, "name": "coins", "title": "coins", "title_fa": "سکه", "unit": "points"}
_SHOWN: JsonDict = {"is_pooled": False, "is_transferable": True, "overdraft_max": 0}


class PurseShown(BaseModel):
    """A purse as the rules in force declare it."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": _COINS | _SHOWN})

    code: int
    name: str = Field(description="As rules and lists of balances call it.")
    title: str
    title_fa: str
    unit: str = Field(description="points, money (rial) or count.")
    is_pooled: bool = Field(description="Whether a household holds it together.")
    is_transferable: bool
    overdraft_max: int = Field(description="How far spending may take it below zero.")


class PurseConversionRule(BaseModel):
    """How units of one purse become those of another."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "rule_id": "CONVERT",
                "from_purse": "points",
                "to_purse": "coins",
                "give": 1,
                "per": 100,
                "least": 100,
                "most": None,
                "step": 100,
            }
        },
    )

    rule_id: str
    from_purse: str
    to_purse: str
    give: int = Field(description="So many units are given …")
    per: int = Field(description="… for so many units.")
    least: int | None
    most: int | None
    step: int | None


class PurseCatalogue(BaseModel):
    """All purses, and what may be converted into what."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"table_version": 2, "purses": [_COINS | _SHOWN], "conversions": []}}
    )

    table_version: int = Field(description="The rule table in force.")
    purses: list[PurseShown]
    conversions: list[PurseConversionRule]


class Holding(BaseModel):
    """What a member has of one purse."""

    model_config = ConfigDict(
        json_schema_extra={"example": _COINS | {"amount": 5, "pending": 0, "last_at": None}}
    )

    code: int
    name: str
    title: str
    title_fa: str
    unit: str
    amount: int = Field(description="What can be spent now; below zero where more is owed.")
    pending: int = Field(description="What is earned but can be spent later only.")
    last_at: datetime | None = Field(description="When it last changed.")


class HoldingsRead(BaseModel):
    """What a member has of every purse that the rules declare."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "member_id": 12,
                "holdings": [_COINS | {"amount": 5, "pending": 0, "last_at": None}],
            }
        }
    )

    member_id: int
    holdings: list[Holding]


class PurseConversionCreate(BaseModel):
    """Units that a member wants as those of another purse."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"from_purse": 91, "to_purse": 93, "units": 500}}
    )

    from_purse: _Code
    to_purse: _Code
    units: int = Field(ge=1, le=LARGEST_AMOUNT, description="Of the purse that they are taken from.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.from_purse == self.to_purse:
            raise ValueError("a purse is not converted into itself")
        return self


class PurseConversionRead(BaseModel):
    """A conversion, and what the switch made of it."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 4,
                "member_id": 12,
                "from_purse": 91,
                "to_purse": 93,
                "units": 500,
                "state": "done",
                "response_code": "00",
                "rrn": "000000000042",
                "balances_after": {"91": 200, "93": 5},
                "asked_by_name": "app",
                "asked_at": "2026-03-21T06:30:00Z",
                "finished_at": "2026-03-21T06:30:01Z",
            }
        },
    )

    id: int
    member_id: int
    from_purse: int
    to_purse: int
    units: int
    state: PurseConversionState
    response_code: str | None = Field(
        description="Field 39 of the switch's answer: 12 where no rule converts these, 13 outside its steps, "
        "51 too little, 61 outside its limits."
    )
    rrn: str | None
    balances_after: dict[str, int] | None = Field(description="By account type of the purse.")
    asked_by_name: str
    asked_at: datetime
    finished_at: datetime | None
