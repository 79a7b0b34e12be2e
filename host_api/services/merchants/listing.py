"""How merchants and branches are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, FilterQuery, ListQuery, StartsWith
from host_api.core.path_ids import LARGEST_ID
from host_api.services.merchants.branch_schemas import BranchStatus
from host_api.services.merchants.models import Branch, Merchant
from host_api.services.merchants.schemas import MerchantStatus, RecordCode
from host_api.services.sectors.logic import Sector


class MerchantSort(StrEnum):
    """Orders of merchants."""

    ID = "id"
    NAME = "name"
    LATEST = "-id"


class MerchantFilters(FilterQuery):
    """Which merchants, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Merchant.id, "name": Merchant.name}

    sort: MerchantSort = Field(default=MerchantSort.ID, description="The order; a minus turns it round.")
    name: Annotated[str | None, StartsWith(Merchant.name)] = Field(
        default=None, min_length=1, max_length=100, description="Only merchants whose name begins so."
    )
    status: Annotated[MerchantStatus | None, Equals(Merchant.status)] = None
    guild: Annotated[RecordCode | None, Equals(Merchant.guild)] = Field(
        default=None, description="Only merchants of this guild."
    )
    sector: Annotated[Sector | None, Equals(Merchant.sector)] = None


class MerchantQuery(MerchantFilters, ListQuery):
    """Which merchants, in which order, and which page."""


class BranchQuery(ListQuery):
    """Which branches, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Branch.id, "name": Branch.name}

    sort: MerchantSort = Field(default=MerchantSort.ID, description="The order; a minus turns it round.")
    merchant: Annotated[int | None, Equals(Branch.merchant_key)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only branches of this merchant."
    )
    status: Annotated[BranchStatus | None, Equals(Branch.status)] = None
    city_code: Annotated[RecordCode | None, Equals(Branch.city_code)] = Field(
        default=None, description="Only branches in this city."
    )
