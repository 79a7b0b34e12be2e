"""What the traces service gives."""

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.errors import Language
from host_api.services.disputes.schemas import DisputeRead
from host_api.services.traces.receipt import LineStyle
from host_api.services.transaction_requests.schemas import TransactionRequestRead
from host_api.services.transactions.meanings import CodeMeaning
from host_api.services.transactions.operation import Operation
from host_api.services.transactions.schemas import GrantRead, TransactionRead
from host_api.services.transactions.standing import Standing
from protocol.feed import ActionText, FileText

_EXAMPLE = TransactionRead.model_config["json_schema_extra"]


class RuleText(BaseModel):
    """What the member reads of a rule."""

    en: str
    fa: str


class GrantTold(GrantRead):
    """What a rule gave or took, and what the member reads of that rule."""

    text: RuleText | None = Field(description="Null where nobody keeps the words of this version.")


class LotMoved(BaseModel):
    """What was added to one lot of an account; epoch seconds, both 0 for debt."""

    account: str
    purse: str
    available_from_s: int
    expires_at_s: int
    delta: int


class RecordChanged(BaseModel):
    """A record of the switch that the transaction changed, as enrolment at the counter does."""

    file: FileText
    action: ActionText = Field(description="1 added or replaced, 3 deleted.")
    member_id: int | None
    card_id: int | None


class Relation(StrEnum):
    """What another transaction is to the one that is traced."""

    UNDOES = "undoes"
    UNDONE_BY = "undone_by"
    IS_ABOUT = "is_about"
    RETURNED_BY = "returned_by"
    VOIDED_BY = "voided_by"
    COMPLETED_BY = "completed_by"
    FOLLOWED_BY = "followed_by"
    SAME_IDENTITY = "same_identity"


class Linked(BaseModel):
    """Another transaction that belongs to this one."""

    relation: Relation = Field(description="What the other is to this one.")
    rrn: str
    at: datetime
    operation: Operation
    approved: bool
    response_code: str
    amount: int
    standing: Standing


class LedgerRequestTold(BaseModel):
    """The request of this host that the transaction came from."""

    id: int
    service: str = Field(description="The service that asked.")
    reference: str = Field(description="Its own number of the act.")
    kind: str
    state: str
    reason: str
    asked_by: str
    asked_at: datetime
    sent_at: datetime | None
    sendings: int = Field(description="How often its message was sent, reversals not among them.")
    reversal_sendings: int
    response_code: str | None
    reversal_code: str | None
    finished_at: datetime | None


class TraceRead(BaseModel):
    """All that is known of one transaction."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "transaction": _EXAMPLE["example"] if isinstance(_EXAMPLE, dict) else None,
                "meaning": {"en": "Approved", "fa": "تأیید شد"},
                "business_date": "2026-03-21",
                "masked_card": "936412******0007",
                "grants": [],
                "lots": [
                    {
                        "account": "member:12",
                        "purse": "points",
                        "available_from_s": 0,
                        "expires_at_s": 1805612400,
                        "delta": 250,
                    }
                ],
                "records": [],
                "linked": [],
                "requests": [],
                "voids_and_returns": [],
                "disputes": [],
            }
        }
    )

    transaction: TransactionRead = Field(description="Request and decision, as the journal has them.")
    meaning: CodeMeaning = Field(description="What the response code says.")
    business_date: date | None = Field(description="The switch's business day; null where it is not known.")
    masked_card: str | None
    grants: list[GrantTold] = Field(description="What each rule gave or took, with the words for the member.")
    lots: list[LotMoved]
    records: list[RecordChanged]
    linked: list[Linked] = Field(description="What it undoes and is about, and what came of it; in order.")
    requests: list[LedgerRequestTold] = Field(description="Of this host; none where a terminal asked.")
    voids_and_returns: list[TransactionRequestRead]
    disputes: list[DisputeRead]


class ReceiptLineRead(BaseModel):
    """A line of the receipt."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"style": "row", "text": "Purchase", "value": "Approved"}}
    )

    style: LineStyle
    text: str = Field(description="The label of a row, else the line; Unicode isolates keep codes in order.")
    value: str = Field(description="The value of a row.")


class ReceiptRead(BaseModel):
    """A copy of what the terminal printed."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "rrn": "000000000017",
                "language": "en",
                "direction": "ltr",
                "lines": [
                    {"style": "big", "text": "* COPY *", "value": ""},
                    {"style": "row", "text": "Purchase", "value": "Approved"},
                ],
                "text": "* COPY *\nPurchase: Approved",
            }
        }
    )

    rrn: str
    language: Language
    direction: Literal["rtl", "ltr"]
    lines: list[ReceiptLineRead]
    text: str = Field(description="The same as plain text; Persian lines begin with a right-to-left mark.")
