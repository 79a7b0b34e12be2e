"""How triggers are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.services.messages.triggers.models import MessageTrigger


class MessageTriggerSort(StrEnum):
    """Orders of triggers."""

    LATEST = "-id"
    ID = "id"


class MessageTriggerQuery(ListQuery):
    """Triggers, the latest first."""

    sorts: ClassVar[dict[str, Column]] = {"id": MessageTrigger.id}

    sort: MessageTriggerSort = Field(default=MessageTriggerSort.LATEST, description="The latest first.")
    is_active: Annotated[bool | None, Equals(MessageTrigger.is_active)] = None
