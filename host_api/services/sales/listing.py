"""How sales and returns are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.sales.models import StoreReturn, StoreSale
from host_api.services.sales.schemas import SalePointsState, StoreSaleKind


class StoreSaleSort(StrEnum):
    """Orders of sales and returns."""

    LATEST = "-id"
    ID = "id"


class StoreSaleQuery(ListQuery):
    """Which sales and gifts, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": StoreSale.id}

    sort: StoreSaleSort = StoreSaleSort.LATEST
    kind: Annotated[StoreSaleKind | None, Equals(StoreSale.kind)] = None
    merchant: Annotated[int | None, Equals(StoreSale.merchant)] = Field(default=None, ge=1, le=LARGEST_ID)
    branch_id: Annotated[int | None, Equals(StoreSale.branch_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    member_id: Annotated[int | None, Equals(StoreSale.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    points_state: Annotated[SalePointsState | None, Equals(StoreSale.points_state)] = None
    till: Annotated[str | None, Equals(StoreSale.till)] = Field(default=None, max_length=16)
    reference: Annotated[str | None, Equals(StoreSale.reference)] = Field(default=None, max_length=40)
    at_from: Annotated[AwareDatetime | None, AtLeast(StoreSale.sold_at)] = None
    at_before: Annotated[AwareDatetime | None, Below(StoreSale.sold_at)] = None


class StoreReturnQuery(ListQuery):
    """Which returns, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": StoreReturn.id}

    sort: StoreSaleSort = StoreSaleSort.LATEST
    sale_id: Annotated[int | None, Equals(StoreReturn.sale_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    till: Annotated[str | None, Equals(StoreReturn.till)] = Field(default=None, max_length=16)
    reference: Annotated[str | None, Equals(StoreReturn.reference)] = Field(default=None, max_length=40)
