"""What the disputes service tells of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.disputes.schemas import DisputeKind, DisputeOutcome

_Rrn = Annotated[str, Field(pattern=r"^[0-9]{12}$")]


class DisputeOpened(BaseModel):
    """A member objects to a transaction."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"dispute_id": 4, "rrn": "000000000017", "member_id": 12, "kind": "wrong_amount"}
        }
    )

    dispute_id: int
    rrn: _Rrn
    member_id: int | None
    kind: DisputeKind


class DisputeDecided(BaseModel):
    """A dispute was decided."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "dispute_id": 4,
                "rrn": "000000000017",
                "member_id": 12,
                "outcome": "accepted",
                "transaction_request_id": 5,
                "points_act_id": None,
            }
        }
    )

    dispute_id: int
    rrn: _Rrn
    member_id: int | None
    outcome: DisputeOutcome
    transaction_request_id: int | None
    points_act_id: int | None


DISPUTE_OPENED = EventType("dispute.opened", DisputeOpened, "A dispute was opened", "اعتراضی ثبت شد")
DISPUTE_DECIDED = EventType(
    "dispute.decided", DisputeDecided, "A dispute was decided", "دربارهٔ اعتراضی تصمیم گرفته شد"
)
