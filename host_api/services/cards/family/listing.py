"""How supplementary cards are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.cards.family.models import FamilyCard


class FamilyCardSort(StrEnum):
    """Orders of supplementary cards."""

    ID = "id"
    LATEST = "-id"


class FamilyCardQuery(ListQuery):
    """Which supplementary cards, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": FamilyCard.id}

    sort: FamilyCardSort = Field(default=FamilyCardSort.ID, description="The order; a minus turns it round.")
    principal_member_id: Annotated[int | None, Equals(FamilyCard.principal_member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only cards of this member's household."
    )
