"""How operators and shifts are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery, StartsWith
from host_api.core.path_ids import LARGEST_ID
from host_api.services.operators.models import Operator, Shift
from host_api.services.operators.roles import Role
from host_api.services.operators.schemas import OperatorStatus
from host_api.services.terminals.schemas import TERMINAL_ID_PATTERN


class OperatorSort(StrEnum):
    """Orders of operators."""

    ID = "id"
    NAME = "name"
    CODE = "code"
    LATEST = "-id"


class OperatorFilters(FilterQuery):
    """Which operators, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Operator.id, "name": Operator.name, "code": Operator.code}

    sort: OperatorSort = Field(default=OperatorSort.ID, description="The order; a minus turns it round.")
    merchant: Annotated[int | None, Equals(Operator.merchant_key)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only operators of this merchant."
    )
    code: Annotated[str | None, Equals(Operator.code)] = Field(default=None, pattern=r"^[0-9]{1,8}$")
    name: Annotated[str | None, StartsWith(Operator.name)] = Field(
        default=None, min_length=1, max_length=100, description="Only operators whose name begins so."
    )
    role: Annotated[Role | None, Equals(Operator.role)] = None
    status: Annotated[OperatorStatus | None, Equals(Operator.status)] = None
    expires_before: Annotated[AwareDatetime | None, Below(Operator.expires_at)] = Field(
        default=None, description="Only operators who expire before this instant."
    )


class OperatorQuery(OperatorFilters, ListQuery):
    """Which operators, in which order, and which page."""


class ShiftSort(StrEnum):
    """Orders of shifts."""

    ID = "id"
    LATEST = "-id"
    OPENED_AT = "opened_at"


class ShiftFilters(FilterQuery):
    """Which shifts, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Shift.id, "opened_at": Shift.opened_at}

    sort: ShiftSort = Field(default=ShiftSort.LATEST, description="The latest first.")
    operator_id: Annotated[int | None, Equals(Shift.operator_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only shifts of this operator."
    )
    branch_id: Annotated[int | None, Equals(Shift.branch_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only shifts in this branch."
    )
    terminal_id: Annotated[str | None, Equals(Shift.terminal_id)] = Field(
        default=None, pattern=TERMINAL_ID_PATTERN, description="Only shifts at this terminal."
    )
    opened_from: Annotated[AwareDatetime | None, AtLeast(Shift.opened_at)] = Field(
        default=None, description="Opened at this instant or later."
    )
    opened_before: Annotated[AwareDatetime | None, Below(Shift.opened_at)] = Field(
        default=None, description="Opened before this instant."
    )


class ShiftQuery(ShiftFilters, ListQuery):
    """Which shifts, in which order, and which page."""
