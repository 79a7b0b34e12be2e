"""How event types are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.services.earning_events.types.models import EventType


class EventTypeSort(StrEnum):
    """Orders of event types."""

    ID = "id"
    LATEST = "-id"
    CODE = "code"


class EventTypeQuery(ListQuery):
    """Which types, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": EventType.id, "code": EventType.code}

    sort: EventTypeSort = EventTypeSort.ID
    code: Annotated[str | None, Equals(EventType.code)] = Field(default=None, max_length=16)
    is_active: Annotated[bool | None, Equals(EventType.is_active)] = None
