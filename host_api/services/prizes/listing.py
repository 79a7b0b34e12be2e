"""How prizes and awards are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.prizes.models import Prize, PrizeAward
from host_api.services.prizes.schemas import AwardState, PrizeKind


class PrizeSort(StrEnum):
    """Orders of prizes."""

    ID = "id"
    LATEST = "-id"


class PrizeQuery(ListQuery):
    """Which prizes, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Prize.id}

    sort: PrizeSort = PrizeSort.ID
    kind: Annotated[PrizeKind | None, Equals(Prize.kind)] = None
    is_open: Annotated[bool | None, Equals(Prize.is_open)] = None


class OwnAwardQuery(ListQuery):
    """Which of a member's awards, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": PrizeAward.id}

    sort: PrizeSort = Field(default=PrizeSort.LATEST, description="The latest first unless asked otherwise.")
    state: Annotated[AwardState | None, Equals(PrizeAward.state)] = None


class AwardQuery(OwnAwardQuery):
    """Which awards, in which order."""

    prize_id: Annotated[int | None, Equals(PrizeAward.prize_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    member_id: Annotated[int | None, Equals(PrizeAward.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    service: Annotated[str | None, Equals(PrizeAward.service)] = Field(default=None, max_length=32)
    awarded_from: Annotated[AwareDatetime | None, AtLeast(PrizeAward.awarded_at)] = None
    awarded_before: Annotated[AwareDatetime | None, Below(PrizeAward.awarded_at)] = None
