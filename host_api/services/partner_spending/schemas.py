"""What spending at partners takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from host_api.core.iran.schema_types import MobileNumber
from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.path_ids import LARGEST_ID
from host_api.core.period_limits import PeriodLimits
from host_api.core.short_code import ShortCode

Units = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)]
Basis = Annotated[int, Field(ge=0, le=10_000)]
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]
PartnerReference = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,32}$")]
KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{8}$")]


class PartnerStatus(StrEnum):
    """Whether a partner may take points; cancelling is possible always."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class Proof(StrEnum):
    """How a member proves a spending."""

    CODE = "code"
    CARD = "card"


class PartnerSpendingState(StrEnum):
    """Where a spending stands.

    PAYING waits for the switch; REFUSED moved nothing; DOUBTFUL is for the next reconciliation. RETURNING
    gives the units back; UNRETURNED could not, and wants a person.
    """

    PAYING = "paying"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    RETURNING = "returning"
    RETURNED = "returned"
    UNRETURNED = "unreturned"


class PartnerMovementKind(StrEnum):
    """Lines of a partner's account."""

    DEBIT = "debit"
    RETURN = "return"


_TERMS_EXAMPLE: JsonDict = {
    "name": "کارت تلفن",
    "api_key_id": "3f9a2b1c",
    "valid_from": "2026-03-21T00:00:00+03:30",
    "proofs": ["code", "card"],
    "most_units": 10_000,
    "limits": {"day_units": 20_000},
    "rate_units": 1,
    "rate_rials": 450,
    "commission_basis_points": 200,
}


class PartnerCreate(BaseModel):
    """A company that is to take points."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"code": "phone", **_TERMS_EXAMPLE}}
    )

    code: ShortCode
    name: Name
    api_key_id: KeyId | None = Field(default=None, description="Id of the API key by which it is known.")
    valid_from: AwareDatetime | None = Field(default=None, description="Begin of the contract; now.")
    valid_until: AwareDatetime | None = Field(default=None, description="End of the contract; null is open.")
    purse: int = Field(default=91, ge=60, le=99, description="Account type of the purse.")
    proofs: list[Proof] = Field(default=[Proof.CODE], min_length=1, max_length=2)
    least_units: Units = 1
    most_units: Units = LARGEST_AMOUNT
    limits: PeriodLimits = Field(
        default_factory=PeriodLimits, description="Of one member at this partner; left out, none."
    )
    rate_units: Units = Field(default=1, description="For so many units …")
    rate_rials: Units = Field(description="… the partner is owed so many rials, parts of a rial cut off.")
    commission_basis_points: Basis = Field(default=0, description="What the club keeps of it, in 1/10,000.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.most_units < self.least_units:
            raise PydanticCustomError("units_out_of_order", "most_units is less than least_units")
        return self


class PartnerUpdate(BaseModel):
    """What is to be different; it holds for what is spent from then on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"status": "suspended"}})

    name: Name | None = None
    status: PartnerStatus | None = None
    api_key_id: KeyId | None = None
    valid_until: AwareDatetime | None = None
    proofs: list[Proof] | None = Field(default=None, min_length=1, max_length=2)
    least_units: Units | None = None
    most_units: Units | None = None
    limits: PeriodLimits | None = None
    rate_units: Units | None = None
    rate_rials: Units | None = None
    commission_basis_points: Basis | None = None


class PartnerRead(BaseModel):
    """A company that takes points."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 2,
                "code": "phone",
                "status": "active",
                "purse": 91,
                "valid_until": None,
                "least_units": 1,
                "created_at": "2026-03-21T06:30:00Z",
                **_TERMS_EXAMPLE,
            }
        }
    )

    id: int
    code: str
    name: str
    status: PartnerStatus
    api_key_id: str | None
    valid_from: datetime
    valid_until: datetime | None
    purse: int
    proofs: list[Proof]
    least_units: int
    most_units: int
    limits: PeriodLimits
    rate_units: int
    rate_rials: int
    commission_basis_points: int
    created_at: datetime


class _OfMember(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reference: PartnerReference = Field(description="The partner's own, new for each spending.")
    units: Units
    member_id: int | None = Field(default=None, ge=1, le=LARGEST_ID)
    mobile: MobileNumber | None = None


class PartnerCodeCreate(_OfMember):
    """A member wants to spend: they are texted a code for just this."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"reference": "PC-1001", "units": 200, "mobile": "09123456789"}}
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.member_id is None) == (self.mobile is None):
            raise PydanticCustomError("one_member", "Tell either member_id or mobile")
        return self


class PartnerCodeRead(BaseModel):
    """A code is on its way."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"reference": "PC-1001", "good_until": "2026-03-21T06:32:00Z"}}
    )

    reference: str
    good_until: datetime


class PartnerSpendingCreate(_OfMember):
    """A spending, proved by the code that was texted for it, or by the member's card."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"reference": "PC-1001", "units": 200, "mobile": "09123456789", "code": "۱۲۳۴۵۶"}
        }
    )

    code: str | None = Field(default=None, min_length=1, max_length=40)
    card_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{12,19}$")] | None = None

    @property
    def proof(self) -> Proof:
        """How it is proved."""
        return Proof.CODE if self.card_number is None else Proof.CARD

    @model_validator(mode="after")
    def _check(self) -> Self:
        told = [given is not None for given in (self.member_id, self.mobile, self.card_number)]
        if sum(told) != 1 or (self.code is None) != told[2]:
            raise PydanticCustomError("one_proof", "Tell member_id or mobile with a code, or card_number")
        return self


class PartnerSpendingRead(BaseModel):
    """A spending at a partner, and what became of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 9,
                "partner_id": 2,
                "reference": "PC-1001",
                "member_id": 12,
                "proof": "code",
                "purse": 91,
                "units": 200,
                "rials": 90_000,
                "commission_rials": 1_800,
                "state": "accepted",
                "asked_at": "2026-03-21T06:31:00Z",
                "response_code": "00",
                "rrn": "000000000042",
                "return_rrn": None,
            }
        }
    )

    id: int
    partner_id: int
    reference: str
    member_id: int
    proof: Proof
    purse: int
    units: int
    rials: int
    commission_rials: int
    state: PartnerSpendingState
    asked_at: datetime
    response_code: str | None = Field(description="Field 39 of the switch's last answer; 51: too few units.")
    rrn: str | None
    return_rrn: str | None


class PartnerMovementRead(BaseModel):
    """A line of a partner's account; a return has a minus."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 9,
                "partner_id": 2,
                "reference": "PC-1001",
                "kind": "debit",
                "at": "2026-03-21T06:31:00Z",
                "units": 200,
                "rials": 90_000,
                "commission_rials": 1_800,
                "rrn": "000000000042",
            }
        }
    )

    id: int
    partner_id: int
    reference: str
    kind: PartnerMovementKind
    at: datetime
    units: int
    rials: int
    commission_rials: int
    rrn: str


class PartnerStatement(BaseModel):
    """What a partner is owed for a time: debits less returns, less the club's commission."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "partner_id": 2,
                "begin": "2026-03-20T20:30:00Z",
                "end": "2026-04-20T20:30:00Z",
                "debits": 2,
                "returns": 1,
                "units": 200,
                "rials": 90_000,
                "commission_rials": 1_800,
                "owed_rials": 88_200,
            }
        }
    )

    partner_id: int
    begin: datetime
    end: datetime = Field(description="The first instant that is not in it.")
    debits: int
    returns: int
    units: int
    rials: int
    commission_rials: int
    owed_rials: int
