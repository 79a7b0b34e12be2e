"""How achievements and awards are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.achievements.models import Achievement, AchievementAward
from host_api.services.achievements.schemas import Measure, PrizeOutcome


class AchievementSort(StrEnum):
    """Orders of achievements."""

    ID = "id"
    LATEST = "-id"


class AchievementQuery(ListQuery):
    """Which achievements, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Achievement.id}

    sort: AchievementSort = AchievementSort.ID
    measure: Annotated[Measure | None, Equals(Achievement.measure)] = None
    is_active: Annotated[bool | None, Equals(Achievement.is_active)] = None


class AwardSort(StrEnum):
    """Orders of awards."""

    LATEST = "-id"
    ID = "id"


class AwardQuery(ListQuery):
    """Which awards, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": AchievementAward.id}

    sort: AwardSort = AwardSort.LATEST
    achievement_id: Annotated[int | None, Equals(AchievementAward.achievement_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    member_id: Annotated[int | None, Equals(AchievementAward.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    prize: Annotated[PrizeOutcome | None, Equals(AchievementAward.prize)] = Field(
        default=None, description="`gone` are those whose prize was not there."
    )
    awarded_from: Annotated[AwareDatetime | None, AtLeast(AchievementAward.awarded_at)] = None
    awarded_before: Annotated[AwareDatetime | None, Below(AchievementAward.awarded_at)] = None
