"""How merges and splits are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.member_merging.models import RecordAct
from host_api.services.member_merging.schemas import RecordActKind, RecordActState


class RecordActSort(StrEnum):
    """Orders of acts."""

    LATEST = "-id"
    ID = "id"


class RecordActQuery(ListQuery):
    """Which acts, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": RecordAct.id}

    sort: RecordActSort = Field(
        default=RecordActSort.LATEST, description="The latest first unless asked otherwise."
    )
    kind: Annotated[RecordActKind | None, Equals(RecordAct.kind)] = None
    state: Annotated[RecordActState | None, Equals(RecordAct.state)] = Field(
        default=None, description="`asked` are those that wait for a second person."
    )
    from_member_id: Annotated[int | None, Equals(RecordAct.from_member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    to_member_id: Annotated[int | None, Equals(RecordAct.to_member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    asked_from: Annotated[AwareDatetime | None, AtLeast(RecordAct.asked_at)] = None
    asked_before: Annotated[AwareDatetime | None, Below(RecordAct.asked_at)] = None
