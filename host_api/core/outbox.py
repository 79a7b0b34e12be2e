"""Transactional outbox: records on their way to the switch.

A row is written in the same transaction as the record it carries, and is the identity of its message: STAN
and field 7 are computed from the row, so a message sent again, by this process or the next, is the same
message, and the switch answers it with the stored reply. Field 7 is the time at which the row was first about
to be sent: of messages much older than a host's newest the switch can't tell any more whether it had them.

Rows are sent by id. On PostgreSQL ids are given out before commit, so two unrelated rows may commit in the
other order; rows that depend on each other can't, because the later one reads the earlier one's committed
record first.
"""

import base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import JSON, Index, Integer, String, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.bulk.row_numbers import number_to_seal
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.encryption.sealed_field import SealedBytes, SealedField
from host_api.core.host_link.identity import FILE_ACTIONS, transmission_time
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole
from host_api.core.waking import Worker, makes_work_for
from protocol.dialect import FileName, FileUpdateCode

# Parts a tag from the name of the field whose value is kept sealed, in base 64, until the record is sent.
SEALED_TAG: Final = "|"


class SubjectKind(StrEnum):
    """What a row's record is about."""

    MEMBER = "member"
    CARD = "card"
    CARD_CODE = "card_code"
    TERMINAL = "terminal"
    CLUB = "club"


class OutboxState(StrEnum):
    """Where a row stands."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


class SwitchState(StrEnum):
    """Whether the switch knows a record: not yet, yes, or it refused it."""

    PENDING = "pending"
    ACTIVE = "active"
    REFUSED = "refused"


class OutboxRow(InProgramme, Base):
    """One file action (0300) for the switch; `record` holds its tags, binary ones in hexadecimal.

    The number of a card is sealed, and forgotten once the switch has accepted the record.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state_id", "state", "id"),
        Index("ix_outbox_subject_kind_subject_id_id", "subject_kind", "subject_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    subject_kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[Whole]
    file_name: Mapped[str] = mapped_column(String(17))
    update_code: Mapped[str] = mapped_column(String(1))
    card_number_sealed: Mapped[SealedBytes | None]
    record: Mapped[dict[str, str]] = mapped_column(JSON)
    created_at: Mapped[Instant]
    sent_at: Mapped[Instant | None]
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int] = mapped_column(Integer)
    response_code: Mapped[str | None] = mapped_column(String(2))
    finished_at: Mapped[Instant | None]

    @property
    def stan(self) -> str:
        """Field 11."""
        return FILE_ACTIONS.of(self.id)

    @property
    def transmitted_at(self) -> str:
        """Field 7 of a row that has been stamped."""
        if self.sent_at is None:
            raise ValueError("the row has not been stamped")
        return transmission_time(self.sent_at)


CARD_NUMBER = SealedField("outbox.card_number", OutboxRow.card_number_sealed)

Record = dict[str, str]


def add_sealed(record: Record, tag: str, field: str, envelope: bytes) -> None:
    """Give `record` a value that is opened only as it is sent.

    Parameters:
        field: name of the sealed field.
        envelope: what was sealed for the row whose id is the record's subject.
    """
    record[f"{tag}{SEALED_TAG}{field}"] = base64.b64encode(envelope).decode()


def opened_record(row: OutboxRow, cipher: FieldCipher) -> Record:
    """A row's record, opened.

    Raises:
        SealFault: a value can't be opened.
    """
    opened: Record = {}
    for key, text in row.record.items():
        tag, _, sealed_field = key.partition(SEALED_TAG)
        if sealed_field:
            envelope = base64.b64decode(text)
            opened[tag] = cipher.open(row.programme_id, sealed_field, row.subject_id, envelope)
        else:
            opened[tag] = text
    return opened


@dataclass(frozen=True, slots=True)
class NumberedRecord:
    """A record in the file of cards, under the number that terminals will send.

    Parameters:
        subject_id: the card; of a phone's number, the member.
        number: field 2.
    """

    subject_id: int
    number: str = field(repr=False)
    record: Mapping[str, str]
    update_code: FileUpdateCode = FileUpdateCode.ADD_OR_REPLACE


@dataclass(frozen=True, slots=True)
class SwitchStanding:
    """What the API tells of a record's way to the switch."""

    state: SwitchState
    response_code: str | None


@dataclass(frozen=True, slots=True)
class OutboxDepth:
    """How much is on its way."""

    waiting: int
    refused: int
    oldest_waiting_at: datetime | None


PENDING = SwitchStanding(SwitchState.PENDING, None)
_STANDING = {
    OutboxState.WAITING: SwitchState.PENDING,
    OutboxState.DONE: SwitchState.ACTIVE,
    OutboxState.REFUSED: SwitchState.REFUSED,
}


def enqueue(
    session: WriteSession,
    *,
    subject_kind: SubjectKind,
    subject_id: int,
    file_name: FileName,
    record: Mapping[str, str],
    update_code: FileUpdateCode = FileUpdateCode.ADD_OR_REPLACE,
) -> None:
    """Put a record on its way to the switch; it leaves once the session's transaction is committed.

    Parameters:
        record: tags of field 120 and their text.
    """
    makes_work_for(session, Worker.OUTBOX)
    session.add(_row(subject_kind, subject_id, file_name, record, update_code))


async def enqueue_numbered(
    session: WriteSession, cipher: FieldCipher, subject_kind: SubjectKind, records: Sequence[NumberedRecord]
) -> None:
    """Put records of the file of cards on their way, in this order; their numbers are sealed at once.

    Raises:
        SealFault: key, for a programme without keys.
    """
    makes_work_for(session, Worker.OUTBOX)
    rows = [_row(subject_kind, one.subject_id, FileName.CARD, one.record, one.update_code) for one in records]
    if not rows:
        return
    await number_to_seal(session, rows)
    for row, one in zip(rows, records, strict=True):
        CARD_NUMBER.seal(cipher, row, one.number)
    await session.flush()


async def standings(
    session: AnySession, subject_kind: SubjectKind, subject_ids: Iterable[int]
) -> dict[int, SwitchStanding]:
    """The standing of each subject by its latest row; subjects without a row are left out."""
    latest = (
        select(func.max(OutboxRow.id))
        .where(OutboxRow.subject_kind == subject_kind.value, OutboxRow.subject_id.in_(list(subject_ids)))
        .group_by(OutboxRow.subject_id)
    )
    rows = await session.execute(
        select(OutboxRow.subject_id, OutboxRow.state, OutboxRow.response_code).where(OutboxRow.id.in_(latest))
    )
    return {
        subject_id: SwitchStanding(_STANDING[OutboxState(state)], response_code)
        for subject_id, state, response_code in rows
    }


async def standing(session: AnySession, subject_kind: SubjectKind, subject_id: int) -> SwitchStanding:
    """The standing of one subject."""
    return (await standings(session, subject_kind, [subject_id])).get(subject_id, PENDING)


async def next_waiting(session: AnySession, limit: int) -> list[OutboxRow]:
    """The oldest rows not yet answered, in the order they are to be sent."""
    rows = await session.scalars(
        select(OutboxRow)
        .where(OutboxRow.state == OutboxState.WAITING.value)
        .order_by(OutboxRow.id)
        .limit(limit)
    )
    return list(rows)


async def stamp(session: WriteSession, row_ids: Iterable[int]) -> None:
    """Give rows that are about to be sent for the first time their transmission time."""
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(list(row_ids)), OutboxRow.sent_at.is_(None))
        .values(sent_at=utc_now())
        .execution_options(synchronize_session=False)
    )


async def forget_stamps(session: WriteSession, row_ids: Collection[int]) -> None:
    """Have waiting rows sent as new messages: the switch can't tell whether it had the old ones.

    Only for records, which are the same however often they are set.
    """
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(row_ids), OutboxRow.state == OutboxState.WAITING.value)
        .values(sent_at=None)
        .execution_options(synchronize_session=False)
    )


async def first_waiting_id(session: AnySession) -> int | None:
    """The oldest row not yet answered."""
    return await session.scalar(
        select(func.min(OutboxRow.id)).where(OutboxRow.state == OutboxState.WAITING.value)
    )


async def last_id(session: AnySession) -> int:
    """The newest row, 0 without any."""
    return await session.scalar(select(func.max(OutboxRow.id))) or 0


async def count_attempts(session: WriteSession, row_ids: Collection[int]) -> None:
    """Note that rows' messages were sent without a final answer."""
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(row_ids))
        .values(attempts=OutboxRow.attempts + 1)
        .execution_options(synchronize_session=False)
    )


async def finish(
    session: WriteSession, row_ids: Collection[int], state: OutboxState, response_code: str
) -> None:
    """Close waiting rows with the switch's answer; a row already closed keeps its answer."""
    values: dict[str, object] = {
        "state": state.value,
        "response_code": response_code,
        "attempts": OutboxRow.attempts + 1,
        "finished_at": utc_now(),
    }
    if state is OutboxState.DONE:
        values["card_number_sealed"] = None
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(row_ids), OutboxRow.state == OutboxState.WAITING.value)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


async def depth(session: AnySession) -> OutboxDepth:
    """Counts for the status page."""
    counts = {
        state: (count, oldest)
        for state, count, oldest in await session.execute(
            select(OutboxRow.state, func.count(), func.min(OutboxRow.created_at))
            .where(OutboxRow.state.in_([OutboxState.WAITING.value, OutboxState.REFUSED.value]))
            .group_by(OutboxRow.state)
        )
    }
    waiting, oldest_waiting_at = counts.get(OutboxState.WAITING.value, (0, None))
    refused, _ = counts.get(OutboxState.REFUSED.value, (0, None))
    return OutboxDepth(waiting, refused, oldest_waiting_at)


def _row(
    subject_kind: SubjectKind,
    subject_id: int,
    file_name: FileName,
    record: Mapping[str, str],
    update_code: FileUpdateCode,
) -> OutboxRow:
    return OutboxRow(
        subject_kind=subject_kind.value,
        subject_id=subject_id,
        file_name=file_name.value,
        update_code=update_code.value,
        record=dict(record),
        created_at=utc_now(),
        sent_at=None,
        state=OutboxState.WAITING.value,
        attempts=0,
        response_code=None,
        finished_at=None,
    )
