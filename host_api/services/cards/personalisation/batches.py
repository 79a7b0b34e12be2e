"""Batches: which cards are made in one go, who took the file out, and what came of it."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.bulk.row_numbers import number_new_rows
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.files.file_table import StoredFile, find_file
from host_api.core.jobs import run_store
from host_api.core.listing import Page, read_rows
from host_api.services.cards.models import Card
from host_api.services.cards.personalisation.listing import BatchQuery
from host_api.services.cards.personalisation.models import CardBatch, CardBatchLine, CardDesign
from host_api.services.cards.personalisation.problems import (
    BatchCountsDiffer,
    BatchNotFound,
    BatchNotInState,
    DesignNotFound,
    NothingToMake,
)
from host_api.services.cards.personalisation.schemas import (
    LARGEST_BATCH,
    BatchConfirmation,
    BatchCreate,
    BatchRead,
    BatchState,
    DesignStatus,
    FileFormat,
)
from host_api.services.cards.states import CardStatus

MAKE_JOB: Final = "make-card-file"

_MADE: Final = (CardStatus.ORDERED.value, CardStatus.NEW.value, CardStatus.ACTIVE.value)


async def create(session: WriteSession, caller: Caller, wanted: BatchCreate) -> BatchRead:
    """Make a batch of an order's cards, or of those named; a job writes its file.

    Raises:
        DesignNotFound, NothingToMake
    """
    which = Card.order_id == wanted.order_id if wanted.order_id else Card.id.in_(set(wanted.card_ids))
    ids = list(
        await session.scalars(
            select(Card.id).where(which, Card.status.in_(_MADE)).order_by(Card.id).limit(LARGEST_BATCH + 1)
        )
    )
    if wanted.card_ids and len(ids) < len(set(wanted.card_ids)):
        raise NothingToMake
    return await _make(session, caller, wanted.design_id, ids, wanted.file_format, order_id=wanted.order_id)


async def reprint(session: WriteSession, caller: Caller, batch_id: int) -> BatchRead:
    """Make a batch of a confirmed batch's rejected cards, with the numbers that they have.

    Raises:
        BatchNotFound, BatchNotInState, DesignNotFound, NothingToMake
    """
    batch = await _lock(session, batch_id)
    done_before = await session.scalar(select(CardBatch.id).where(CardBatch.reprints_id == batch_id).limit(1))
    if batch.state != BatchState.CONFIRMED or done_before is not None:
        raise BatchNotInState
    ids = list(
        await session.scalars(
            select(CardBatchLine.card_id)
            .join(Card, Card.id == CardBatchLine.card_id)
            .where(
                CardBatchLine.batch_id == batch_id,
                CardBatchLine.fault.is_not(None),
                Card.status.in_(_MADE),
            )
            .order_by(CardBatchLine.sequence)
        )
    )
    file_format = FileFormat(batch.file_format)
    return await _make(session, caller, batch.design_id, ids, file_format, reprints_id=batch_id)


async def make_again(session: WriteSession, caller: Caller, batch_id: int) -> BatchRead:
    """Write a batch's file once more: it was lost on its way, or has expired.

    Raises:
        BatchNotFound, BatchNotInState
    """
    batch = await _lock(session, batch_id)
    if batch.state not in (BatchState.READY, BatchState.TAKEN):
        raise BatchNotInState
    await _drop_file(session, batch)
    batch.state = BatchState.MAKING.value
    batch.taken_at = batch.taken_by = None
    await _start(session, batch, caller)
    return BatchRead.model_validate(batch)


async def take_out(session: WriteSession, caller: Caller, batch_id: int) -> StoredFile:
    """The file of a batch, for this once.

    Raises:
        BatchNotFound, BatchNotInState
    """
    batch = await _lock(session, batch_id)
    now = utc_now()
    file = None if batch.file_id is None else await find_file(session, batch.file_id, now=now)
    if batch.state != BatchState.READY or file is None:
        raise BatchNotInState
    batch.state, batch.taken_at, batch.taken_by = BatchState.TAKEN.value, now, caller.name
    await session.flush()
    return file


async def confirm(
    session: WriteSession, caller: Caller, batch_id: int, wanted: BatchConfirmation
) -> tuple[BatchRead, bytes | None]:
    """Keep what came of a batch and drop its file. The batch, and the SHA-256 of the content to be destroyed.

    Raises:
        BatchNotFound, BatchNotInState, BatchCountsDiffer
    """
    batch = await _lock(session, batch_id)
    if batch.state != BatchState.TAKEN:
        raise BatchNotInState
    faults = {entry.sequence: entry.fault for entry in wanted.rejected}
    if len(faults) < len(wanted.rejected) or wanted.good + len(faults) != batch.cards:
        raise BatchCountsDiffer
    lines = await session.scalars(
        select(CardBatchLine).where(
            CardBatchLine.batch_id == batch_id, CardBatchLine.sequence.in_(list(faults))
        )
    )
    found = list(lines)
    if len(found) < len(faults):
        raise BatchCountsDiffer
    for line in found:
        line.fault = faults[line.sequence].value
    sha256 = await _drop_file(session, batch)
    batch.rejected = len(faults)
    batch.state = BatchState.CONFIRMED.value
    batch.confirmed_at, batch.confirmed_by = utc_now(), caller.name
    await session.flush()
    return BatchRead.model_validate(batch), sha256


async def read(session: AnySession, batch_id: int) -> BatchRead:
    """One batch.

    Raises:
        BatchNotFound
    """
    batch = await session.get(CardBatch, batch_id)
    if batch is None:
        raise BatchNotFound
    return BatchRead.model_validate(batch)


async def read_page(session: ReadSession, query: BatchQuery) -> Page[BatchRead]:
    """A page of batches."""
    rows, next_cursor = await read_rows(session, select(CardBatch), query)
    return Page(items=[BatchRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def _make(
    session: WriteSession,
    caller: Caller,
    design_id: int,
    card_ids: Sequence[int],
    file_format: FileFormat,
    *,
    order_id: int | None = None,
    reprints_id: int | None = None,
) -> BatchRead:
    design = await session.get(CardDesign, design_id)
    if design is None or design.status != DesignStatus.ACTIVE:
        raise DesignNotFound
    if not 1 <= len(card_ids) <= LARGEST_BATCH:
        raise NothingToMake
    batch = CardBatch(
        design_id=design_id,
        order_id=order_id,
        reprints_id=reprints_id,
        file_format=file_format.value,
        state=BatchState.MAKING.value,
        cards=len(card_ids),
        rejected=0,
        created_at=utc_now(),
    )
    session.add(batch)
    await session.flush()
    session.add_all(
        CardBatchLine(batch_id=batch.id, sequence=sequence, card_id=card_id, fault=None)
        for sequence, card_id in enumerate(card_ids, 1)
    )
    await number_new_rows(session)
    await _start(session, batch, caller)
    return BatchRead.model_validate(batch)


async def _start(session: WriteSession, batch: CardBatch, caller: Caller) -> None:
    run = run_store.enqueue(session, MAKE_JOB, {"batch_id": batch.id}, caller, now=utc_now())
    await session.flush()
    batch.job_run_id = run.id
    await session.flush()


async def _drop_file(session: WriteSession, batch: CardBatch) -> bytes | None:
    file = None if batch.file_id is None else await session.get(StoredFile, batch.file_id)
    if file is not None:
        await session.delete(file)
    sha256 = batch.file_sha256
    batch.file_id = batch.file_sha256 = None
    return sha256


async def _lock(session: WriteSession, batch_id: int) -> CardBatch:
    batch = await session.get(CardBatch, batch_id, with_for_update=True)
    if batch is None:
        raise BatchNotFound
    return batch
