"""How trading credit is listed and exported."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.trading_credit.models import CreditLine, TradingCreditPolicy
from host_api.services.trading_credit.schemas import CreditLineState


class TradingCreditSort(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class CreditLineFilters(FilterQuery):
    """Which lines, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": CreditLine.id}

    sort: TradingCreditSort = Field(
        default=TradingCreditSort.LATEST, description="The latest first unless asked otherwise."
    )
    state: Annotated[CreditLineState | None, Equals(CreditLine.state)] = None
    member_id: Annotated[int | None, Equals(CreditLine.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    granted_from: Annotated[AwareDatetime | None, AtLeast(CreditLine.granted_at)] = Field(
        default=None, description="Granted at this instant or later."
    )
    granted_before: Annotated[AwareDatetime | None, Below(CreditLine.granted_at)] = Field(
        default=None, description="Granted before this instant."
    )


class CreditLineQuery(CreditLineFilters, ListQuery):
    """The same, by pages."""


class CreditLineExportQuery(CreditLineFilters, ExportQuery):
    """The same, as a file."""


class TradingCreditPolicyQuery(ListQuery):
    """Versions of the policy."""

    sorts: ClassVar[dict[str, Column]] = {"id": TradingCreditPolicy.id}

    sort: TradingCreditSort = Field(
        default=TradingCreditSort.LATEST, description="The latest first unless asked otherwise."
    )
