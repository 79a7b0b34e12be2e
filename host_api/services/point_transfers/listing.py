"""How points between members are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field
from sqlalchemy import ColumnElement, and_

from host_api.core.clock import utc_now
from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.point_transfers.models import PointTransfer, PointTransferPolicy
from host_api.services.point_transfers.schemas import PointTransferState


class PointTransferSort(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class ReportQuery(FilterQuery):
    """Of which time."""

    sorts: ClassVar[dict[str, Column]] = {"id": PointTransfer.id}

    asked_from: Annotated[AwareDatetime | None, AtLeast(PointTransfer.asked_at)] = Field(
        default=None, description="Asked at this instant or later."
    )
    asked_before: Annotated[AwareDatetime | None, Below(PointTransfer.asked_at)] = Field(
        default=None, description="Asked before this instant."
    )


class PointTransferQuery(ListQuery, ReportQuery):
    """Which gifts, in which order."""

    sort: PointTransferSort = Field(
        default=PointTransferSort.LATEST, description="The latest first unless asked otherwise."
    )
    state: PointTransferState | None = None
    member_id: Annotated[int | None, Equals(PointTransfer.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only what this member gave."
    )
    to_member_id: Annotated[int | None, Equals(PointTransfer.to_member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only what this member got."
    )

    def filters(self) -> list[ColumnElement[bool]]:
        """The comparisons; whether a code is late is told by the clock, not by a column."""
        found = super().filters()
        if self.state is not None:
            found.append(is_in_state(self.state))
        return found


class PointTransferPolicyQuery(ListQuery):
    """Versions of the policy."""

    sorts: ClassVar[dict[str, Column]] = {"id": PointTransferPolicy.id}

    sort: PointTransferSort = Field(
        default=PointTransferSort.LATEST, description="The latest first unless asked otherwise."
    )


def is_in_state(state: PointTransferState) -> ColumnElement[bool]:
    """Condition of a query: the gift is in a state now."""
    is_asked = PointTransfer.state == PointTransferState.ASKED.value
    if state is PointTransferState.ASKED:
        return and_(is_asked, PointTransfer.confirm_until > utc_now())
    if state is PointTransferState.EXPIRED:
        return and_(is_asked, PointTransfer.confirm_until <= utc_now())
    return PointTransfer.state == state.value
