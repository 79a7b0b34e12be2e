"""What the coalition takes and gives of clubs, contracts, links and letters."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from host_api.core.jobs.run_table import JsonObject
from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.core.programmes import PROGRAMME_CODE_PATTERN
from host_api.core.short_code import ShortCode

MOST_LETTERS = 100

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Amount = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)]
Limit = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT)]
Purse = Annotated[int, Field(ge=60, le=99)]
ClubName = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{8}$")]
Number = Annotated[int, Field(ge=0, le=LARGEST_ID)]


class ClubStatus(StrEnum):
    """Whether anything new is exchanged with a club; what is on its way comes to its end always."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class ClubContractState(StrEnum):
    """Where a contract stands.

    ASKED waits for a second person here, OFFERED for the other club; RECEIVED is the other club's, and waits
    for a person here. ACTIVE is agreed by both.
    """

    ASKED = "asked"
    OFFERED = "offered"
    RECEIVED = "received"
    ACTIVE = "active"
    REJECTED = "rejected"
    REFUSED = "refused"
    ENDED = "ended"


class ClubLinkState(StrEnum):
    """Where a link stands."""

    ASKED = "asked"
    ACTIVE = "active"
    REFUSED = "refused"
    ENDED = "ended"


class PartnerClubCreate(BaseModel):
    """Another club with which this one is to have contracts."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"club_code": "bookshops", "name": "باشگاه کتاب", "is_local": True}},
    )

    club_code: str = Field(pattern=PROGRAMME_CODE_PATTERN, description="What the other club calls itself.")
    name: ClubName
    is_local: bool = Field(default=False, description="Whether it is a programme of this installation.")
    api_key_id: KeyId | None = Field(default=None, description="Id of the API key by which it is known.")


class PartnerClubUpdate(BaseModel):
    """What is to be different."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"status": "suspended"}})

    name: ClubName | None = None
    status: ClubStatus | None = None
    api_key_id: KeyId | None = None


class CreditLimitUpdate(BaseModel):
    """How much the other club may owe."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"credit_limit_rials": 500_000_000}}
    )

    credit_limit_rials: Limit


class PartnerClubRead(BaseModel):
    """Another club, and how things stand with it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 2,
                "club_code": "bookshops",
                "name": "باشگاه کتاب",
                "is_local": True,
                "api_key_id": None,
                "status": "active",
                "credit_limit_rials": 500_000_000,
                "balance_rials": 100_000,
                "reserved_rials": 0,
                "letters_written": 4,
                "letters_arrived": 4,
                "letters_taken": 3,
                "closed_until": None,
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    club_code: str
    name: str
    is_local: bool
    api_key_id: str | None
    status: ClubStatus
    credit_limit_rials: int = Field(description="So much the club may owe; 0 at first.")
    balance_rials: int = Field(description="What the club owes; negative where it is owed.")
    reserved_rials: int = Field(description="Counted against the limit beside it: not yet decided.")
    letters_written: int
    letters_arrived: int = Field(description="The last letter known to have arrived there.")
    letters_taken: int = Field(description="The last letter of the club's that was taken in.")
    closed_until: datetime | None = Field(description="End of the last agreed statement.")
    created_at: datetime


_TERMS: JsonDict = {
    "club_id": 2,
    "code": "BOOKS1",
    "own_purse": 91,
    "partner_purse": 91,
    "own_units": 3,
    "partner_units": 2,
    "rials": 1_000,
    "valid_until": None,
}


class ClubContractCreate(BaseModel):
    """What a lot is worth in both clubs, in either direction; told in the smallest whole numbers."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _TERMS})

    club_id: Id
    code: ShortCode
    own_purse: Purse = Field(default=91, description="Account type of the purse here.")
    partner_purse: Purse = Field(default=91, description="Account type of the purse there.")
    own_units: Amount = Field(description="So many units here are …")
    partner_units: Amount = Field(description="… so many there, and …")
    rials: Amount = Field(description="… so many rials between the clubs.")
    valid_until: AwareDatetime | None = Field(default=None, description="End; null is open.")


class ClubContractRead(BaseModel):
    """A contract with another club."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                **_TERMS,
                "is_ours": True,
                "state": "active",
                "asked_by": "Sara",
                "asked_at": "2026-03-21T06:30:00Z",
                "decided_by": "Reza",
                "decided_at": "2026-03-21T06:31:00Z",
            }
        }
    )

    id: int
    club_id: int
    code: str
    is_ours: bool = Field(description="Whether it was offered from here.")
    own_purse: int
    partner_purse: int
    own_units: int
    partner_units: int
    rials: int
    valid_until: datetime | None
    state: ClubContractState
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class LinkCodeCreate(BaseModel):
    """A member of this club wants their record joined with theirs in another."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"member_id": 12}})

    member_id: Id


class LinkCodeRead(BaseModel):
    """What the member gives to the other club; shown once."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"code": "mfrg-gzdf-mztw-q2lk", "good_until": "2026-03-21T06:45:00Z"}}
    )

    code: str
    good_until: datetime


class ClubLinkCreate(BaseModel):
    """A member of this club has a code that another club gave them."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"example": {"club_id": 2, "member_id": 12, "code": "mfrg-gzdf-mztw-q2lk"}},
    )

    club_id: Id
    member_id: Id
    code: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9A-Za-z -]{16,24}$")]


class ClubLinkRead(BaseModel):
    """A member's record here and one of theirs in another club; neither club learns the other's number."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "club_id": 2,
                "member_id": 12,
                "reference": "club:4",
                "state": "active",
                "made_at": "2026-03-21T06:32:00Z",
            }
        }
    )

    id: int
    club_id: int
    member_id: int
    reference: str
    state: ClubLinkState
    made_at: datetime


class ClubLetterContent(BaseModel):
    """One letter."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"number": 1, "content": {"kind": "contract_ended", "code": "BOOKS1"}}},
    )

    number: Annotated[int, Field(ge=1, le=LARGEST_ID)]
    content: JsonObject


class ClubLetters(BaseModel):
    """Letters in their order; what one club gives the other takes as it is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "taken": 3,
                "letters": [{"number": 4, "content": {"kind": "contract_ended", "code": "BOOKS1"}}],
            }
        },
    )

    taken: Number = Field(description="The last of the reader's own letters that the writer has taken in.")
    letters: list[ClubLetterContent] = Field(max_length=MOST_LETTERS)


class ClubLettersTaken(BaseModel):
    """How far letters have been taken in."""

    model_config = ConfigDict(json_schema_extra={"example": {"taken": 4}})

    taken: int
