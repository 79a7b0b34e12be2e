"""What merchants' books take and give."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.path_ids import LARGEST_ID
from host_api.services.store_accounts.till_documents import Reference, TillCode

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Note = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
Amount = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT, description="Rial.")]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 1, 1), description="A day in Tehran.")]
MOST_DAYS: Final = 366


class StoreAccount(StrEnum):
    """Accounts of a merchant's books. `club` is what the club pays for members."""

    CASH = "cash"
    CARD = "card"
    BANK = "bank"
    CLUB = "club"
    RECEIVABLE = "receivable"
    SALES = "sales"
    TAX = "tax"
    OPENING = "opening"
    WRITE_OFF = "write_off"


class PaymentMethod(StrEnum):
    """How money comes and goes."""

    CASH = "cash"
    CARD = "card"
    BANK = "bank"
    CLUB = "club"

    @property
    def account(self) -> StoreAccount:
        """Its account."""
        return StoreAccount(self.value)


class StoreDocumentKind(StrEnum):
    """What an entry is of."""

    SALE = "sale"
    RETURN = "return"
    DEBT = "debt"
    SETTLEMENT = "settlement"
    WRITE_OFF = "write_off"
    MERGE = "merge"


class StoreDebtActKind(StrEnum):
    """What became of a debt beside sales."""

    DEBT = "debt"
    SETTLEMENT = "settlement"
    WRITE_OFF = "write_off"


class _DebtDocument(BaseModel):
    till: TillCode
    reference: Reference
    branch_id: Id
    member_id: Id
    amount: Amount
    note: Note | None = None


class StoreDebtCreate(_DebtDocument):
    """A debt from elsewhere, such as an old one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "till": "office",
                "reference": "D-1",
                "branch_id": 1,
                "member_id": 12,
                "amount": 1500000,
                "note": "مانده از سال پیش",
            }
        },
    )


class StoreSettlementCreate(_DebtDocument):
    """Money that a customer pays for their debt, or some of it that is given up."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "till": "T1",
                "reference": "S-1",
                "branch_id": 1,
                "member_id": 12,
                "amount": 500000,
                "method": "cash",
            }
        },
    )

    method: PaymentMethod | None = Field(
        default=PaymentMethod.CASH, description="Null where the debt is given up."
    )


class StoreDebtActRead(BaseModel):
    """A debt that was written down, settled or written off."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "kind": "settlement",
                "till": "T1",
                "reference": "S-1",
                "merchant": 1,
                "branch_id": 1,
                "member_id": 12,
                "account": "cash",
                "amount": 500000,
                "note": None,
                "at": "2026-11-22T09:00:00Z",
                "by_name": "shop",
            }
        },
        from_attributes=True,
    )

    id: int
    kind: StoreDebtActKind
    till: str
    reference: str
    merchant: int
    branch_id: int
    member_id: int
    account: StoreAccount = Field(description="Beside `receivable`.")
    amount: int
    note: str | None
    at: datetime
    by_name: str


class StoreDebtorRead(BaseModel):
    """What a member owes a merchant."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={"example": {"merchant": 1, "member_id": 12, "balance": 1000000}},
    )

    merchant: int
    member_id: int
    balance: int


class StoreEntryRead(BaseModel):
    """One account's part of a document."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 71,
                "merchant": 1,
                "branch_id": 1,
                "document_kind": "sale",
                "document_id": 9,
                "account": "cash",
                "member_id": None,
                "amount": 2750000,
                "at": "2026-11-22T09:00:00Z",
                "by_name": "shop",
            }
        },
    )

    id: int
    merchant: int
    branch_id: int
    document_kind: StoreDocumentKind
    document_id: int
    account: StoreAccount
    member_id: int | None = Field(description="Whose debt; of `receivable` only.")
    amount: int = Field(description="Rial: a debit above zero, a credit below.")
    at: datetime
    by_name: str


class StorePeriodQuery(BaseModel):
    """A merchant's days, both ends among them."""

    model_config = ConfigDict(extra="forbid")

    merchant: Id
    first_day: Day
    last_day: Day

    @model_validator(mode="after")
    def _in_order(self) -> "StorePeriodQuery":
        if not 0 <= (self.last_day - self.first_day).days < MOST_DAYS:
            raise ValueError("last_day is not before first_day, and at most a year after it")
        return self


class StoreAccountSum(BaseModel):
    """What an account's entries sum to."""

    account: StoreAccount
    debits: int
    credits: int
    balance: int = Field(description="Debits less credits.")


class StoreTrialBalance(BaseModel):
    """The accounts of a merchant; `sum` of their balances is zero."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "merchant": 1,
                "accounts": [
                    {"account": "cash", "debits": 2750000, "credits": 0, "balance": 2750000},
                    {"account": "sales", "debits": 0, "credits": 2500000, "balance": -2500000},
                    {"account": "tax", "debits": 0, "credits": 250000, "balance": -250000},
                ],
                "sum": 0,
            }
        }
    )

    merchant: int
    accounts: list[StoreAccountSum]
    sum: int
