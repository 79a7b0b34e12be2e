"""What the coalition takes and gives of exchanges, statements, settlements and clearing."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from host_api.services.coalition.schemas import Amount, Id


class ClubExchangeState(StrEnum):
    """Where an exchange stands.

    DEBITING and CREDITING wait for the switch here, SENT for the other club. REFUSED moved nothing; RETURNING
    gives the units back; UNRETURNED could not, and wants a person. DOUBTFUL is for the next reconciliation.
    """

    DEBITING = "debiting"
    SENT = "sent"
    CREDITING = "crediting"
    DONE = "done"
    REFUSED = "refused"
    RETURNING = "returning"
    RETURNED = "returned"
    UNRETURNED = "unreturned"
    DOUBTFUL = "doubtful"


class ClubStatementState(StrEnum):
    """Where a statement stands: DIFFERS was found otherwise in the other club's books."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    DIFFERS = "differs"
    SETTLED = "settled"


class ClubSettlementState(StrEnum):
    """Where a settlement stands."""

    ASKED = "asked"
    PAID = "paid"
    REJECTED = "rejected"


class ClubExchangeCreate(BaseModel):
    """A member wants units of this club to become units of another."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"contract_id": 3, "member_id": 12, "units": 301}}
    )

    contract_id: Id
    member_id: Id
    units: Amount = Field(description="Of these the most that make whole lots; the rest stays.")


class ClubExchangeRead(BaseModel):
    """An exchange, and what became of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 9,
                "club_id": 2,
                "contract_id": 3,
                "member_id": 12,
                "reference": "club:9",
                "is_outgoing": True,
                "purse": 91,
                "lots": 100,
                "own_units": 300,
                "partner_units": 200,
                "rials": 100_000,
                "remainder_units": 1,
                "state": "done",
                "reason": None,
                "asked_at": "2026-03-21T06:33:00Z",
                "done_at": "2026-03-21T06:33:01Z",
                "response_code": "00",
                "rrn": "000000000042",
                "return_rrn": None,
            }
        }
    )

    id: int
    club_id: int
    contract_id: int
    member_id: int
    reference: str = Field(description="The same in both clubs.")
    is_outgoing: bool
    purse: int
    lots: int
    own_units: int
    partner_units: int
    rials: int
    remainder_units: int = Field(description="Of what was asked, what makes no whole lot and was not taken.")
    state: ClubExchangeState
    reason: str | None = Field(description="Why the other club refused, or this one.")
    asked_at: datetime
    done_at: datetime | None = Field(description="When it was credited; the same in both clubs.")
    response_code: str | None
    rrn: str | None
    return_rrn: str | None


class ClubStatementCreate(BaseModel):
    """Propose a statement from where the last agreed one ended."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"club_id": 2, "end": "2026-04-20T20:30:00Z"}}
    )

    club_id: Id
    end: AwareDatetime = Field(description="The first instant that is not in it; now or earlier.")


class ClubStatementRead(BaseModel):
    """What two clubs have exchanged in a period; the other club's has the same digest and minus the net."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 5,
                "club_id": 2,
                "begin": None,
                "end": "2026-04-20T20:30:00Z",
                "outgoing_count": 1,
                "outgoing_rials": 100_000,
                "incoming_count": 2,
                "incoming_rials": 140_000,
                "net_rials": 40_000,
                "digest": "5f" * 32,
                "state": "agreed",
                "made_at": "2026-04-21T06:30:00Z",
            }
        }
    )

    id: int
    club_id: int
    begin: datetime | None = Field(description="End of the one before; null for the first.")
    end: datetime
    outgoing_count: int
    outgoing_rials: int
    incoming_count: int
    incoming_rials: int
    net_rials: int = Field(description="What the other club owes for the period; negative where it is owed.")
    digest: str = Field(description="SHA-256 of the period's lines in order, the same in both clubs.")
    state: ClubStatementState
    made_at: datetime


BankReference = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]


class ClubSettlementCreate(BaseModel):
    """A statement's net was paid; a second person confirms it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"statement_id": 5, "bank_reference": "140501310042"}}
    )

    statement_id: Id
    bank_reference: BankReference


class ClubSettlementRead(BaseModel):
    """A settlement."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 6,
                "statement_id": 5,
                "bank_reference": "140501310042",
                "state": "paid",
                "asked_by": "Sara",
                "asked_at": "2026-04-22T06:30:00Z",
                "decided_by": "Reza",
                "decided_at": "2026-04-22T06:40:00Z",
            }
        }
    )

    id: int
    statement_id: int
    bank_reference: str
    state: ClubSettlementState
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None


_POSITION: JsonDict = {
    "club_code": "club",
    "partner_code": "bookshops",
    "outgoing_rials": 100_000,
    "incoming_rials": 140_000,
    "net_rials": 40_000,
}


class ClubPosition(BaseModel):
    """What a club has exchanged with another in a period."""

    model_config = ConfigDict(json_schema_extra={"example": _POSITION})

    club_code: str
    partner_code: str
    outgoing_rials: int
    incoming_rials: int
    net_rials: int = Field(description="What the partner owes the club; negative where it is owed.")


class ClubClearing(BaseModel):
    """Positions of pairs, and what they add up to."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "begin": "2026-03-20T20:30:00Z",
                "end": "2026-04-20T20:30:00Z",
                "positions": [_POSITION],
                "total_rials": 40_000,
            }
        }
    )

    begin: datetime
    end: datetime
    positions: list[ClubPosition]
    total_rials: int = Field(description="Sum of all nets; 0 where both clubs of each pair are among them.")
