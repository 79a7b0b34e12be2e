"""What the operators service takes and gives of shifts."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.core.path_ids import LARGEST_ID
from host_api.services.terminals.schemas import TERMINAL_ID_PATTERN
from host_api.services.transactions.operation import Operation

Cash = Annotated[int, Field(ge=0, le=999_999_999_999, description="Cash in the till, counted by hand, rial.")]
Note = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]

_SHIFT: JsonDict = {
    "id": 11,
    "operator_id": 2,
    "branch_id": 5,
    "terminal_id": "TERM0001",
    "opened_at": "2026-03-21T06:30:00Z",
    "opened_by": "Sara",
    "opening_cash": 5000000,
    "closed_at": "2026-03-21T14:30:00Z",
    "closed_by": "Sara",
    "closing_cash": 21000000,
    "cash_taken": 16000000,
    "note": None,
}


class ShiftOpen(BaseModel):
    """A shift that begins."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"operator_id": 2, "branch_id": 5, "terminal_id": "TERM0001", "opening_cash": 5000000}
        },
    )

    operator_id: int = Field(ge=1, le=LARGEST_ID)
    branch_id: int = Field(ge=1, le=LARGEST_ID)
    terminal_id: str | None = Field(
        default=None, pattern=TERMINAL_ID_PATTERN, description="Whose transactions are the shift's."
    )
    opened_at: AwareDatetime | None = Field(
        default=None, description="Left out, now; at most seven days ago, for what was written down by hand."
    )
    opening_cash: Cash
    note: Note | None = None


class ShiftClose(BaseModel):
    """How a shift ends."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"closing_cash": 21000000}})

    closing_cash: Cash
    closed_at: AwareDatetime | None = Field(default=None, description="Left out, now.")
    note: Note | None = None


class ShiftRead(BaseModel):
    """An operator's time at a till."""

    model_config = ConfigDict(json_schema_extra={"example": _SHIFT})

    id: int
    operator_id: int
    branch_id: int
    terminal_id: str | None
    opened_at: datetime
    opened_by: str = Field(description="Who told of it.")
    opening_cash: int
    closed_at: datetime | None
    closed_by: str | None
    closing_cash: int | None
    cash_taken: int | None = Field(
        description="What was counted at the end less what was there at the beginning."
    )
    note: str | None


class TotalsBasis(StrEnum):
    """By what transactions are counted to a shift."""

    TERMINAL = "terminal"
    NOTHING = "nothing"


class OperationTotal(BaseModel):
    """Sums of one kind of transaction, rial or units of a purse."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "operation": "purchase",
                "count": 12,
                "amount": 18000000,
                "discount": 0,
                "tendered": 2000000,
                "net_amount": 16000000,
            }
        }
    )

    operation: Operation
    count: int
    amount: int
    discount: int
    tendered: int = Field(description="Paid with purses.")
    net_amount: int = Field(description="Left to pay with money, cash or bank card.")


class ShiftTotalsRead(BaseModel):
    """What went through a shift's terminal while it went on."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "shift": _SHIFT,
                "basis": "terminal",
                "basis_text": "All transactions at the terminal between opening and closing.",
                "basis_text_fa": "همهٔ تراکنش‌های پایانه از آغاز تا پایان شیفت.",
                "until": "2026-03-21T14:30:00Z",
                "operations": [],
            }
        }
    )

    shift: ShiftRead
    basis: TotalsBasis
    basis_text: str
    basis_text_fa: str
    until: datetime = Field(description="The shift's end, or now.")
    operations: list[OperationTotal]
