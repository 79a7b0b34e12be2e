"""How transactions are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.terminals.schemas import TERMINAL_ID_PATTERN
from host_api.services.transactions.models import Transaction

RRN_PATTERN = r"^[0-9]{12}$"


class TransactionSort(StrEnum):
    """Orders of transactions: by journal position, which is the order in which they happened."""

    LATEST = "-id"
    ID = "id"


class TransactionQuery(ListQuery):
    """Which transactions, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Transaction.position}

    sort: TransactionSort = Field(
        default=TransactionSort.LATEST,
        description="By journal position; the latest first unless asked otherwise.",
    )
    member_id: Annotated[int | None, Equals(Transaction.member_number)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only transactions of this member."
    )
    terminal_id: Annotated[str | None, Equals(Transaction.terminal_id)] = Field(
        default=None, pattern=TERMINAL_ID_PATTERN, description="Only transactions at this terminal."
    )
    merchant_id: Annotated[str | None, Equals(Transaction.merchant_id)] = Field(
        default=None, max_length=15, description="Only transactions at this merchant."
    )
    response_code: Annotated[str | None, Equals(Transaction.response_code)] = Field(
        default=None, pattern=r"^[0-9A-Z]{2}$", description="Only transactions with this answer."
    )
    rrn: Annotated[str | None, Equals(Transaction.rrn)] = Field(
        default=None, pattern=RRN_PATTERN, description="Only the transaction with this RRN."
    )
    begin: Annotated[AwareDatetime | None, AtLeast(Transaction.at_ms)] = Field(
        default=None, alias="from", description="From this instant on (ISO 8601 with offset)."
    )
    end: Annotated[AwareDatetime | None, Below(Transaction.at_ms)] = Field(
        default=None, alias="to", description="Before this instant (ISO 8601 with offset)."
    )
