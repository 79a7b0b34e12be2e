"""What agreements tell of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class AgreementPublished(BaseModel):
    """A text was published."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"agreement_id": 1, "version_id": 3, "number": 2}}
    )

    agreement_id: int
    version_id: int
    number: int


class AgreementAccepted(BaseModel):
    """A member or a merchant has accepted a text."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "acceptance_id": 9,
                "agreement_id": 1,
                "version_id": 3,
                "member_id": 12,
                "merchant_key": None,
            }
        }
    )

    acceptance_id: int
    agreement_id: int
    version_id: int
    member_id: int | None
    merchant_key: int | None


AGREEMENT_PUBLISHED = EventType(
    "agreement.published", AgreementPublished, "An agreement's text was published", "متن توافق‌نامه‌ای منتشر شد"
)
AGREEMENT_ACCEPTED = EventType(
    "agreement.accepted", AgreementAccepted, "An agreement was accepted", "توافق‌نامه‌ای پذیرفته شد"
)
