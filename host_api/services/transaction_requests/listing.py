"""How voids and returns are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.transaction_requests.models import TransactionRequest
from host_api.services.transaction_requests.schemas import RequestKind, RequestState
from host_api.services.transactions.listing import RRN_PATTERN


class RequestSort(StrEnum):
    """Orders of voids and returns."""

    LATEST = "-id"
    ID = "id"


class RequestQuery(ListQuery):
    """Which voids and returns, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": TransactionRequest.id}

    sort: RequestSort = Field(
        default=RequestSort.LATEST, description="The latest first unless asked otherwise."
    )
    state: Annotated[RequestState | None, Equals(TransactionRequest.state)] = Field(
        default=None, description="Only those in this state; `asked` wait for a second person."
    )
    kind: Annotated[RequestKind | None, Equals(TransactionRequest.kind)] = None
    rrn: Annotated[str | None, Equals(TransactionRequest.original_rrn)] = Field(
        default=None, pattern=RRN_PATTERN, description="Only those of this transaction."
    )
    member_id: Annotated[int | None, Equals(TransactionRequest.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only those of this member."
    )
