"""What contracts take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from host_api.core.path_ids import LARGEST_ID

WHOLE_PARTS: Final = 10_000
# Rule tables count shares in thousandths, so a share is a multiple of this.
PARTS_PER_THOUSANDTH: Final = 10

_LARGEST_PARTNER: Final = (1 << 48) - 1
_FUNDERS_MAX: Final = 8

PurseName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,23}$")]


class ContractState(StrEnum):
    """How far a contract has come; an approved one is in force from `begins_at` until `ends_at`."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class SettlementPeriod(StrEnum):
    """How often is settled."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class FundingParty(StrEnum):
    """Who can pay for points."""

    PROGRAMME = "programme"
    MERCHANT = "merchant"
    PARTNER = "partner"


class FundingShare(BaseModel):
    """Which part of what members get somebody pays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"party": "merchant", "share": 6000}}
    )

    party: FundingParty
    number: int | None = Field(
        default=None, ge=1, le=_LARGEST_PARTNER, description="Which partner; only for one, and needed there."
    )
    share: int = Field(
        ge=PARTS_PER_THOUSANDTH,
        le=WHOLE_PARTS,
        multiple_of=PARTS_PER_THOUSANDTH,
        description="Ten-thousandths; whole thousandths, as rule tables count.",
    )

    @model_validator(mode="after")
    def _number_agrees(self) -> Self:
        if (self.party is FundingParty.PARTNER) != (self.number is not None):
            raise PydanticCustomError("partner", "number is for a partner, and needed there")
        return self


class Terms(BaseModel):
    """What is agreed."""

    valid_from: AwareDatetime
    valid_until: AwareDatetime = Field(description="The first instant at which it isn't in force any more.")
    may_earn: bool = Field(description="Members earn there.")
    may_burn: bool = Field(description="Members pay with purses there.")
    purses: Annotated[list[PurseName], Field(min_length=1, max_length=40)] | None = Field(
        default=None, description="Purses that are earned and burnt; null is all."
    )
    branches: (
        Annotated[list[Annotated[int, Field(ge=1, le=LARGEST_ID)]], Field(min_length=1, max_length=2_000)]
        | None
    ) = Field(default=None, description="Ids of the branches where that is; null is all, also later ones.")
    funding: Annotated[list[FundingShare], Field(min_length=1, max_length=_FUNDERS_MAX)] = Field(
        description="Who pays for what members get; the shares sum to 10,000."
    )
    settlement_period: SettlementPeriod
    settlement_days: int = Field(ge=0, le=365, description="Days from a period's end to its payment.")
    commission: int = Field(ge=0, le=WHOLE_PARTS, description="The club's, in ten-thousandths of sales.")
    text: str | None = Field(default=None, min_length=1, max_length=4_000, pattern=r"^[^\x00]*$")
    file_id: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="The signed paper: `/v1/files`."
    )


_TERMS: JsonDict = {
    "valid_from": "2026-03-21T00:00:00+03:30",
    "valid_until": "2027-03-21T00:00:00+03:30",
    "may_earn": True,
    "may_burn": True,
    "purses": ["points"],
    "branches": None,
    "funding": [{"party": "merchant", "share": 6000}, {"party": "programme", "share": 4000}],
    "settlement_period": "weekly",
    "settlement_days": 3,
    "commission": 150,
    "text": None,
    "file_id": None,
}


class ContractCreate(Terms):
    """A contract for a second person to approve."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _TERMS})

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.valid_until <= self.valid_from:
            raise PydanticCustomError("period", "valid_until must be later than valid_from")
        if sum(funder.share for funder in self.funding) != WHOLE_PARTS:
            raise PydanticCustomError("shares", "The shares must sum to 10,000")
        if len({(funder.party, funder.number) for funder in self.funding}) != len(self.funding):
            raise PydanticCustomError("funder_twice", "Somebody stands twice among the funders")
        for listed in (self.purses, self.branches):
            if listed is not None and len(set(listed)) != len(listed):
                raise PydanticCustomError("listed_twice", "Something stands twice in a list")
        return self


class ContractDecision(BaseModel):
    """What a second person says to it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "مطابق صورت‌جلسه"}})

    note: str | None = Field(default=None, min_length=1, max_length=200, pattern=r"^[^\x00]*$")


class ContractRead(Terms):
    """One version of the contract with a merchant."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_TERMS,
                "id": 4,
                "merchant": 3,
                "number": 2,
                "state": "approved",
                "begins_at": "2026-03-20T20:30:00Z",
                "ends_at": "2027-03-20T20:30:00Z",
                "is_in_force": True,
                "asked_by": "Sara",
                "asked_at": "2026-03-01T06:30:00Z",
                "decided_by": "Reza",
                "decided_at": "2026-03-02T06:30:00Z",
                "note": None,
            }
        }
    )

    id: int
    merchant: int = Field(description="Id of the merchant.")
    number: int = Field(description="Version within the merchant, from 1.")
    state: ContractState
    begins_at: datetime = Field(description="When it really begins: what another one has ruled stays.")
    ends_at: datetime = Field(description="When it really ends: another one may take its place earlier.")
    is_in_force: bool
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
