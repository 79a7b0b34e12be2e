"""What points to cash takes and gives."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.path_ids import LARGEST_ID
from host_api.core.period_limits import PeriodLimits
from host_api.services.groups.audience import StoredAudience
from host_api.services.groups.query_schema import Query

AccountCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z./-]{1,20}$")]
Units = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)]
Money = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT)]
Note = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]


class CashOutState(StrEnum):
    """Where a request stands.

    DEBITING waits for the switch; REFUSED was declined by it and moved nothing; DOUBTFUL is for the next
    reconciliation. WAITING is for a second person, READY for a batch, IN_BATCH for the bank. RETURNING gives
    the units back; UNRETURNED could not, and wants a person. PAID and RETURNED are ends.
    """

    DEBITING = "debiting"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    WAITING = "waiting"
    READY = "ready"
    IN_BATCH = "in_batch"
    PAID = "paid"
    RETURNING = "returning"
    RETURNED = "returned"
    UNRETURNED = "unreturned"


class ReturnedFor(StrEnum):
    """Why units go back."""

    REJECTED = "rejected"
    CANCELLED = "cancelled"
    BANK = "bank"


class CashOutAccounts(BaseModel):
    """Accounts of the club's books that vouchers are written on."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"liability": "2110", "payable": "2120", "fee_income": "4110", "bank": "1110"}
        },
    )

    liability: AccountCode = Field(default="2110", description="What the club owes members in points.")
    payable: AccountCode = Field(default="2120", description="What is on its way to members in money.")
    fee_income: AccountCode = Field(default="4110", description="Fees that the club keeps.")
    bank: AccountCode = Field(default="1110", description="The account that payments leave from.")


class CashOutPolicyCreate(BaseModel):
    """A further version of the policy."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "least_units": 100,
                "most_units": 50_000,
                "limits": {"day_count": 1, "month_units": 100_000},
                "rate_units": 1,
                "rate_rials": 500,
                "fee_rials": 5_000,
                "approval_above_units": 10_000,
                "audience": {"f": "tier", "op": "in", "v": ["gold", "platinum"]},
            }
        },
    )

    valid_from: AwareDatetime | None = Field(default=None, description="Left out, from now on.")
    is_open: bool = Field(default=True, description="false: nobody can ask any more.")
    purse: int = Field(default=91, ge=60, le=99, description="Account type of the purse.")
    least_units: Units = 1
    most_units: Units = LARGEST_AMOUNT
    limits: PeriodLimits = Field(default_factory=PeriodLimits, description="Left out, none.")
    rate_units: Units = Field(default=1, description="So many units …")
    rate_rials: Units = Field(description="… are worth so many rials; a part of a rial is the club's.")
    fee_rials: Money = Field(default=0, description="Fixed part of the fee.")
    fee_basis_points: int = Field(default=0, ge=0, le=10_000, description="Part of the worth, in 1/10,000.")
    approval_above_units: Money | None = Field(
        default=0, description="Above so many units a second person approves; 0 always, null never."
    )
    audience: Query | None = Field(default=None, description="Who may ask; null is every member.")
    accounts: CashOutAccounts = Field(
        default_factory=CashOutAccounts, description="Left out, each account's default."
    )

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.most_units < self.least_units:
            raise PydanticCustomError("units_out_of_order", "most_units is less than least_units")
        return self


class CashOutPolicyRead(BaseModel):
    """A version of the policy."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 2,
                "valid_from": "2026-03-21T06:30:00Z",
                "created_at": "2026-03-21T06:30:00Z",
                "created_by": "نگار",
                "is_open": True,
                "purse": 91,
                "least_units": 100,
                "most_units": 50_000,
                "limits": {"day_count": 1, "day_units": None, "month_count": None, "month_units": 100_000},
                "rate_units": 1,
                "rate_rials": 500,
                "fee_rials": 5_000,
                "fee_basis_points": 0,
                "approval_above_units": 10_000,
                "audience": None,
                "accounts": {"liability": "2110", "payable": "2120", "fee_income": "4110", "bank": "1110"},
            }
        }
    )

    id: int
    valid_from: datetime
    created_at: datetime
    created_by: str
    is_open: bool
    purse: int
    least_units: int
    most_units: int
    limits: PeriodLimits
    rate_units: int
    rate_rials: int
    fee_rials: int
    fee_basis_points: int
    approval_above_units: int | None
    audience: StoredAudience
    accounts: CashOutAccounts


class CashOutCreate(BaseModel):
    """A member's wish for cash."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"member_id": 12, "units": 2_000}}
    )

    member_id: int = Field(ge=1, le=LARGEST_ID)
    units: Units


class CashOutDecision(BaseModel):
    """What the second person says."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "بررسی شد"}})

    note: Note | None = None


class CashOutRead(BaseModel):
    """A member's wish for cash, and what became of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 7,
                "member_id": 12,
                "state": "paid",
                "policy_id": 2,
                "purse": 91,
                "units": 2_000,
                "gross_rials": 1_000_000,
                "fee_rials": 5_000,
                "net_rials": 995_000,
                "sheba_ending": "3007",
                "needs_approval": False,
                "asked_by": "app",
                "asked_at": "2026-03-21T06:30:00Z",
                "decided_by": None,
                "decided_at": None,
                "note": None,
                "response_code": "00",
                "debit_rrn": "000000000042",
                "batch_id": 3,
                "line": 1,
                "paid_at": "2026-03-22T06:30:00Z",
                "bank_reference": "140501020001",
                "bank_reason": None,
                "returned_for": None,
                "return_rrn": None,
                "finished_at": "2026-03-22T06:30:00Z",
            }
        }
    )

    id: int
    member_id: int
    state: CashOutState
    policy_id: int = Field(description="The version of the policy that it was asked under.")
    purse: int
    units: int
    gross_rials: int = Field(description="What the units are worth.")
    fee_rials: int
    net_rials: int = Field(description="What the member is paid.")
    sheba_ending: str | None = Field(description="Last four digits of the account; null once erased.")
    needs_approval: bool
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    response_code: str | None = Field(description="Field 39 of the switch's last answer; 51: too few units.")
    debit_rrn: str | None
    batch_id: int | None
    line: int | None
    paid_at: datetime | None
    bank_reference: str | None
    bank_reason: str | None = Field(description="Why the bank did not pay.")
    returned_for: ReturnedFor | None
    return_rrn: str | None
    finished_at: datetime | None


class CashOutBatchCreate(BaseModel):
    """How many of the requests that are ready go to the bank at once."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"most_lines": 500}})

    most_lines: int = Field(default=1_000, ge=1, le=5_000, description="The oldest come first.")


class CashOutBatchRead(BaseModel):
    """What was handed to the bank at once."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "made_at": "2026-03-22T06:00:00Z",
                "made_by": "نگار",
                "line_count": 2,
                "gross_rials": 2_000_000,
                "fee_rials": 10_000,
                "net_rials": 1_990_000,
                "paid_count": 1,
                "failed_count": 0,
            }
        }
    )

    id: int
    made_at: datetime
    made_by: str
    line_count: int
    gross_rials: int
    fee_rials: int
    net_rials: int
    paid_count: int
    failed_count: int


class BankAnswer(BaseModel):
    """The file with which the bank answers a batch, whole or in parts."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "example": {
                "csv": "line,reference,status,bank_reference,reason\r\n1,7,paid,140501020001,\r\n"
                "2,8,failed,,account closed\r\n"
            }
        },
    )

    csv: str = Field(
        min_length=1, max_length=1_000_000, description="docs/club-services/cash-outs.md has the columns."
    )


class BankAnswerRead(BaseModel):
    """What an answer of the bank has changed."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"paid": 1, "failed": 1, "repeated": 0, "voucher_id": 6}}
    )

    paid: int
    failed: int
    repeated: int = Field(description="Lines that an earlier answer has told already.")
    voucher_id: int | None = Field(description="Null where nothing was new.")


class VoucherKind(StrEnum):
    """What a voucher is about."""

    BATCH = "batch"
    ANSWER = "answer"


class VoucherLine(BaseModel):
    """One line: either a debit or a credit, in rials."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "account": "2110",
                "title": "Liability for points",
                "title_fa": "بدهی امتیاز",
                "debit": 2_000_000,
                "credit": 0,
            }
        }
    )

    account: str
    title: str
    title_fa: str
    debit: int
    credit: int


class CashOutVoucherRead(BaseModel):
    """An accounting voucher; its debits and credits are equal."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 6,
                "batch_id": 3,
                "kind": "batch",
                "day": "2026-03-22",
                "made_at": "2026-03-22T06:00:00Z",
                "total_rials": 2_000_000,
                "lines": [
                    {
                        "account": "2110",
                        "title": "Liability for points",
                        "title_fa": "بدهی امتیاز",
                        "debit": 2_000_000,
                        "credit": 0,
                    },
                    {
                        "account": "2120",
                        "title": "Payable to members",
                        "title_fa": "پرداختنی به اعضا",
                        "debit": 0,
                        "credit": 2_000_000,
                    },
                ],
            }
        }
    )

    id: int
    batch_id: int
    kind: VoucherKind
    day: date
    made_at: datetime
    total_rials: int
    lines: list[VoucherLine]
