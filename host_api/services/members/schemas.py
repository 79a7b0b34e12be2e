"""What the members service takes and gives."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from host_api.core.iran.schema_types import MobileNumber, NationalId, PostalCode, Sheba
from host_api.core.jalali import CalendarDate
from host_api.core.name_type import kept_name
from host_api.core.outbox import SwitchState
from host_api.services.members.identities.kinds import EMAIL_PATTERN, LONGEST_VALUE
from host_api.services.members.interests.schemas import Interests

_TEXT_ON_SWITCH_BYTES = 16


class MemberStatus(StrEnum):
    """Whether the member may earn and spend."""

    ACTIVE = "active"
    BLOCKED = "blocked"


class Activity(StrEnum):
    """How active a member is, by purchases; see the programme's thresholds."""

    ACTIVE = "active"
    LAPSING = "lapsing"
    INACTIVE = "inactive"
    NEW = "new"


class JoinedVia(StrEnum):
    """The way on which a member came; rules can ask for it as the enrol channel."""

    OFFICE = "office"
    IMPORT = "import"
    COUNTER = "counter"
    SMS = "sms"
    APP = "app"
    WEB = "web"


def _check_switch_text(text: str) -> str:
    if len(text.encode("utf-8")) > _TEXT_ON_SWITCH_BYTES:
        raise PydanticCustomError("text_too_long", "Longer than 16 bytes of UTF-8")
    return text


Name = Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]
Mobile = MobileNumber
Email = Annotated[
    str, Field(pattern=EMAIL_PATTERN, max_length=LONGEST_VALUE), AfterValidator(lambda text: text.lower())
]
City = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Address = Annotated[str, Field(min_length=1, max_length=300), kept_name(300)]
Reason = Annotated[str, Field(min_length=1, max_length=200), kept_name(200)]

SwitchText = Annotated[
    str,
    Field(min_length=1, max_length=16, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"),
    AfterValidator(_check_switch_text),
]
TierName = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_-]{0,15}$", description="A tier of the rules; the club's own names.")
]
LOWEST_TIER = "initial"
Bits = Annotated[
    list[Annotated[int, Field(ge=0, le=255)]],
    Field(max_length=256),
    AfterValidator(lambda bits: sorted(set(bits))),
]


class PersonalData(BaseModel):
    """What a person tells of himself; all but the name is kept sealed."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Name = Field(description="Name as the member writes it; Arabic ي and ك become Persian ی and ک.")
    mobile: Mobile | None = None
    email: Email | None = None
    national_id: NationalId | None = None
    birth_date: CalendarDate | None = None
    city: City | None = None
    address: Address | None = None
    postal_code: PostalCode | None = None
    sheba: Sheba | None = None


class MemberData(PersonalData):
    """A person and what the club makes of them."""

    tier: TierName = LOWEST_TIER
    group: SwitchText | None = Field(default=None, description="Group that rules look at.")
    organisation: SwitchText | None = Field(default=None, description="Organisation that rules look at.")
    club_level: SwitchText | None = Field(default=None, description="Sub-club, as rules look at it.")
    segments: Bits = Field(default=[], description="Segments by their numbers in the rules.")
    agreements: Bits = Field(default=[], description="Agreements given, by their numbers in the rules.")


class MemberCreate(MemberData):
    """A new member."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "عضو نمونه",
                "mobile": "۰۹۱۲ ۳۴۵ ۶۷۸۹",
                "birth_date": "۱۳۷۰/۱۲/۳۰",
                "tier": "initial",
            }
        }
    )

    interests: Interests = Field(default=[], description="Codes of interests of the club's own.")


class MemberUpdate(BaseModel):
    """What is to change of a member; what is left out stays, null takes away."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"example": {"mobile": "09123456789", "city": "تهران"}},
    )

    name: Name | None = Field(default=None, description="Null leaves it as it is.")
    mobile: Mobile | None = None
    email: Email | None = None
    national_id: NationalId | None = None
    birth_date: CalendarDate | None = None
    city: City | None = None
    address: Address | None = None
    postal_code: PostalCode | None = None
    sheba: Sheba | None = None
    interests: Interests | None = Field(
        default=None, description="All of the member's interests, by their codes; null is none."
    )


class MemberStatusChange(BaseModel):
    """Why a member is blocked, or free again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "کارت گم شده است"}})

    reason: Reason


class MemberSummary(BaseModel):
    """A member, without what is kept sealed."""

    id: int = Field(description="Also the member number on the switch.")
    name: str = Field(description="Empty where a member was enrolled at the counter, until somebody adds it.")
    tier: str
    status: MemberStatus
    status_reason: str | None
    activity: Activity
    joined_via: JoinedVia
    created_at: datetime
    group: str | None
    organisation: str | None
    club_level: str | None
    risk_class: str | None
    segments: list[int]
    agreements: list[int]
    household: int | None
    introducer: int | None = Field(
        description="Who introduced them, while that counts; only the referral network changes it."
    )
    merged_into: int | None = Field(
        default=None, description="The record that this one was merged into; it is blocked then."
    )
    introduced_until: date | None = Field(description="The last day on which the introduction counts.")
    switch_state: SwitchState = Field(description="Whether the switch knows this record.")
    switch_response_code: str | None = Field(description="Field 39 of the switch's answer.")


class MemberRead(MemberSummary):
    """A member of the club."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 12,
                "name": "عضو نمونه",
                "mobile": "+989123456789",
                "email": None,
                "national_id": None,
                "birth_date": "1992-03-20",
                "city": "تهران",
                "address": None,
                "postal_code": None,
                "sheba": None,
                "interests": ["books"],
                "tier": "initial",
                "status": "active",
                "status_reason": None,
                "activity": "new",
                "joined_via": "office",
                "created_at": "2026-03-21T06:30:00Z",
                "group": None,
                "organisation": None,
                "club_level": None,
                "risk_class": None,
                "segments": [],
                "agreements": [0],
                "household": None,
                "introducer": 11,
                "introduced_until": None,
                "merged_into": None,
                "switch_state": "active",
                "switch_response_code": "00",
            }
        }
    )

    mobile: str | None
    email: str | None
    national_id: str | None
    birth_date: date | None
    city: str | None
    address: str | None
    postal_code: str | None
    sheba: str | None
    interests: list[str]
