"""What the wheels service tells of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.wheels.slices import SliceKind

_Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,15}$")]


class WheelSpun(BaseModel):
    """A member's spin was drawn."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"wheel_id": 2, "spin_id": 90, "member_id": 12, "given": "ten", "kind": "units"}
        }
    )

    wheel_id: int
    spin_id: int
    member_id: int
    given: _Code
    kind: SliceKind


WHEEL_SPUN = EventType("wheel.spun", WheelSpun, "A wheel was spun", "گردونه‌ای چرخید")
