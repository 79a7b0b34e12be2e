"""How templates and their versions are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.services.messages.templates.models import MessageTemplate, MessageTemplateVersion
from host_api.services.messages.topics.schemas import TOPIC_PATTERN


class MessageTemplateSort(StrEnum):
    """Orders of templates."""

    LATEST = "-id"
    ID = "id"


class MessageTemplateQuery(ListQuery):
    """Templates, the latest first."""

    sorts: ClassVar[dict[str, Column]] = {"id": MessageTemplate.id}

    sort: MessageTemplateSort = Field(default=MessageTemplateSort.LATEST, description="The latest first.")
    topic: Annotated[str | None, Equals(MessageTemplate.topic)] = Field(default=None, pattern=TOPIC_PATTERN)


class MessageTemplateVersionQuery(ListQuery):
    """Versions of a template, the latest first."""

    sorts: ClassVar[dict[str, Column]] = {"id": MessageTemplateVersion.id}

    sort: MessageTemplateSort = Field(default=MessageTemplateSort.LATEST, description="The latest first.")
