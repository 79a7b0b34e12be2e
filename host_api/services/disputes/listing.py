"""How disputes are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.disputes.models import Dispute
from host_api.services.disputes.schemas import DisputeKind, DisputeOutcome, DisputeState
from host_api.services.transactions.listing import RRN_PATTERN


class DisputeSort(StrEnum):
    """Orders of cases."""

    LATEST = "-id"
    ID = "id"
    DEADLINE = "deadline_at"


class DisputeQuery(ListQuery):
    """Which cases, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Dispute.id, "deadline_at": Dispute.deadline_at}

    sort: DisputeSort = Field(
        default=DisputeSort.LATEST, description="The latest first unless asked otherwise."
    )
    state: Annotated[DisputeState | None, Equals(Dispute.state)] = Field(
        default=None, description="Only cases in this state."
    )
    kind: Annotated[DisputeKind | None, Equals(Dispute.kind)] = None
    outcome: Annotated[DisputeOutcome | None, Equals(Dispute.outcome)] = None
    rrn: Annotated[str | None, Equals(Dispute.rrn)] = Field(
        default=None, pattern=RRN_PATTERN, description="Only cases about this transaction."
    )
    member_id: Annotated[int | None, Equals(Dispute.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only cases of this member."
    )
    assignee: Annotated[str | None, Equals(Dispute.assignee)] = Field(
        default=None, max_length=100, description="Only cases that this person sees to."
    )
    deadline_before: Annotated[AwareDatetime | None, Below(Dispute.deadline_at)] = Field(
        default=None, description="Only cases with a deadline before this instant."
    )
