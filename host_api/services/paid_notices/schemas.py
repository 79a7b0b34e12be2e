"""What paid notices take and give. Amounts are rials."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.services.groups.query_schema import Query
from host_api.services.members.interests.schemas import InterestCode
from host_api.services.paid_notices.states import NoticeMeans, PaidNoticeState

_MOST_RECIPIENTS: Final = 100_000

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Text = Annotated[str, Field(min_length=1, max_length=300), kept_name(300)]
MessageRials = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT // _MOST_RECIPIENTS)]
Recipients = Annotated[int, Field(ge=1, le=_MOST_RECIPIENTS)]

_POLICY: Final[JsonDict] = {
    "is_open": True,
    "message_rials": 2_500,
    "most_recipients": 10_000,
    "most_per_member": 2,
    "per_days": 7,
}


class PaidNoticePolicyCreate(BaseModel):
    """A version of the policy."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": dict(_POLICY)})

    valid_from: AwareDatetime | None = Field(default=None, description="Now unless told otherwise.")
    is_open: bool = True
    message_rials: MessageRials = Field(description="What a seller pays for each message sent.")
    most_recipients: Recipients = Field(default=10_000, description="Of one notice.")
    most_per_member: int = Field(default=2, ge=1, le=100, description="A member gets so many notices …")
    per_days: int = Field(default=7, ge=1, le=366, description="… in so many days.")


class PaidNoticePolicyRead(BaseModel):
    """A version of the policy."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 1,
                "valid_from": "2026-03-21T06:30:00Z",
                "created_at": "2026-03-21T06:30:00Z",
                "created_by": "نگار",
                **_POLICY,
            }
        },
    )

    id: int
    valid_from: datetime
    created_at: datetime
    created_by: str
    is_open: bool
    message_rials: int
    most_recipients: int
    most_per_member: int
    per_days: int


class NoticeConsentUpdate(BaseModel):
    """Whether a member wants sellers' notices."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_given": True}})

    is_given: bool


class NoticeConsentRead(BaseModel):
    """Whether a member wants sellers' notices; nobody does who has not said so."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"member_id": 20, "is_given": True, "given_at": "2026-03-21T06:30:00Z"}}
    )

    member_id: int
    is_given: bool
    given_at: datetime | None


_NOTICE: Final[JsonDict] = {
    "seller_id": 3,
    "interest": "food",
    "audience": None,
    "text": "Honey of this summer has come",
    "text_fa": "عسل تابستان رسید",
    "means": "account",
}


class PaidNoticeCreate(BaseModel):
    """A text for members who have an interest, or have bought something of it at a storefront."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": dict(_NOTICE)})

    seller_id: Id
    interest: InterestCode
    audience: Query | None = Field(default=None, description="Of those only these; null: all.")
    text: Text
    text_fa: Text
    means: NoticeMeans = NoticeMeans.ACCOUNT
    most_recipients: Recipients | None = Field(default=None, description="No more than so many.")


class PaidNoticeConfirmation(BaseModel):
    """The price that the seller has seen."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"most_rials": 302_500}})

    most_rials: int = Field(ge=0, le=LARGEST_AMOUNT)


class PaidNoticeRead(BaseModel):
    """A notice, its price, and what became of it: the seller's statement of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 5,
                **_NOTICE,
                "state": "done",
                "recipients": 121,
                "message_rials": 2_500,
                "most_rials": 302_500,
                "queued": 119,
                "sent": 117,
                "billed_rials": 292_500,
                "asked_by": "app",
                "asked_at": "2026-03-25T06:30:00Z",
                "decided_by": "نگار",
                "decided_at": "2026-03-25T07:30:00Z",
                "ended_at": "2026-03-28T07:30:00Z",
            }
        }
    )

    id: int
    seller_id: int
    interest: str
    audience: Query | None
    text: str
    text_fa: str
    means: NoticeMeans
    state: PaidNoticeState
    recipients: int = Field(description="How many would have got it when it was quoted; never more do.")
    message_rials: int
    most_rials: int = Field(description="What it costs at most.")
    queued: int
    sent: int
    billed_rials: int = Field(description="For messages sent; the rest of the price was freed or goes back.")
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    ended_at: datetime | None
