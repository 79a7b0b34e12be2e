"""How paid notices and policies are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.listing import Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.paid_notices.models import PaidNotice, PaidNoticePolicy
from host_api.services.paid_notices.states import PaidNoticeState

FilterId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class PaidNoticeSort(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class PaidNoticePolicyQuery(ListQuery):
    """Which versions."""

    sorts: ClassVar[dict[str, Column]] = {"id": PaidNoticePolicy.id}

    sort: PaidNoticeSort = PaidNoticeSort.LATEST


class PaidNoticeFilters(FilterQuery):
    """Which notices, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": PaidNotice.id}

    sort: PaidNoticeSort = Field(
        default=PaidNoticeSort.LATEST, description="The latest first unless asked otherwise."
    )
    seller_id: Annotated[FilterId | None, Equals(PaidNotice.seller_id)] = None
    state: Annotated[PaidNoticeState | None, Equals(PaidNotice.state)] = None


class PaidNoticeQuery(PaidNoticeFilters, ListQuery):
    """The same, by pages."""


class PaidNoticeExportQuery(PaidNoticeFilters, ExportQuery):
    """The same, as a file."""
