"""How budgets, their changes and their history are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.budgets.models import Budget, BudgetChange, BudgetEntry
from host_api.services.budgets.schemas import BudgetChangeState, BudgetEntryKind


class BudgetSort(StrEnum):
    """Orders by time."""

    LATEST = "-id"
    ID = "id"


class BudgetQuery(ListQuery):
    """Which budgets, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Budget.id}

    sort: BudgetSort = BudgetSort.LATEST
    purse: Annotated[int | None, Equals(Budget.purse)] = Field(default=None, ge=60, le=99)
    owner: Annotated[str | None, Equals(Budget.owner)] = Field(default=None, max_length=100)
    is_closed: Annotated[bool | None, Equals(Budget.is_closed)] = None


class ChangeQuery(ListQuery):
    """Which changes, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": BudgetChange.id}

    sort: BudgetSort = BudgetSort.LATEST
    budget_id: Annotated[int | None, Equals(BudgetChange.budget_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    state: Annotated[BudgetChangeState | None, Equals(BudgetChange.state)] = Field(
        default=None, description="`asked` are those that wait for a second person."
    )


class EntryQuery(ListQuery):
    """Which steps of a budget's history, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": BudgetEntry.id}

    sort: BudgetSort = BudgetSort.LATEST
    kind: Annotated[BudgetEntryKind | None, Equals(BudgetEntry.kind)] = None
    service: Annotated[str | None, Equals(BudgetEntry.service)] = Field(default=None, max_length=32)
    begin: Annotated[AwareDatetime | None, AtLeast(BudgetEntry.at)] = Field(
        default=None, alias="from", description="From this instant on (ISO 8601 with offset)."
    )
    end: Annotated[AwareDatetime | None, Below(BudgetEntry.at)] = Field(
        default=None, alias="to", description="Before this instant (ISO 8601 with offset)."
    )
