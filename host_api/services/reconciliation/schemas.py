"""What the reconciliation service gives."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

_DIFFERENCE_EXAMPLE: JsonDict = {
    "kind": "without_request",
    "what": "A transaction of this host has no request",
    "what_fa": "تراکنشی از این میزبان درخواستی ندارد",
    "advice": "Find out who sent it under this host's id.",
    "advice_fa": "ببینید چه کسی آن را با شناسهٔ این میزبان فرستاده است.",
    "request_id": None,
    "rrn": "000000004700",
    "holder": None,
    "purse": None,
    "expected": None,
    "found": 500,
}
_TOTAL_EXAMPLE: JsonDict = {"holder": "member", "purse": "points", "switch": 125000, "projection": 125000}


class ReconciliationState(StrEnum):
    """Where a reconciliation stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class DifferenceRead(BaseModel):
    """One difference, and what to do about it."""

    model_config = ConfigDict(json_schema_extra={"example": _DIFFERENCE_EXAMPLE})

    kind: str
    what: str
    what_fa: str
    advice: str
    advice_fa: str
    request_id: int | None = Field(default=None, description="The request in the bank of requests.")
    rrn: str | None = Field(default=None, description="The transaction in the journal.")
    holder: str | None = Field(default=None, description="member, household or gift_card, where sums differ.")
    purse: str | None = None
    expected: int | None = Field(
        default=None, description="What the bank of requests or the switch's ledger says."
    )
    found: int | None = Field(default=None, description="What the projection says.")


class TotalRead(BaseModel):
    """One sum on both sides, at the same position."""

    model_config = ConfigDict(json_schema_extra={"example": _TOTAL_EXAMPLE})

    holder: str
    purse: str
    switch: int
    projection: int


class ReconciliationRead(BaseModel):
    """A comparison of requests, projection and switch."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "state": "done",
                "is_balanced": False,
                "fault": None,
                "asked_by": "first key",
                "began_at": "2026-03-21T20:30:00Z",
                "finished_at": "2026-03-21T20:30:01.250000Z",
                "from_position": 1200,
                "position": 4711,
                "totals_position": 4712,
                "requests": 18,
                "transactions": 19,
                "settled": 0,
                "difference_count": 1,
                "differences": [_DIFFERENCE_EXAMPLE],
                "totals": [_TOTAL_EXAMPLE],
            }
        }
    )

    id: int
    state: ReconciliationState
    is_balanced: bool | None = Field(description="Whether all was compared and nothing differs.")
    fault: str | None = Field(description="What could not be compared, and why.")
    asked_by: str
    began_at: datetime
    finished_at: datetime | None
    from_position: int = Field(
        description="Transactions behind this position were compared: where the last balanced one ended."
    )
    position: int = Field(description="Position of the projection that was compared.")
    totals_position: int | None = Field(
        description="Position at which the sums were compared: the switch's own; null where they weren't."
    )
    requests: int = Field(description="Approved requests looked at.")
    transactions: int = Field(description="Transactions of this host looked at.")
    settled: int = Field(description="Doubtful requests of which the journal told what became of them.")
    difference_count: int
    differences: list[DifferenceRead] = Field(description="The first 500.")
    totals: list[TotalRead]
