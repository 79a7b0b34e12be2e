"""How surveys and answers are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.earning_events.surveys.models import Survey, SurveyAnswer


class SurveySort(StrEnum):
    """Orders of surveys."""

    LATEST = "-id"
    ID = "id"


class SurveyQuery(ListQuery):
    """Which surveys, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Survey.id}

    sort: SurveySort = SurveySort.LATEST
    is_published: Annotated[bool | None, Equals(Survey.is_published)] = None
    ends_from: Annotated[AwareDatetime | None, AtLeast(Survey.ends_at)] = None
    starts_before: Annotated[AwareDatetime | None, Below(Survey.starts_at)] = None


class AnswerSort(StrEnum):
    """Orders of answers: of no meaning, so that none tells who answered when."""

    ID = "id"
    REVERSED = "-id"


class AnswerQuery(ListQuery):
    """Which answers, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": SurveyAnswer.id}

    sort: AnswerSort = AnswerSort.ID
    member_id: Annotated[int | None, Equals(SurveyAnswer.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
