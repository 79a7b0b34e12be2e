"""How the log of messages is listed, exported and summed up."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.messages.models import WaitingText
from host_api.services.messages.states import Channel, MessageState
from host_api.services.messages.topics.schemas import TOPIC_PATTERN

_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2200, 1, 1)


class MessageSort(StrEnum):
    """Orders of messages."""

    LATEST = "-id"
    ID = "id"


class MessageFilters(FilterQuery):
    """Which messages, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": WaitingText.id}

    sort: MessageSort = Field(
        default=MessageSort.LATEST, description="The latest first unless asked otherwise."
    )
    channel: Annotated[Channel | None, Equals(WaitingText.channel)] = None
    state: Annotated[MessageState | None, Equals(WaitingText.state)] = None
    topic: Annotated[str | None, Equals(WaitingText.topic)] = Field(default=None, pattern=TOPIC_PATTERN)
    member_id: Annotated[int | None, Equals(WaitingText.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    broadcast_id: Annotated[int | None, Equals(WaitingText.broadcast_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    created_from: Annotated[AwareDatetime | None, AtLeast(WaitingText.created_at)] = Field(
        default=None, description="Queued at this instant or later."
    )
    created_before: Annotated[AwareDatetime | None, Below(WaitingText.created_at)] = Field(
        default=None, description="Queued before this instant."
    )


class MessageQuery(MessageFilters, ListQuery):
    """The same, by pages."""


class MessageExportQuery(MessageFilters, ExportQuery):
    """The same, as a file."""


class MessageReportQuery(BaseModel):
    """Days in Tehran; messages are kept for 60 days."""

    model_config = ConfigDict(extra="forbid")

    first: date = Field(ge=_FIRST_DAY, le=_LAST_DAY, description="The first day.")
    last: date = Field(ge=_FIRST_DAY, le=_LAST_DAY, description="The last day, in the report too.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.last < self.first:
            raise PydanticCustomError("days_out_of_order", "last is before first")
        return self
