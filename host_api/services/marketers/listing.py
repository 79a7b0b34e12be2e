"""How marketers, their lines, statements, payments and links are listed and exported."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.marketers.models import (
    AffiliateAttribution,
    AffiliateDay,
    AffiliateLink,
    Marketer,
    MarketerLine,
    MarketerPayment,
    MarketerStatement,
    RebateTable,
)
from host_api.services.marketers.months import month_number
from host_api.services.marketers.schemas import MarketerPaymentState, StatementState

_LATEST = "The latest first unless asked otherwise."


class MarketerSort(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class StatementSort(StrEnum):
    """Orders of statements."""

    LATEST = "-id"
    ID = "id"
    LATEST_MONTH = "-month"
    HIGHEST_PAYABLE = "-payable_rials"


class MonthQuery(BaseModel):
    """A month of the Jalali calendar."""

    model_config = ConfigDict(extra="forbid")

    year: int = Field(ge=1380, le=1500)
    month: int = Field(ge=1, le=12)

    @property
    def number(self) -> int:
        """The month, counted through."""
        return month_number(self.year, self.month)


class MarketerQuery(ListQuery):
    """Which marketers."""

    sorts: ClassVar[dict[str, Column]] = {"id": Marketer.id}

    sort: MarketerSort = MarketerSort.ID
    member_id: Annotated[int | None, Equals(Marketer.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    is_active: Annotated[bool | None, Equals(Marketer.is_active)] = None


class RebateTableQuery(ListQuery):
    """Versions of the rates."""

    sorts: ClassVar[dict[str, Column]] = {"id": RebateTable.id}

    sort: MarketerSort = Field(default=MarketerSort.LATEST, description=_LATEST)


class LineFilters(FilterQuery):
    """Which lines, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": MarketerLine.id}

    sort: MarketerSort = Field(default=MarketerSort.LATEST, description=_LATEST)
    marketer_id: Annotated[int | None, Equals(MarketerLine.marketer_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    customer_id: Annotated[int | None, Equals(MarketerLine.customer_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    statement_id: Annotated[int | None, Equals(MarketerLine.statement_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    day_from: Annotated[date | None, AtLeast(MarketerLine.day)] = None
    day_before: Annotated[date | None, Below(MarketerLine.day)] = None


class LineQuery(LineFilters, ListQuery):
    """The same, by pages."""


class LineExportQuery(LineFilters, ExportQuery):
    """The same, as a file."""


class StatementFilters(FilterQuery):
    """Which statements, in which order."""

    sorts: ClassVar[dict[str, Column]] = {
        "id": MarketerStatement.id,
        "month": MarketerStatement.month,
        "payable_rials": MarketerStatement.payable_rials,
    }

    sort: StatementSort = Field(default=StatementSort.LATEST, description=_LATEST)
    marketer_id: Annotated[int | None, Equals(MarketerStatement.marketer_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    state: Annotated[StatementState | None, Equals(MarketerStatement.state)] = None
    year: int | None = Field(default=None, ge=1380, le=1500, description="Of the Jalali calendar.")
    month: int | None = Field(default=None, ge=1, le=12, description="Of that year; only with it.")


class StatementQuery(StatementFilters, ListQuery):
    """The same, by pages."""


class StatementExportQuery(StatementFilters, ExportQuery):
    """The same, as a file."""


class PaymentQuery(ListQuery):
    """Which payments."""

    sorts: ClassVar[dict[str, Column]] = {"id": MarketerPayment.id}

    sort: MarketerSort = Field(default=MarketerSort.LATEST, description=_LATEST)
    state: Annotated[MarketerPaymentState | None, Equals(MarketerPayment.state)] = Field(
        default=None, description="`asked` are those to be decided."
    )
    statement_id: Annotated[int | None, Equals(MarketerPayment.statement_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )


class AffiliateLinkQuery(ListQuery):
    """Which links."""

    sorts: ClassVar[dict[str, Column]] = {"id": AffiliateLink.id}

    sort: MarketerSort = Field(default=MarketerSort.LATEST, description=_LATEST)
    marketer_id: Annotated[int | None, Equals(AffiliateLink.marketer_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )


class AffiliateDayQuery(ListQuery):
    """Which days of which links."""

    sorts: ClassVar[dict[str, Column]] = {"id": AffiliateDay.id}

    sort: MarketerSort = Field(default=MarketerSort.LATEST, description=_LATEST)
    link_id: Annotated[int | None, Equals(AffiliateDay.link_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    day_from: Annotated[date | None, AtLeast(AffiliateDay.day)] = None
    day_before: Annotated[date | None, Below(AffiliateDay.day)] = None


class AffiliateAttributionQuery(ListQuery):
    """Which customers came by which links."""

    sorts: ClassVar[dict[str, Column]] = {"id": AffiliateAttribution.id}

    sort: MarketerSort = Field(default=MarketerSort.LATEST, description=_LATEST)
    link_id: Annotated[int | None, Equals(AffiliateAttribution.link_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
