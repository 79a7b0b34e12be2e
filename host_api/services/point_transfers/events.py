"""What points between members tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class PointTransferEvent(BaseModel):
    """Units went from a member to another, or back."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"transfer_id": 5, "member_id": 12, "to_member_id": 13, "units": 100}}
    )

    transfer_id: int
    member_id: int
    to_member_id: int
    units: int


POINTS_GIVEN = EventType(
    "point_transfer.done", PointTransferEvent, "A member gave points to another", "عضوی به دیگری امتیاز داد"
)
POINTS_TAKEN_BACK = EventType(
    "point_transfer.cancelled", PointTransferEvent, "A gift of points was taken back", "انتقال امتیازی برگشت"
)
