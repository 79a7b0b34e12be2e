"""How credit users are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.member_classes.credit_users.models import CreditUser
from host_api.services.member_classes.credit_users.schemas import CreditState


class CreditUserSort(StrEnum):
    """Orders of credit users."""

    LATEST = "-id"
    ID = "id"


class CreditUserQuery(ListQuery):
    """Which credit users, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": CreditUser.id}

    sort: CreditUserSort = Field(
        default=CreditUserSort.LATEST, description="The order; a minus turns it round."
    )
    member_id: Annotated[int | None, Equals(CreditUser.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    state: Annotated[CreditState | None, Equals(CreditUser.state)] = None
    ceiling_from: Annotated[int | None, AtLeast(CreditUser.ceiling)] = Field(default=None, ge=0, le=10**12)
    until_before: Annotated[AwareDatetime | None, Below(CreditUser.valid_until)] = Field(
        default=None, description="Those that end before this instant."
    )
