"""What joining tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType
from host_api.services.joining.schemas import ApplicationState, Way


class ApplicationEvent(BaseModel):
    """An application came in, or was decided."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"application_id": 7, "way": "app", "state": "waiting_fee", "member_id": None}
        }
    )

    application_id: int
    way: Way
    state: ApplicationState
    member_id: int | None


APPLICATION_RECEIVED = EventType(
    "application.received", ApplicationEvent, "Somebody wants to join", "درخواست عضویتی رسید"
)
APPLICATION_ACCEPTED = EventType(
    "application.accepted", ApplicationEvent, "An application was accepted", "درخواست عضویتی پذیرفته شد"
)
APPLICATION_REFUSED = EventType(
    "application.refused", ApplicationEvent, "An application was refused", "درخواست عضویتی رد شد"
)
