"""How entries, debts and debtors are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.store_accounts.models import StoreDebtAct, StoreDebtor, StoreEntry
from host_api.services.store_accounts.schemas import StoreAccount, StoreDebtActKind, StoreDocumentKind


class StoreAccountsSort(StrEnum):
    """Orders of these lists."""

    LATEST = "-id"
    ID = "id"


class StoreEntryFilters(FilterQuery):
    """Which entries, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": StoreEntry.id}

    sort: StoreAccountsSort = StoreAccountsSort.ID
    merchant: Annotated[int | None, Equals(StoreEntry.merchant)] = Field(default=None, ge=1, le=LARGEST_ID)
    branch_id: Annotated[int | None, Equals(StoreEntry.branch_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    account: Annotated[StoreAccount | None, Equals(StoreEntry.account)] = None
    document_kind: Annotated[StoreDocumentKind | None, Equals(StoreEntry.document_kind)] = None
    member_id: Annotated[int | None, Equals(StoreEntry.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    at_from: Annotated[AwareDatetime | None, AtLeast(StoreEntry.at)] = None
    at_before: Annotated[AwareDatetime | None, Below(StoreEntry.at)] = None


class StoreEntryQuery(StoreEntryFilters, ListQuery):
    """A page of entries."""


class StoreEntryExportQuery(StoreEntryFilters, ExportQuery):
    """Which entries are exported, and how."""


class StoreDebtActQuery(ListQuery):
    """Which acts on debts."""

    sorts: ClassVar[dict[str, Column]] = {"id": StoreDebtAct.id}

    sort: StoreAccountsSort = StoreAccountsSort.LATEST
    kind: Annotated[StoreDebtActKind | None, Equals(StoreDebtAct.kind)] = None
    merchant: Annotated[int | None, Equals(StoreDebtAct.merchant)] = Field(default=None, ge=1, le=LARGEST_ID)
    member_id: Annotated[int | None, Equals(StoreDebtAct.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )


class DebtorSort(StrEnum):
    """Orders of debtors."""

    MEMBER = "id"


class StoreDebtorQuery(ListQuery):
    """Which of a merchant's debtors."""

    sorts: ClassVar[dict[str, Column]] = {"id": StoreDebtor.member_id}

    sort: DebtorSort = DebtorSort.MEMBER
    merchant: Annotated[int, Equals(StoreDebtor.merchant)] = Field(ge=1, le=LARGEST_ID)
    member_id: Annotated[int | None, Equals(StoreDebtor.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    balance_from: Annotated[int, AtLeast(StoreDebtor.balance)] = Field(
        default=1, ge=0, le=LARGEST_ID, description="Those who owe at least so much."
    )
