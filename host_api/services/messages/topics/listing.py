"""How topics are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.services.messages.states import Purpose
from host_api.services.messages.topics.models import MessageTopic


class MessageTopicSort(StrEnum):
    """Orders of topics."""

    CODE = "id"


class MessageTopicQuery(ListQuery):
    """Topics by code."""

    sorts: ClassVar[dict[str, Column]] = {"id": MessageTopic.code}

    sort: MessageTopicSort = Field(default=MessageTopicSort.CODE, description="By code.")
    purpose: Annotated[Purpose | None, Equals(MessageTopic.purpose)] = None
