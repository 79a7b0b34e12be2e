"""How models, runs and scored members are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.core.short_code import ShortCode
from host_api.services.member_scoring.models import ScoredMember, ScoringModel, ScoringRun
from host_api.services.member_scoring.schemas import ScoringAwardState, ScoringRunState


class ScoringModelSort(StrEnum):
    """Orders of models."""

    LATEST = "-id"
    ID = "id"


class ScoringModelQuery(ListQuery):
    """Which models, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": ScoringModel.id}

    sort: ScoringModelSort = ScoringModelSort.LATEST


class ScoringRunSort(StrEnum):
    """Orders of runs."""

    LATEST = "-id"
    ID = "id"


class ScoringRunQuery(ListQuery):
    """Which runs, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": ScoringRun.id}

    sort: ScoringRunSort = ScoringRunSort.LATEST
    model_id: Annotated[int | None, Equals(ScoringRun.model_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    state: Annotated[ScoringRunState | None, Equals(ScoringRun.state)] = None


class ScoredMemberSort(StrEnum):
    """Orders of scored members."""

    MEMBER = "member_id"
    LATEST = "-member_id"


class ScoredMemberQuery(ListQuery):
    """Which members of a run, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": ScoredMember.member_id, "member_id": ScoredMember.member_id}

    sort: ScoredMemberSort = ScoredMemberSort.MEMBER
    band: Annotated[ShortCode | None, Equals(ScoredMember.band)] = None
    award_state: Annotated[ScoringAwardState | None, Equals(ScoredMember.award_state)] = None
