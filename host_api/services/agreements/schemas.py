"""What agreements take and give."""

from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.core.short_code import ShortCode
from host_api.services.transactions.listing import RRN_PATTERN

_LONGEST_TEXT: Final = 15_000
_HASH: Final = "6f1c1d1e3ff0b1c64c4e1a7a6f1c8b0c9a2d7f4e5b6a79880123456789abcdef"

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Title = Annotated[str, Field(min_length=1, max_length=120), kept_name(120)]
Body = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=_LONGEST_TEXT, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+$"
    ),
]
Line = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=80,
        pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$",
    ),
]
Note = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]
ContentHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the canonical text.")]


def _read_address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise PydanticCustomError("ip_address", "An address is IPv4 or IPv6") from None


ClientAddress = Annotated[str, Field(max_length=45), AfterValidator(_read_address)]

REFUSAL_FA: Final = "ابتدا توافق‌نامهٔ باشگاه را بپذیرید"
REFUSAL_EN: Final = "Please accept the club's agreement first"


class Party(StrEnum):
    """Who accepts."""

    MEMBER = "member"
    MERCHANT = "merchant"


class GatedProcess(StrEnum):
    """What waits for the acceptance.

    SALE: the switch refuses the purchase, with a text. EARN: the sale goes through and earns nothing.
    SPEND: no purse pays. The others are acts at the host API.
    """

    SALE = "sale"
    EARN = "earn"
    SPEND = "spend"
    SHOP_ORDER = "shop_order"
    POINT_TRANSFER = "point_transfer"
    CASH_OUT = "cash_out"


class AgreementVersionState(StrEnum):
    """Where a version stands; a DRAFT waits for a second person."""

    DRAFT = "draft"
    PUBLISHED = "published"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class AcceptanceChannel(StrEnum):
    """Where it was accepted."""

    APP = "app"
    WEB = "web"
    COUNTER = "counter"
    TERMINAL = "terminal"
    JOINING = "joining"


class AgreementCreate(BaseModel):
    """A new agreement; its text comes with its first version."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"code": "terms", "party": "member", "processes": ["earn"]}},
    )

    code: ShortCode
    party: Party = Party.MEMBER
    processes: list[GatedProcess] = Field(
        default=[], max_length=len(GatedProcess), description="What waits for it; nothing where empty."
    )
    refusal_fa: Line = Field(default=REFUSAL_FA, description="What a refused member reads at the till.")
    refusal_en: Line = REFUSAL_EN

    @model_validator(mode="after")
    def _only_members_wait(self) -> Self:
        if self.processes and self.party is Party.MERCHANT:
            raise ValueError("only what members do can wait for an agreement")
        self.processes = sorted(set(self.processes))
        return self


class AgreementUpdate(BaseModel):
    """What is to be different."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"processes": ["earn", "shop_order"]}}
    )

    processes: list[GatedProcess] | None = Field(default=None, max_length=len(GatedProcess))
    refusal_fa: Line | None = None
    refusal_en: Line | None = None
    is_retired: bool | None = Field(default=None, description="Nothing waits for a retired one any more.")


class AgreementRead(BaseModel):
    """An agreement, and which of its versions is in force."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 1,
                "code": "terms",
                "party": "member",
                "processes": ["earn"],
                "refusal_fa": REFUSAL_FA,
                "refusal_en": REFUSAL_EN,
                "is_retired": False,
                "version_in_force": 3,
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    code: str
    party: Party
    processes: list[GatedProcess]
    refusal_fa: str
    refusal_en: str
    is_retired: bool
    version_in_force: int | None = Field(description="Id of the version.")
    created_at: datetime


class AgreementVersionCreate(BaseModel):
    """A draft of a text, in both languages.

    `{name}`, `{number}` and `{date}` stand for the party and the day in a contract.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "title_fa": "شرایط باشگاه",
                "title_en": "Terms of the club",
                "text_fa": "امتیازها یک سال اعتبار دارند.",
                "text_en": "Points are valid for a year.",
                "needs_acceptance": True,
            }
        },
    )

    title_fa: Title
    title_en: Title
    text_fa: Body
    text_en: Body
    needs_acceptance: bool = Field(
        default=True,
        description="Whether those who accepted the version before must accept this one; the first always.",
    )


class AgreementVersionUpdate(BaseModel):
    """What is to be different in a draft; whoever changes it can't publish it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"text_en": "Points are valid for two years."}}
    )

    title_fa: Title | None = None
    title_en: Title | None = None
    text_fa: Body | None = None
    text_en: Body | None = None
    needs_acceptance: bool | None = None


class PublicationWanted(BaseModel):
    """From when on a draft is the text."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "واحد حقوقی دید"}})

    effective_from: AwareDatetime | None = Field(default=None, description="Now where left out.")
    note: Note | None = None


class RejectionWanted(BaseModel):
    """Why a draft is not published."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "بند ۳ روشن نیست"}})

    note: Note | None = None


_VERSION: Final[JsonDict] = {
    "id": 3,
    "agreement_id": 1,
    "number": 2,
    "state": "published",
    "title_fa": "شرایط باشگاه",
    "title_en": "Terms of the club",
    "text_fa": "امتیازها یک سال اعتبار دارند.",
    "text_en": "Points are valid for a year.",
    "content_hash": _HASH,
    "needs_acceptance": True,
    "bit": 255,
    "effective_from": "2026-03-21T06:30:00Z",
    "note": None,
    "written_by": "نگار",
    "written_at": "2026-03-20T06:30:00Z",
    "decided_by": "امید",
    "decided_at": "2026-03-21T06:30:00Z",
}


class AgreementVersionRead(BaseModel):
    """One text."""

    model_config = ConfigDict(json_schema_extra={"example": _VERSION})

    id: int
    agreement_id: int
    number: int
    state: AgreementVersionState
    title_fa: str
    title_en: str
    text_fa: str
    text_en: str
    content_hash: str
    needs_acceptance: bool
    bit: int | None = Field(description="Its place in members' records on the switch.")
    effective_from: datetime | None
    note: str | None
    written_by: str
    written_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class PendingAgreements(BaseModel):
    """What a member has still to accept, with the texts to be shown."""

    model_config = ConfigDict(json_schema_extra={"example": {"member_id": 12, "versions": [_VERSION]}})

    member_id: int
    versions: list[AgreementVersionRead]


class CodeProof(BaseModel):
    """The code that was texted to the member."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["code"]
    code: Annotated[str, Field(min_length=1, max_length=40)]


class TerminalProof(BaseModel):
    """The member's card was at the terminal: a transaction of theirs there."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["terminal"]
    terminal_id: Annotated[str, Field(pattern=r"^[!-~]{1,8}$")]
    rrn: Annotated[str, Field(pattern=RRN_PATTERN)]


class PaperProof(BaseModel):
    """A signed paper, by its number in the archive."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["paper"]
    reference: Annotated[
        str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,48}$")
    ]


class AcceptanceCodeCreate(BaseModel):
    """Text a member a code for accepting a text."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"member_id": 12, "content_hash": _HASH}}
    )

    member_id: Id
    content_hash: ContentHash


class AcceptanceCodeSent(BaseModel):
    """Until when the code is good."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"version_id": 3, "expires_at": "2026-03-21T06:32:00Z"}}
    )

    version_id: int
    expires_at: datetime


class AcceptanceCreate(BaseModel):
    """That a member or a merchant accepts the text with this hash, and what proves it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "member_id": 12,
                "content_hash": _HASH,
                "channel": "app",
                "proof": {"kind": "code", "code": "482913"},
                "client_address": "192.0.2.7",
            }
        },
    )

    member_id: Id | None = None
    merchant_key: Id | None = Field(default=None, description="The merchant's `id`.")
    content_hash: ContentHash
    channel: Literal[
        AcceptanceChannel.APP, AcceptanceChannel.WEB, AcceptanceChannel.COUNTER, AcceptanceChannel.TERMINAL
    ]
    proof: Annotated[CodeProof | TerminalProof | PaperProof, Field(discriminator="kind")]
    client_address: ClientAddress | None = Field(
        default=None, description="Where the member's own device is, where it is known."
    )

    @model_validator(mode="after")
    def _one_party(self) -> Self:
        if (self.member_id is None) == (self.merchant_key is None):
            raise ValueError("give member_id or merchant_key, and one of them only")
        if self.merchant_key is not None and self.proof.kind != "paper":
            raise ValueError("a merchant's acceptance is proved by a paper")
        return self


class AcceptanceRead(BaseModel):
    """An acceptance; the client's address is only in the member's own export."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 9,
                "agreement_id": 1,
                "version_id": 3,
                "content_hash": _HASH,
                "member_id": 12,
                "merchant_key": None,
                "accepted_at": "2026-03-21T06:31:00Z",
                "channel": "app",
                "proof": "code",
                "reference": None,
                "rrn": None,
                "recorded_by": "app",
            }
        }
    )

    id: int
    agreement_id: int
    version_id: int
    content_hash: str
    member_id: int | None
    merchant_key: int | None
    accepted_at: datetime
    channel: AcceptanceChannel
    proof: str = Field(description="`code`, `terminal`, `paper`, or `joining`.")
    reference: str | None = Field(description="The terminal, or the paper's number.")
    rrn: str | None
    recorded_by: str


class GatesWanted(BaseModel):
    """For which moment gates are written into the draft of the rules."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {}})

    at: AwareDatetime | None = Field(
        default=None, description="Now where left out; later, for a publication of the rules at that time."
    )


class GatesWritten(BaseModel):
    """What the draft of the rules has now; it is in force once a version of it is published."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "agreements": {"terms-2": 255},
                "earn": ["terms-2"],
                "spend": [],
                "refusing_rules": [],
            }
        }
    )

    agreements: dict[str, int]
    earn: list[str] = Field(description="Without these no rule gives.")
    spend: list[str] = Field(description="Without these no purse pays.")
    refusing_rules: list[str] = Field(description="Gates that refuse a purchase.")
