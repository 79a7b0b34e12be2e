"""How ratings are listed and exported."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field
from sqlalchemy import ColumnElement, exists

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.listing import AtLeast, Column, Equals, FilterQuery, ListQuery
from host_api.services.risk.ratings.models import RiskFlag, RiskRating
from host_api.services.risk.ratings.score import AnomalyFlag, RiskClass


class RiskRatingSort(StrEnum):
    """Orders of ratings."""

    HIGHEST = "-score"
    SCORE = "score"
    ID = "id"


class RiskRatingFilters(FilterQuery):
    """Which ratings, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": RiskRating.member_id, "score": RiskRating.score}

    sort: RiskRatingSort = Field(
        default=RiskRatingSort.HIGHEST, description="The highest score first unless asked otherwise."
    )
    risk_class: Annotated[RiskClass | None, Equals(RiskRating.risk_class)] = None
    least_score: Annotated[int | None, AtLeast(RiskRating.score)] = Field(default=None, ge=0, le=100)
    flag: AnomalyFlag | None = Field(default=None, description="Members who stand out by this.")

    def filters(self) -> list[ColumnElement[bool]]:
        """The comparisons that the caller asked for."""
        found = super().filters()
        if self.flag is not None:
            has_flag = exists().where(
                RiskFlag.programme_id == RiskRating.programme_id,
                RiskFlag.member_id == RiskRating.member_id,
                RiskFlag.flag == self.flag.value,
            )
            found.append(has_flag)
        return found


class RiskRatingQuery(RiskRatingFilters, ListQuery):
    """The same, by pages."""


class RiskRatingExportQuery(RiskRatingFilters, ExportQuery):
    """The same, as a file."""
