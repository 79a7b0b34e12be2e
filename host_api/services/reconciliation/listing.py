"""How reconciliations are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.services.reconciliation.models import Reconciliation
from host_api.services.reconciliation.schemas import ReconciliationState


class ReconciliationSort(StrEnum):
    """Orders of reconciliations."""

    LATEST = "-id"
    ID = "id"


class ReconciliationQuery(ListQuery):
    """Which reconciliations, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Reconciliation.id}

    sort: ReconciliationSort = Field(
        default=ReconciliationSort.LATEST, description="The latest first unless asked otherwise."
    )
    state: Annotated[ReconciliationState | None, Equals(Reconciliation.state)] = None
    is_balanced: Annotated[bool | None, Equals(Reconciliation.is_balanced)] = Field(
        default=None, description="Only those that were, or weren't, in balance."
    )
