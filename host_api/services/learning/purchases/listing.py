"""How purchases of reports, books and courses are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.learning.models import LearningPurchase
from host_api.services.learning.purchases.schemas import LearningKind, LearningPurchaseState


class LearningSort(StrEnum):
    """Orders of purchases."""

    LATEST = "-id"
    ID = "id"


class LearningPurchaseFilters(FilterQuery):
    """Which purchases."""

    sorts: ClassVar[dict[str, Column]] = {"id": LearningPurchase.id}

    sort: LearningSort = LearningSort.LATEST
    kind: Annotated[LearningKind | None, Equals(LearningPurchase.kind)] = None
    subject_id: Annotated[int | None, Equals(LearningPurchase.subject_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    member_id: Annotated[int | None, Equals(LearningPurchase.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    state: Annotated[LearningPurchaseState | None, Equals(LearningPurchase.state)] = None
    asked_from: Annotated[AwareDatetime | None, AtLeast(LearningPurchase.asked_at)] = None
    asked_before: Annotated[AwareDatetime | None, Below(LearningPurchase.asked_at)] = None


class LearningPurchaseQuery(LearningPurchaseFilters, ListQuery):
    """A page of purchases."""


class LearningPurchaseExportQuery(LearningPurchaseFilters, ExportQuery):
    """Which purchases are exported, and how."""


class OwnLearningQuery(ListQuery):
    """Which of a member's reports, books and courses."""

    sorts: ClassVar[dict[str, Column]] = {"id": LearningPurchase.id}

    sort: LearningSort = LearningSort.LATEST
    kind: Annotated[LearningKind | None, Equals(LearningPurchase.kind)] = None
