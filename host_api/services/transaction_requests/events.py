"""What the transaction_requests service tells of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.transaction_requests.schemas import RequestKind, RequestState

_Rrn = Annotated[str, Field(pattern=r"^[0-9]{12}$")]


class TransactionRequestFinished(BaseModel):
    """A void or return that the back office asked for is over."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "request_id": 5,
                "kind": "return",
                "state": "done",
                "original_rrn": "000000000017",
                "rrn": "000000000042",
                "amount": 500000,
                "refund_amount": 500000,
                "response_code": "00",
            }
        }
    )

    request_id: int
    kind: RequestKind
    state: RequestState
    original_rrn: _Rrn
    rrn: _Rrn | None
    amount: int
    refund_amount: int | None
    response_code: Annotated[str, Field(pattern=r"^[0-9A-Z]{2}$")] | None


TRANSACTION_REQUEST_FINISHED = EventType(
    "transaction_request.finished",
    TransactionRequestFinished,
    "A void or return is over",
    "ابطال یا برگشتی پایان یافت",
)
