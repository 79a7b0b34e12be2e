"""How events are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.events.event_type import NAME_PATTERN
from host_api.core.events.models import Event
from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery

_HIGHEST = 2**53  # what every reader of JSON can count to


class EventSort(StrEnum):
    """Orders of events."""

    ID = "id"
    LATEST = "-id"


class EventQuery(ListQuery):
    """Which events, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Event.sequence}

    sort: EventSort = Field(default=EventSort.ID, description="By sequence; a minus turns it round.")
    from_sequence: Annotated[int | None, AtLeast(Event.sequence)] = Field(
        default=None,
        ge=1,
        le=_HIGHEST,
        description="Events from this sequence on; to poll, send the last one seen plus one.",
    )
    type: Annotated[str | None, Equals(Event.type)] = Field(default=None, pattern=NAME_PATTERN)
    subject_kind: Annotated[str | None, Equals(Event.subject_kind)] = Field(
        default=None, pattern=r"^[a-z_]{1,16}$", description="Only events about records of this kind."
    )
    subject_id: Annotated[str | None, Equals(Event.subject_id)] = Field(
        default=None, pattern=r"^[A-Za-z0-9]{1,20}$", description="Only events about records with this id."
    )
    begin: Annotated[AwareDatetime | None, AtLeast(Event.at)] = Field(
        default=None, alias="from", description="From this instant on (ISO 8601 with offset)."
    )
    end: Annotated[AwareDatetime | None, Below(Event.at)] = Field(
        default=None, alias="to", description="Before this instant (ISO 8601 with offset)."
    )
