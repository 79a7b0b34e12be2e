"""How events are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.earning_events.telling.models import EarningEvent
from host_api.services.earning_events.telling.schemas import EventState
from host_api.services.earning_events.types.schemas import EventCode, EventSource


class EarningEventSort(StrEnum):
    """Orders of events."""

    LATEST = "-id"
    ID = "id"


class EventQuery(ListQuery):
    """Which events, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": EarningEvent.id}

    sort: EarningEventSort = Field(
        default=EarningEventSort.LATEST, description="The latest first unless asked otherwise."
    )
    event: EventCode | None = None
    member_id: Annotated[int | None, Equals(EarningEvent.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    reference: Annotated[str | None, Equals(EarningEvent.reference)] = Field(default=None, max_length=64)
    state: Annotated[EventState | None, Equals(EarningEvent.state)] = Field(
        default=None, description="`waiting` are those that a person has to approve."
    )
    source: Annotated[EventSource | None, Equals(EarningEvent.source)] = None
    occurred_from: Annotated[AwareDatetime | None, AtLeast(EarningEvent.occurred_at)] = None
    occurred_before: Annotated[AwareDatetime | None, Below(EarningEvent.occurred_at)] = None
