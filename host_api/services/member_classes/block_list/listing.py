"""How the block list is listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.iran.schema_types import MobileNumber, NationalId
from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.member_classes.block_list.models import BlockEntry
from host_api.services.member_classes.block_list.schemas import BlockListReason, BlockState


class BlockEntrySort(StrEnum):
    """Orders of entries."""

    LATEST = "-id"
    ID = "id"


class BlockEntryQuery(ListQuery):
    """Which entries, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": BlockEntry.id}

    sort: BlockEntrySort = Field(
        default=BlockEntrySort.LATEST, description="The order; a minus turns it round."
    )
    member_id: Annotated[int | None, Equals(BlockEntry.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    mobile: MobileNumber | None = None
    national_id: NationalId | None = None
    state: Annotated[BlockState | None, Equals(BlockEntry.state)] = None
    reason_code: Annotated[BlockListReason | None, Equals(BlockEntry.reason_code)] = None
    entered_from: Annotated[AwareDatetime | None, AtLeast(BlockEntry.entered_at)] = None
    entered_before: Annotated[AwareDatetime | None, Below(BlockEntry.entered_at)] = None
