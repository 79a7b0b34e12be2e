"""The table of requests, and a request's messages: the same ones whoever builds them, however often."""

from datetime import datetime

from sqlalchemy import JSON, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedBytes, SealedField
from host_api.core.host_link.identity import REQUESTS, REVERSALS, transmission_time
from host_api.core.ledger.states import RequestState
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole
from protocol.message import Message, Value
from protocol.message_type import repeat_of
from protocol.original_data import OriginalData

_REVERSAL = "0400"
_IN_A_REVERSAL = ("3", "4", "12", "13", "42", "49")


class LedgerRequest(InProgramme, Base):
    """One movement that a service asked for.

    `fields` and `tags` are those of its message, fixed when it was asked; `sent_at` and `reversal_at` are
    field 7 of the request and of its reversal, fixed before each is first sent. `next_attempt_at` is when
    somebody may send it next; a row in flight is left alone until then. `after_outbox_id`: the records up to
    this one must have reached the switch first.
    """

    __tablename__ = "ledger_requests"
    __table_args__ = (
        UniqueConstraint("programme_id", "service", "reference"),
        Index("ix_ledger_requests_programme_id_next_attempt_at_id", "programme_id", "next_attempt_at", "id"),
        Index("ix_ledger_requests_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_ledger_requests_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_ledger_requests_programme_id_finished_at_id", "programme_id", "finished_at", "id"),
        Index("ix_ledger_requests_programme_id_rrn", "programme_id", "rrn"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    service: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    member_id: Mapped[Whole | None]
    other_member_id: Mapped[Whole | None]
    card_number_sealed: Mapped[SealedBytes | None]
    purse: Mapped[int] = mapped_column(Integer)
    amount: Mapped[Whole]
    reason: Mapped[str] = mapped_column(String(200))
    asked_by: Mapped[str] = mapped_column(String(72))
    asked_by_name: Mapped[str] = mapped_column(String(100))
    mti: Mapped[str] = mapped_column(String(4))
    fields: Mapped[dict[str, str]] = mapped_column(JSON)
    tags: Mapped[dict[str, str]] = mapped_column(JSON)
    after_outbox_id: Mapped[Whole]
    created_at: Mapped[Instant]
    deadline_at: Mapped[Instant | None]
    state: Mapped[str] = mapped_column(String(9))
    next_attempt_at: Mapped[Instant | None]
    sent_at: Mapped[Instant | None]
    attempts: Mapped[int] = mapped_column(Integer)
    reversal_at: Mapped[Instant | None]
    reversal_attempts: Mapped[int] = mapped_column(Integer)
    response_code: Mapped[str | None] = mapped_column(String(2))
    reversal_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    balances: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    told: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    finished_at: Mapped[Instant | None]

    @property
    def stan(self) -> str:
        """Field 11."""
        return REQUESTS.of(self.id)

    @property
    def reversal_stan(self) -> str:
        """Field 11 of the reversal."""
        return REVERSALS.of(self.id)

    @property
    def sendings(self) -> int:
        """How often the message that its state asks for was taken up to be sent."""
        return self.reversal_attempts if self.state == RequestState.REVERSING else self.attempts


CARD_NUMBER = SealedField("ledger_requests.card_number", LedgerRequest.card_number_sealed)


def message_of(row: LedgerRequest, host_id: str, card_number: str | None = None) -> Message:
    """What is to be sent in the row's state: the request or its reversal, marked as a repeat but at first.

    Parameters:
        card_number: the number that the row has sealed.
    """
    if row.state == RequestState.REVERSING:
        mti, fields = _REVERSAL, _reversal_fields(row)
    else:
        mti, fields = row.mti, _request_fields(row, card_number)
    return Message(mti if row.sendings <= 1 else repeat_of(mti), {41: host_id, **fields})


def _request_fields(row: LedgerRequest, card_number: str | None) -> dict[int, Value]:
    fields: dict[int, Value] = {int(number): value for number, value in row.fields.items()}
    fields |= {7: _field_7(row.sent_at), 11: row.stan}
    if row.tags:
        fields[48] = dict(row.tags)
    if card_number is not None:
        fields[2] = card_number
    return fields


def _reversal_fields(row: LedgerRequest) -> dict[int, Value]:
    fields: dict[int, Value] = {int(number): row.fields[number] for number in _IN_A_REVERSAL}
    original = OriginalData(row.mti, row.stan, _field_7(row.sent_at))
    return fields | {7: _field_7(row.reversal_at), 11: row.reversal_stan, 90: original.pack()}


def _field_7(at: datetime | None) -> str:
    if at is None:
        raise ValueError("a message has no transmission time before it is about to be sent")
    return transmission_time(at)
