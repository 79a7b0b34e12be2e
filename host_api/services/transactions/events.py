"""What the transactions service tells of, as the journal feed arrives."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.clock import from_epoch_ms
from host_api.core.database import WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.events.event_type import EventType
from host_api.core.events.feed_mark import advance_mark
from host_api.services.transactions.operation import Operation, operation_of
from protocol.dialect import ResponseCode
from protocol.feed import Event, TransactionEvent

# Letters of kind ans, which fields 37, 39, 41, 42 and 49 may have.
_Text = Annotated[str, Field(pattern=r"^[\x20-\x7e]{0,15}$")]


class TransactionRecorded(BaseModel):
    """The switch has decided a financial request, with yes or no; the rest is read by the RRN."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "rrn": "000000000017",
                "position": 17,
                "decided_at": "2026-03-21T06:31:12.345000Z",
                "operation": "purchase",
                "approved": True,
                "response_code": "00",
                "amount": 2500000,
                "net_amount": 2500000,
                "currency": "364",
                "member_id": 12,
                "card_id": 112,
                "terminal_id": "TERM0001",
                "merchant_id": "SHOP01",
                "branch_number": 1,
                "reverses_rrn": None,
                "concerns_rrn": None,
            }
        }
    )

    rrn: _Text
    position: int = Field(description="Position in the switch's journal.")
    decided_at: datetime
    operation: Operation
    approved: bool
    response_code: _Text
    amount: int = Field(description="Minor units.")
    net_amount: int = Field(description="Left to pay with money, minor units.")
    currency: _Text = Field(description="ISO 4217, numeric.")
    member_id: int | None
    card_id: int | None
    terminal_id: _Text
    merchant_id: _Text
    branch_number: int
    reverses_rrn: _Text | None
    concerns_rrn: _Text | None


TRANSACTION_RECORDED = EventType(
    "transaction.recorded", TransactionRecorded, "A transaction was recorded", "تراکنشی ثبت شد"
)


class TransactionTeller:
    """The projection's part that emits an event for each transaction, in the projection's own transaction.

    The mark says how far the feed was told. Emptying the tables leaves it, so a rebuild tells only what comes
    after it.
    """

    async def apply(self, session: WriteSession, events: Sequence[Event]) -> None:
        """Emit an event for each transaction among `events` that lies after the mark."""
        if not events:
            return
        told = await advance_mark(session, events[-1].position)
        for event in events:
            if isinstance(event, TransactionEvent) and event.position > told:
                emit(session, TRANSACTION_RECORDED, Subject("transaction", event.rrn), _payload(event))
        await session.flush()

    async def clear(self, session: WriteSession) -> None:
        """Nothing: what was told stays told."""


def _payload(event: TransactionEvent) -> TransactionRecorded:
    # The feed has been checked by its own schema; nothing in it may stop the projection here.
    return TransactionRecorded.model_construct(
        rrn=event.rrn,
        position=event.position,
        decided_at=from_epoch_ms(event.at_ms),
        operation=operation_of(event.mti, event.processing_code),
        approved=event.response_code == ResponseCode.APPROVED,
        response_code=event.response_code,
        amount=event.amount,
        net_amount=event.net_amount,
        currency=event.currency,
        member_id=event.member_number,
        card_id=event.card_reference,
        terminal_id=event.terminal_id,
        merchant_id=event.merchant_id,
        branch_number=event.branch_number,
        reverses_rrn=event.reverses,
        concerns_rrn=event.concerns,
    )
