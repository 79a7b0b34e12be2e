"""What joining takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from host_api.core.iran.schema_types import MobileNumber
from host_api.core.money import Rials
from host_api.core.name_type import kept_name
from host_api.services.members.interests.schemas import Interests
from host_api.services.members.schemas import Bits, PersonalData, Reason, SwitchText


class Way(StrEnum):
    """How somebody joins."""

    COUNTER = "counter"
    SMS = "sms"
    APP = "app"
    WEB = "web"


class PolicyKind(StrEnum):
    """Whether anybody may join, or under conditions."""

    OPEN = "open"
    LIMITED = "limited"


class FormField(StrEnum):
    """What a form may ask for beside the name."""

    MOBILE = "mobile"
    EMAIL = "email"
    NATIONAL_ID = "national_id"
    BIRTH_DATE = "birth_date"
    CITY = "city"
    ADDRESS = "address"
    POSTAL_CODE = "postal_code"
    SHEBA = "sheba"


class ApplicationState(StrEnum):
    """What an application waits for, or how it ended."""

    UNCONFIRMED = "unconfirmed"
    WAITING_FEE = "waiting_fee"
    WAITING_APPROVAL = "waiting_approval"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


Keyword = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^\S+$"), kept_name(32)]
Ways = Annotated[list[Way], Field(max_length=4), AfterValidator(lambda ways: sorted(set(ways)))]
FormFields = Annotated[
    list[FormField], Field(max_length=8), AfterValidator(lambda fields: sorted(set(fields)))
]
FeeReference = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Note = Annotated[str, Field(min_length=1, max_length=200), kept_name(200)]


class JoiningPolicyCreate(BaseModel):
    """How one joins the club or a sub-club."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "club_level": "agents",
                "kind": "limited",
                "ways": ["counter", "app"],
                "fee_rials": 5_000_000,
                "required_fields": ["mobile", "national_id"],
                "needs_approval": True,
            }
        },
    )

    club_level: SwitchText | None = Field(default=None, description="Sub-club; left out, the club itself.")
    kind: PolicyKind
    ways: Ways = Field(description="The ways that are open.")
    fee_rials: Rials = 0
    required_fields: FormFields = Field(default=[], description="The long form: what must be told.")
    required_agreements: Bits = Field(default=[], description="Agreements that must be given.")
    needs_approval: bool = Field(default=False, description="Whether a second person decides.")
    sms_keyword: Keyword | None = Field(default=None, description="The first word of a message that joins.")


class JoiningPolicyUpdate(BaseModel):
    """What is to change of a policy; what is left out stays. Applications keep what held when they came."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"ways": ["counter", "sms"]}})

    kind: PolicyKind | None = None
    ways: Ways | None = None
    fee_rials: Rials | None = None
    required_fields: FormFields | None = None
    required_agreements: Bits | None = None
    needs_approval: bool | None = None
    sms_keyword: Keyword | None = Field(default=None, description="Null takes it away.")


class JoiningPolicyRead(BaseModel):
    """How one joins the club or a sub-club."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 1,
                "club_level": None,
                "kind": "open",
                "ways": ["app", "counter", "sms"],
                "fee_rials": 0,
                "required_fields": [],
                "required_agreements": [],
                "needs_approval": False,
                "sms_keyword": "1",
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    club_level: str | None = Field(description="Null is the club itself.")
    kind: PolicyKind
    ways: list[Way]
    fee_rials: int
    required_fields: list[FormField]
    required_agreements: list[int]
    needs_approval: bool
    sms_keyword: str | None
    created_at: datetime


class ApplicationCreate(PersonalData):
    """Somebody's wish to become a member."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"way": "app", "name": "عضو نمونه", "mobile": "۰۹۱۲۳۴۵۶۷۸۹"}}
    )

    way: Literal[Way.COUNTER, Way.APP, Way.WEB] = Field(description="Messages have an address of their own.")
    club_level: SwitchText | None = Field(default=None, description="Sub-club; left out, the club itself.")
    agreements: Bits = Field(default=[], description="Agreements given, by their numbers in the rules.")
    interests: Interests = Field(default=[], description="Codes of interests of the club's own.")


class ApplicationRead(BaseModel):
    """An application for membership."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 7,
                "club_level": None,
                "way": "app",
                "state": "unconfirmed",
                "name": "عضو نمونه",
                "mobile": "+989123456789",
                "fee_rials": 0,
                "fee_reference": None,
                "needs_approval": False,
                "asked_by_name": "app",
                "created_at": "2026-03-21T06:30:00Z",
                "confirmed_at": None,
                "decided_by_name": None,
                "decided_at": None,
                "reason": None,
                "member_id": None,
            }
        }
    )

    id: int
    club_level: str | None
    way: Way
    state: ApplicationState
    name: str | None = Field(description="Null once the application is over.")
    mobile: str | None
    fee_rials: int
    fee_reference: str | None
    needs_approval: bool
    asked_by_name: str
    created_at: datetime
    confirmed_at: datetime | None = Field(description="When the mobile number was proved.")
    decided_by_name: str | None
    decided_at: datetime | None
    reason: str | None = Field(description="Why it was refused.")
    member_id: int | None = Field(description="The member it made.")


class JoiningCodeTry(BaseModel):
    """The code that was texted."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"code": "۱۲۳۴۵۶"}})

    code: str = Field(min_length=1, max_length=40, description="As typed, in digits of any script.")


class JoiningFeeNote(BaseModel):
    """The fee was paid."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reference": "بانک 140512"}})

    reference: FeeReference = Field(description="Where the payment is found again.")


class JoiningApproval(BaseModel):
    """A second person's consent."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "مدارک دیده شد"}})

    note: Note | None = None


class JoiningRefusal(BaseModel):
    """Why an application is refused."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "مدارک ناقص است"}})

    reason: Reason


class JoiningAttemptRead(BaseModel):
    """Somebody tried to join and could not."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "at": "2026-03-21T06:30:00Z",
                "way": "sms",
                "club_level": None,
                "reason": "joining-form-incomplete",
                "name": None,
                "mobile": "+989123456789",
                "application_id": None,
                "is_followed_up": False,
                "followed_up_at": None,
                "followed_up_by": None,
                "note": None,
            }
        }
    )

    id: int
    at: datetime
    way: Way
    club_level: str | None
    reason: str = Field(description="Code of the problem, the last part of its URN.")
    name: str | None
    mobile: str | None
    application_id: int | None
    is_followed_up: bool
    followed_up_at: datetime | None
    followed_up_by: str | None
    note: str | None


class JoiningFollowUp(BaseModel):
    """What came of calling somebody who could not join."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "فردا می‌آید"}})

    note: Note


class SmsCreate(BaseModel):
    """A message that came in at the club's number."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "example": {"message_id": "in-20260321-0001", "sender": "09123456789", "text": "۱ سارا"}
        },
    )

    message_id: str = Field(
        min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$", description="The gateway's own id of it."
    )
    sender: MobileNumber
    text: str = Field(max_length=1000, description="The keyword, and behind it the name if it was given.")


class SmsOutcome(BaseModel):
    """What became of a message, the same however often it comes."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"outcome": "joined", "member_id": 12, "application_id": 8, "is_repeat": False}
        }
    )

    outcome: str = Field(
        description="`joined`, `waiting` (for fee or approval), `stopped`, `started`, `balance`, "
        "`unknown-keyword`, or a problem's code."
    )
    member_id: int | None
    application_id: int | None
    is_repeat: bool
