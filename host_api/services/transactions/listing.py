"""How transactions are found and listed."""

from enum import Enum, StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import AwareDatetime, Field, model_validator
from sqlalchemy import ColumnElement, String
from sqlalchemy.orm import InstrumentedAttribute

from host_api.core.jalali import CalendarDate
from host_api.core.listing import Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.terminals.schemas import TERMINAL_ID_PATTERN
from host_api.services.transactions.models import Transaction, TransactionRule
from host_api.services.transactions.operation import Operation
from host_api.services.transactions.standing import Standing

RRN_PATTERN = r"^[0-9]{12}$"
STAN_PATTERN = r"^[0-9]{6}$"
# Never the whole number: addresses are written into logs.
MASKED_NUMBER_PATTERN = r"^[0-9]{6}[*xX•]{6}[0-9]{4}$"
LARGEST_AMOUNT = 999_999_999_999


# Which filters leave least, the first first. A database that keeps no statistics, as SQLite, can't know.
_LEADING = (
    ("rrn",),
    ("terminal_id", "stan"),
    ("card_id",),
    ("card_number",),
    ("member_id",),
    ("amount",),
    ("merchant_id", "branch_number"),
    ("terminal_id",),
    ("rule",),
    ("merchant_id",),
    ("standing",),
    ("operation",),
    ("response_code",),
)


class TransactionSort(StrEnum):
    """Orders of transactions: by journal position, which is the order in which they happened."""

    LATEST = "-id"
    ID = "id"


class TransactionFilters(FilterQuery):
    """Which transactions, in which order.

    Filters without a comparison of their own are made into one by `search`.
    """

    sorts: ClassVar[dict[str, Column]] = {"id": Transaction.position}

    sort: TransactionSort = Field(
        default=TransactionSort.LATEST,
        description="By journal position; the latest first unless asked otherwise.",
    )
    member_id: Annotated[int | None, Equals(Transaction.member_number)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only transactions of this member."
    )
    card_id: Annotated[int | None, Equals(Transaction.card_reference)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only transactions with this card."
    )
    card_number: str | None = Field(
        default=None,
        pattern=MASKED_NUMBER_PATTERN,
        description="Only transactions with cards of this masked number, as it stands on a receipt.",
        examples=["936412******0007"],
    )
    terminal_id: Annotated[str | None, Equals(Transaction.terminal_id)] = Field(
        default=None, pattern=TERMINAL_ID_PATTERN, description="Only transactions at this terminal."
    )
    stan: Annotated[str | None, Equals(Transaction.stan)] = Field(
        default=None, pattern=STAN_PATTERN, description="Only this STAN; wants the terminal too."
    )
    merchant_id: Annotated[str | None, Equals(Transaction.merchant_id)] = Field(
        default=None, max_length=15, description="Only transactions at this merchant."
    )
    branch_number: Annotated[int | None, Equals(Transaction.branch_number)] = Field(
        default=None, ge=0, le=9999, description="Only transactions in this branch; wants the merchant too."
    )
    response_code: Annotated[str | None, Equals(Transaction.response_code)] = Field(
        default=None, pattern=r"^[0-9A-Z]{2}$", description="Only transactions with this answer."
    )
    operation: Annotated[Operation | None, Equals(Transaction.operation)] = Field(
        default=None, description="Only transactions that do this."
    )
    standing: Annotated[Standing | None, Equals(Transaction.standing)] = Field(
        default=None, description="Only transactions that stand so: `reversed`, `returned` and so on."
    )
    rule: str | None = Field(
        default=None, min_length=1, max_length=32, description="Only transactions in which this rule gave."
    )
    rrn: Annotated[str | None, Equals(Transaction.rrn)] = Field(
        default=None, pattern=RRN_PATTERN, description="Only the transaction with this RRN."
    )
    amount: Annotated[int | None, Equals(Transaction.amount)] = Field(
        default=None, ge=0, le=LARGEST_AMOUNT, description="Only this amount, minor units."
    )
    amount_from: int | None = Field(
        default=None, ge=0, le=LARGEST_AMOUNT, description="Only this amount or more."
    )
    amount_to: int | None = Field(
        default=None, ge=0, le=LARGEST_AMOUNT, description="Only this amount or less."
    )
    begin: AwareDatetime | None = Field(
        default=None, alias="from", description="From this instant on (ISO 8601 with offset)."
    )
    end: AwareDatetime | None = Field(
        default=None, alias="to", description="Before this instant (ISO 8601 with offset)."
    )
    day_from: CalendarDate | None = Field(
        default=None, description="From this day on, by the calendar of Tehran; Jalali or Gregorian."
    )
    day_to: CalendarDate | None = Field(default=None, description="To the end of this day.")

    @property
    def leading(self) -> tuple[str, ...]:
        """The filters by whose index the search goes: those given that leave least."""
        given = (names for names in _LEADING if all(getattr(self, name) is not None for name in names))
        return next(given, ())

    def sort_column(self, name: str) -> Column:
        """The position, of the table that the search goes by."""
        return TransactionRule.position if self.leading == ("rule",) else self.sorts[name]

    def filters(self) -> list[ColumnElement[bool]]:
        """The comparisons; all but the leading ones so that no database takes their index instead."""
        leading = self.leading
        conditions: list[ColumnElement[bool]] = []
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            for comparison in field.metadata:
                if isinstance(comparison, Equals) and value is not None:
                    column = comparison.column
                    plain = value.value if isinstance(value, Enum) else value
                    conditions.append((column if name in leading else unindexed(column)) == plain)
        return conditions

    @model_validator(mode="after")
    def _check_company(self) -> Self:
        if self.stan is not None and self.terminal_id is None:
            raise ValueError("`stan` wants `terminal_id`: every terminal counts its own")
        if self.branch_number is not None and self.merchant_id is None:
            raise ValueError("`branch_number` wants `merchant_id`: every merchant counts its own")
        return self


class TransactionQuery(TransactionFilters, ListQuery):
    """Which transactions, in which order, and which page."""


def unindexed(column: InstrumentedAttribute[object]) -> ColumnElement[object]:
    """The column in a form that is equal to it and has no index."""
    return column.concat("") if isinstance(column.type, String) else column + 0
