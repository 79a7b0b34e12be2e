"""How suppressed numbers and addresses are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.services.messages.consent.models import MessageSuppression
from host_api.services.messages.states import Channel


class SuppressionSort(StrEnum):
    """Orders of suppressions."""

    LATEST = "-id"
    ID = "id"


class SuppressionQuery(ListQuery):
    """Suppressions, the latest first."""

    sorts: ClassVar[dict[str, Column]] = {"id": MessageSuppression.id}

    sort: SuppressionSort = Field(default=SuppressionSort.LATEST, description="The latest first.")
    channel: Annotated[Channel | None, Equals(MessageSuppression.channel)] = None
