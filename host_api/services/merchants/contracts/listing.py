"""How contracts are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.merchants.contracts.models import Contract
from host_api.services.merchants.contracts.schemas import ContractState


class ContractSort(StrEnum):
    """Orders of contracts."""

    ID = "id"
    LATEST = "-id"
    ENDS_AT = "ends_at"


class ContractQuery(ListQuery):
    """Which contracts, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Contract.id, "ends_at": Contract.ends_at}

    sort: ContractSort = Field(default=ContractSort.LATEST, description="The latest first.")
    merchant: Annotated[int | None, Equals(Contract.merchant_key)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only contracts of this merchant."
    )
    state: Annotated[ContractState | None, Equals(Contract.state)] = None
    ends_from: Annotated[AwareDatetime | None, AtLeast(Contract.ends_at)] = Field(
        default=None, description="Ends at this instant or later."
    )
    ends_before: Annotated[AwareDatetime | None, Below(Contract.ends_at)] = Field(
        default=None, description="Ends before this instant."
    )
