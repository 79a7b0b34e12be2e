"""What the referral network takes and gives."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue, computed_field

from host_api.services.referral_network.scoring import PARTS, IncomeKind
from host_api.services.referral_network.words import Decider, MemberId, Text

_AT: Final = "2026-03-21T06:30:00Z"


class NetworkChangeKind(StrEnum):
    """What happened: somebody joined under an introducer, a branch came from a file, was moved, suspended,
    resumed or has run out, a place went with a merged or erased member, units were paid or taken back."""

    JOINED = "joined"
    IMPORTED = "imported"
    MOVED = "moved"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    EXPIRED = "expired"
    MERGED = "merged"
    ERASED = "erased"
    PAID = "paid"


class NetworkMoveState(StrEnum):
    """Where a move stands; an approved one has been done."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class NetworkPayoutState(StrEnum):
    """Where a payout stands: with the switch, done, refused (it goes with the next one), or not known yet."""

    SENT = "sent"
    PAID = "paid"
    FAILED = "failed"
    DOUBTFUL = "doubtful"


class ReferrerCode(BaseModel):
    """A member's referrer code."""

    model_config = ConfigDict(json_schema_extra={"example": {"member_id": 12, "code": "7KQ2M9XR"}})

    member_id: int
    code: str = Field(description="Eight letters and digits; the last one checks the others.")


class CodeRegistration(BaseModel):
    """A new member's introducer, by their code."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"member_id": 13, "code": "7KQ2-M9XR"}}
    )

    member_id: MemberId = Field(description="Who was introduced.")
    code: Annotated[str, Field(min_length=8, max_length=20, description="In either case, however grouped.")]


class RegistrationRead(BaseModel):
    """An introduction that counts from now on."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"member_id": 13, "introducer": 12, "since": _AT, "until": None, "units": 20}
        }
    )

    member_id: int
    introducer: int
    since: datetime
    until: date | None = Field(description="The last day on which the branch counts; null is for ever.")
    units: int = Field(description="What the introduced member gets for it.")


class NetworkMoveCreate(BaseModel):
    """A branch that is to hang on another introducer."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"member_id": 13, "introducer": 14, "reason": "معرف اشتباه ثبت شده بود"}
        },
    )

    member_id: MemberId = Field(description="Who moves, with all below.")
    introducer: MemberId | None = Field(description="Null makes the branch a tree of its own.")
    reason: Text


class NetworkMoveRead(BaseModel):
    """A move of a branch: asked by one person, done once another approves."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "state": "approved",
                "member_id": 13,
                "introducer": 14,
                "from_introducer": 12,
                "reason": "معرف اشتباه ثبت شده بود",
                "asked_by": "نگار",
                "asked_at": _AT,
                "decided_by": "امید",
                "decided_at": "2026-03-21T06:35:00Z",
                "note": None,
            }
        }
    )

    id: int
    state: NetworkMoveState
    member_id: int
    introducer: int | None
    from_introducer: int | None = Field(description="Where it hung when the move was asked for.")
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: Decider
    decided_at: datetime | None
    note: str | None


_PLACE: Final[dict[str, JsonValue]] = {
    "member_id": 13,
    "code": "7KQ2M9XR",
    "introducer": 12,
    "upline": [12, 3],
    "since": _AT,
    "until": None,
    "suspended_at": None,
    "counts": True,
    "is_closed": False,
    "branches": 4,
}


class NetworkPlaceRead(BaseModel):
    """Where a member stands in the tree."""

    model_config = ConfigDict(json_schema_extra={"example": _PLACE})

    member_id: int
    code: str | None
    introducer: int | None
    upline: list[int] = Field(description="Introducers above, the nearest first, at most twenty.")
    since: datetime | None
    until: date | None = Field(description="The branch's last day; null is for ever.")
    suspended_at: datetime | None
    counts: bool = Field(description="Whether the branch to the introducer counts now.")
    is_closed: bool = Field(description="The member was erased or merged; the place holds the tree together.")
    branches: int = Field(description="Members directly below.")


class DownlineLevel(BaseModel):
    """How many members stand on a level below a member."""

    model_config = ConfigDict(json_schema_extra={"example": {"level": 1, "members": 4}})

    level: int
    members: int


class NetworkMemberRead(BaseModel):
    """What a member sees of the network: the code, the branches, the downline, the income."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "place": _PLACE,
                "downline": [{"level": 1, "members": 4}, {"level": 2, "members": 9}],
                "paid_units": 320,
                "waiting_units": 12,
            }
        }
    )

    place: NetworkPlaceRead
    downline: list[DownlineLevel]
    paid_units: int = Field(description="All that was paid less what was taken back, of the policy's purse.")
    waiting_units: int = Field(
        description="What goes with the next payout, whole units; less than zero is owed for returns."
    )


class IncomeLineRead(BaseModel):
    """One line of a member's income: of which purchase or introduction, on which level, how much."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 77,
                "at": _AT,
                "member_id": 12,
                "kind": "downline",
                "level": 1,
                "source_member_id": 13,
                "rrn": "000000000017",
                "policy_id": 3,
                "purse": 91,
                "due": "2026-03-22",
                "parts": 125000,
                "of_line_id": None,
                "units": 12.5,
            }
        }
    )

    id: int
    at: datetime
    member_id: int
    kind: IncomeKind
    level: int = Field(description="Levels between the buyer and the member; 0 is their own side.")
    source_member_id: int
    rrn: str | None
    policy_id: int = Field(description="The policy that was in force.")
    purse: int
    due: date = Field(description="The day on which it is paid.")
    parts: int = Field(description="Ten-thousandths of a unit.")
    of_line_id: int | None = Field(description="The line that a return takes something back of.")

    @computed_field(description="The same in units.")
    def units(self) -> float:
        """For reading; sums are made of `parts`."""
        return self.parts / PARTS


class NetworkPayoutRead(BaseModel):
    """Units that went to a member, or came back."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 9,
                "member_id": 12,
                "purse": 91,
                "due": "2026-03-22",
                "units": 12,
                "state": "paid",
                "response_code": "00",
                "rrn": "000000000042",
                "asked_at": _AT,
                "finished_at": _AT,
            }
        }
    )

    id: int
    member_id: int
    purse: int
    due: date
    units: int = Field(description="Less than zero was taken back.")
    state: NetworkPayoutState
    response_code: str | None = Field(description="Field 39 of the switch's answer.")
    rrn: str | None = Field(description="The transaction in the journal.")
    asked_at: datetime
    finished_at: datetime | None


class NetworkChangeRead(BaseModel):
    """Something that happened in the network."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 5,
                "at": _AT,
                "kind": "joined",
                "member_id": 13,
                "other_member_id": 12,
                "units": None,
                "by_name": "app",
                "reason": None,
            }
        }
    )

    id: int
    at: datetime
    kind: NetworkChangeKind
    member_id: int
    other_member_id: int | None = Field(
        description="The introducer, or the record that a merged one went into."
    )
    units: int | None = Field(description="What was paid; less than zero was taken back.")
    by_name: str
    reason: str | None


class NetworkSummary(BaseModel):
    """The network in numbers."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "places": 12000,
                "introduced": 9000,
                "suspended": 3,
                "moves_asked": 1,
                "policies_asked": 0,
                "payouts_open": 12,
                "changes_today": {"joined": 40, "paid": 800},
            }
        }
    )

    places: int = Field(description="Members who have a code or an introducer.")
    introduced: int = Field(description="Members who hang on a branch.")
    suspended: int = Field(description="Branches that are suspended.")
    moves_asked: int
    policies_asked: int
    payouts_open: int = Field(description="With the switch, or not known yet.")
    changes_today: dict[NetworkChangeKind, int] = Field(description="Since midnight in Tehran.")
