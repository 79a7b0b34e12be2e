"""How packages, contracts and what belongs to them are listed and exported."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.listing import Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.credit_packages.models import (
    CreditContract,
    CreditCorrection,
    CreditEntry,
    CreditHoliday,
    CreditPackage,
    CreditPayment,
    CreditTurnover,
)
from host_api.services.credit_packages.states import (
    CreditContractState,
    CreditCorrectionState,
    CreditEntryKind,
    CreditPaymentState,
)

_Id = Annotated[int | None, Field(ge=1, le=LARGEST_ID)]


class CreditSort(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class PackageQuery(ListQuery):
    """Packages."""

    sorts: ClassVar[dict[str, Column]] = {"id": CreditPackage.id}

    sort: CreditSort = CreditSort.LATEST
    is_open: Annotated[bool | None, Equals(CreditPackage.is_open)] = None


class HolidayQuery(ListQuery):
    """Holidays."""

    sorts: ClassVar[dict[str, Column]] = {"id": CreditHoliday.id}

    sort: CreditSort = CreditSort.ID


class ContractFilters(FilterQuery):
    """Which contracts."""

    sorts: ClassVar[dict[str, Column]] = {"id": CreditContract.id}

    sort: CreditSort = CreditSort.LATEST
    state: Annotated[CreditContractState | None, Equals(CreditContract.state)] = None
    member_id: Annotated[_Id, Equals(CreditContract.member_id)] = None
    guest_id: Annotated[_Id, Equals(CreditContract.guest_id)] = None
    package_id: Annotated[_Id, Equals(CreditContract.package_id)] = None


class ContractQuery(ContractFilters, ListQuery):
    """The same, by pages."""


class ContractExportQuery(ContractFilters, ExportQuery):
    """The same, as a file."""


class EntryFilters(FilterQuery):
    """Which entries."""

    sorts: ClassVar[dict[str, Column]] = {"id": CreditEntry.id}

    sort: CreditSort = CreditSort.ID
    contract_id: Annotated[_Id, Equals(CreditEntry.contract_id)] = None
    kind: Annotated[CreditEntryKind | None, Equals(CreditEntry.kind)] = None


class EntryQuery(EntryFilters, ListQuery):
    """The same, by pages."""


class EntryExportQuery(EntryFilters, ExportQuery):
    """The same, as a file."""


class PaymentQuery(ListQuery):
    """Payments."""

    sorts: ClassVar[dict[str, Column]] = {"id": CreditPayment.id}

    sort: CreditSort = CreditSort.LATEST
    state: Annotated[CreditPaymentState | None, Equals(CreditPayment.state)] = None
    member_id: Annotated[_Id, Equals(CreditPayment.member_id)] = None
    guest_id: Annotated[_Id, Equals(CreditPayment.guest_id)] = None


class CorrectionQuery(ListQuery):
    """Corrections."""

    sorts: ClassVar[dict[str, Column]] = {"id": CreditCorrection.id}

    sort: CreditSort = CreditSort.LATEST
    state: Annotated[CreditCorrectionState | None, Equals(CreditCorrection.state)] = None
    contract_id: Annotated[_Id, Equals(CreditCorrection.contract_id)] = None


class TurnoverQuery(ListQuery):
    """Turnover that was told."""

    sorts: ClassVar[dict[str, Column]] = {"id": CreditTurnover.id}

    sort: CreditSort = CreditSort.LATEST
    member_id: Annotated[_Id, Equals(CreditTurnover.member_id)] = None
    guest_id: Annotated[_Id, Equals(CreditTurnover.guest_id)] = None
