"""How waiting texts are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.services.messages.models import WaitingText


class TextSort(StrEnum):
    """Orders of texts."""

    ID = "id"
    LATEST = "-id"


class TextQuery(ListQuery):
    """Texts that wait to be sent, the oldest first."""

    sorts: ClassVar[dict[str, Column]] = {"id": WaitingText.id}

    sort: TextSort = Field(default=TextSort.ID, description="The order; a minus turns it round.")
    topic: Annotated[str | None, Equals(WaitingText.topic)] = Field(
        default=None, max_length=32, description="Only texts about this."
    )
