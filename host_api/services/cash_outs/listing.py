"""How points to cash is listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.cash_outs.models import CashOut, CashOutBatch, CashOutPolicy, CashOutVoucher
from host_api.services.cash_outs.schemas import CashOutState, VoucherKind


class CashOutSort(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class CashOutQuery(ListQuery):
    """Which requests, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": CashOut.id}

    sort: CashOutSort = Field(
        default=CashOutSort.LATEST, description="The latest first unless asked otherwise."
    )
    state: Annotated[CashOutState | None, Equals(CashOut.state)] = Field(
        default=None, description="Only those in this state; `waiting` are those to be decided."
    )
    member_id: Annotated[int | None, Equals(CashOut.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    batch_id: Annotated[int | None, Equals(CashOut.batch_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    asked_from: Annotated[AwareDatetime | None, AtLeast(CashOut.asked_at)] = Field(
        default=None, description="Asked at this instant or later."
    )
    asked_before: Annotated[AwareDatetime | None, Below(CashOut.asked_at)] = Field(
        default=None, description="Asked before this instant."
    )


class CashOutPolicyQuery(ListQuery):
    """Versions of the policy."""

    sorts: ClassVar[dict[str, Column]] = {"id": CashOutPolicy.id}

    sort: CashOutSort = Field(
        default=CashOutSort.LATEST, description="The latest first unless asked otherwise."
    )


class CashOutBatchQuery(ListQuery):
    """Batches."""

    sorts: ClassVar[dict[str, Column]] = {"id": CashOutBatch.id}

    sort: CashOutSort = Field(
        default=CashOutSort.LATEST, description="The latest first unless asked otherwise."
    )


class CashOutVoucherQuery(ListQuery):
    """Vouchers."""

    sorts: ClassVar[dict[str, Column]] = {"id": CashOutVoucher.id}

    sort: CashOutSort = Field(
        default=CashOutSort.LATEST, description="The latest first unless asked otherwise."
    )
    kind: Annotated[VoucherKind | None, Equals(CashOutVoucher.kind)] = None
    batch_id: Annotated[int | None, Equals(CashOutVoucher.batch_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
