"""How gateways are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.services.messages.gateways.models import MessageGateway
from host_api.services.messages.states import Channel


class MessageGatewaySort(StrEnum):
    """Orders of gateways."""

    ID = "id"
    LATEST = "-id"


class MessageGatewayQuery(ListQuery):
    """Gateways, the oldest first."""

    sorts: ClassVar[dict[str, Column]] = {"id": MessageGateway.id}

    sort: MessageGatewaySort = Field(
        default=MessageGatewaySort.ID, description="The order; a minus turns it round."
    )
    channel: Annotated[Channel | None, Equals(MessageGateway.channel)] = None
