"""How inboxes are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.messages.inbox.models import InboxMessage


class InboxSort(StrEnum):
    """Orders of inbox messages."""

    LATEST = "-id"
    ID = "id"


class InboxQuery(ListQuery):
    """A member's inbox, both directions, the latest first."""

    sorts: ClassVar[dict[str, Column]] = {"id": InboxMessage.id}

    sort: InboxSort = Field(default=InboxSort.LATEST, description="The latest first.")
    is_from_member: Annotated[bool | None, Equals(InboxMessage.is_from_member)] = None


class FromMembersQuery(ListQuery):
    """What members wrote, the latest first."""

    sorts: ClassVar[dict[str, Column]] = {"id": InboxMessage.id}

    sort: InboxSort = Field(default=InboxSort.LATEST, description="The latest first.")
    member_id: Annotated[int | None, Equals(InboxMessage.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
