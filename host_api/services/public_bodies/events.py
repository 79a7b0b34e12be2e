"""What public bodies tell of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType
from host_api.services.public_bodies.states import (
    BodyCreditLineKind,
    BodyParticipationRole,
    BodyParticipationState,
)


class BodyParticipationChanged(BaseModel):
    """A participation was approved, rejected or ended."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"participation_id": 5, "body_id": 2, "role": "promoter", "state": "active"}
        }
    )

    participation_id: int
    body_id: int
    role: BodyParticipationRole
    state: BodyParticipationState


class BodyCreditWritten(BaseModel):
    """Credit of a bank was drawn or repaid."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "line_id": 9,
                "participation_id": 5,
                "kind": "drawn",
                "rials": 500_000_000,
                "drawn_after_rials": 1_500_000_000,
            }
        }
    )

    line_id: int
    participation_id: int
    kind: BodyCreditLineKind
    rials: int
    drawn_after_rials: int


PARTICIPATION_CHANGED = EventType(
    "public_bodies.participation_changed",
    BodyParticipationChanged,
    "A public body's participation was approved, rejected or ended",
    "مشارکت نهادی تأیید، رد یا پایان داده شد",
)
CREDIT_WRITTEN = EventType(
    "public_bodies.credit_written",
    BodyCreditWritten,
    "Credit of a bank was drawn or repaid",
    "اعتبار بانکی برداشت یا بازپرداخت شد",
)
