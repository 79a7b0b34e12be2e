"""How broadcasts are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.services.messages.broadcasts.models import MessageBroadcast
from host_api.services.messages.broadcasts.schemas import BroadcastState


class BroadcastSort(StrEnum):
    """Orders of broadcasts."""

    LATEST = "-id"
    ID = "id"


class BroadcastQuery(ListQuery):
    """Broadcasts, the latest first."""

    sorts: ClassVar[dict[str, Column]] = {"id": MessageBroadcast.id}

    sort: BroadcastSort = Field(default=BroadcastSort.LATEST, description="The latest first.")
    state: Annotated[BroadcastState | None, Equals(MessageBroadcast.state)] = None
