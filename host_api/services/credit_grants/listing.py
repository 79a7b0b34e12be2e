"""How grants and what members got of them are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.credit_grants.models import CreditGift, CreditGrant
from host_api.services.credit_grants.schemas import GiftState, GrantState


class GrantSort(StrEnum):
    """Orders by time."""

    LATEST = "-id"
    ID = "id"


class GrantQuery(ListQuery):
    """Which grants, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": CreditGrant.id}

    sort: GrantSort = GrantSort.LATEST
    state: Annotated[GrantState | None, Equals(CreditGrant.state)] = Field(
        default=None, description="`asked` are those that wait for a second person."
    )
    budget_id: Annotated[int | None, Equals(CreditGrant.budget_id)] = Field(default=None, ge=1, le=LARGEST_ID)


class GiftQuery(ListQuery):
    """What of the gifts, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": CreditGift.id}

    sort: GrantSort = GrantSort.LATEST
    grant_id: Annotated[int | None, Equals(CreditGift.grant_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    member_id: Annotated[int | None, Equals(CreditGift.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    state: Annotated[GiftState | None, Equals(CreditGift.state)] = None
