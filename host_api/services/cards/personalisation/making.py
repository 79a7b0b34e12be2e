"""The job that writes a batch's file. Whole card numbers go from their seal into a sealed content."""

import asyncio
from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from host_api.core.database import WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.files.content_store import Draft
from host_api.core.files.file_table import LARGEST_FILE_BYTES, NOBODY, add_file
from host_api.core.jobs.declaration import Job, JobFailed
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.tehran_time import tehran_date
from host_api.services.cards.digital import logic as digital
from host_api.services.cards.models import NUMBER, Card
from host_api.services.cards.personalisation.batches import MAKE_JOB
from host_api.services.cards.personalisation.card_file import (
    CardToMake,
    CsvFile,
    FixedFile,
    StripeAndChip,
    row_of,
)
from host_api.services.cards.personalisation.models import CardBatch, CardBatchLine, CardDesign
from host_api.services.cards.personalisation.schemas import BatchState, FileFormat
from host_api.services.cards.products.schemas import StaticCode
from host_api.services.cards.schemas import Key
from host_api.services.members import logic as members

_BATCH: Final = 500
_MEDIA_TYPES: Final = {FileFormat.CSV: "text/csv", FileFormat.FIXED: "text/plain"}
_ENDINGS: Final = {FileFormat.CSV: "csv", FileFormat.FIXED: "txt"}


async def _make(running: RunningJob) -> JsonObject:
    batch_id = int(str(running.arguments["batch_id"]))
    async with running.reading() as session:
        batch = await session.get(CardBatch, batch_id)
        design = None if batch is None else await session.get(CardDesign, batch.design_id)
    if batch is None or design is None or batch.state != BatchState.MAKING:
        raise JobFailed("batch-gone")
    file = _file_of(batch, running)
    with running.contents.draft(running.programme_id, LARGEST_FILE_BYTES) as draft:
        await asyncio.to_thread(draft.write, file.head())
        for first in range(1, batch.cards + 1, _BATCH):
            async with running.step() as session:
                cards = await _cards(session, running.cipher, batch, design, first)
                running.done, running.total = first - 1 + len(cards), batch.cards
            rows = [file.line(row_of(card, _stripe_and_chip(design))) for card in cards]
            await asyncio.to_thread(draft.write, b"".join(rows))
        await asyncio.to_thread(draft.write, file.tail())
        await _keep(running, draft, batch)
    return {"cards": batch.cards}


async def _keep(running: RunningJob, draft: Draft, batch: CardBatch) -> None:
    file_format = FileFormat(batch.file_format)
    async with running.step() as session:
        fresh = await session.get(CardBatch, batch.id, with_for_update=True)
        if fresh is None or fresh.state != BatchState.MAKING:
            raise JobFailed("batch-gone")
        await asyncio.to_thread(draft.keep)
        stored = await add_file(
            session,
            name=f"cards-{batch.id}.{_ENDINGS[file_format]}",
            media_type=_MEDIA_TYPES[file_format],
            size=draft.size,
            sha256=draft.sha256,
            caller=running.caller,
            now=running.now(),
            audience=NOBODY,
        )
        fresh.file_id, fresh.file_sha256 = stored.id, draft.sha256
        fresh.state = BatchState.READY.value


def _file_of(batch: CardBatch, running: RunningJob) -> CsvFile | FixedFile:
    if batch.file_format == FileFormat.CSV:
        return CsvFile()
    return FixedFile(batch.id, batch.cards, tehran_date(running.now()))


def _stripe_and_chip(design: CardDesign) -> StripeAndChip:
    return StripeAndChip(tuple(design.tracks), design.service_code, design.chip_zone, design.chip_generation)


async def _cards(
    session: WriteSession, cipher: FieldCipher, batch: CardBatch, design: CardDesign, first: int
) -> Sequence[CardToMake]:
    lines = await session.execute(
        select(CardBatchLine.sequence, Card)
        .join(Card, Card.id == CardBatchLine.card_id)
        .options(joinedload(Card.product))
        .where(
            CardBatchLine.batch_id == batch.id,
            CardBatchLine.sequence >= first,
            CardBatchLine.sequence < first + _BATCH,
        )
        .order_by(CardBatchLine.sequence)
    )
    made = []
    for sequence, card in lines.all():
        number = NUMBER.open(cipher, card)
        if number is None:
            raise JobFailed("card-without-number")
        kind, barcode = card.product.static_code, ""
        if kind == StaticCode.EAN_13:
            await digital.ensure_ean(session, cipher, card)
        if kind != StaticCode.NONE:
            _, barcode = await digital.static_payload(session, cipher, card.id)
        made.append(
            CardToMake(
                sequence=sequence,
                number=number,
                expires_on=card.expires_on,
                member_number=card.member_id or 0,
                member_name=await _name_of(session, card.member_id),
                card_name=design.card_name,
                barcode_symbology=kind,
                barcode=barcode,
            )
        )
    return made


async def _name_of(session: WriteSession, member_id: int | None) -> str:
    if member_id is None:
        return ""
    try:
        return (await members.read(session, member_id)).name
    except members.MemberNotFound:  # made by a terminal, and not known here yet
        return ""


class BatchArguments(BaseModel):
    """Which batch; a run that failed for good is started again by hand."""

    model_config = ConfigDict(extra="forbid")

    batch_id: Key


MAKE_BATCH_FILE: Final = Job(
    MAKE_JOB,
    "Write a file for the card bureau",
    "نوشتن فایل ساخت کارت",
    _make,
    is_on_demand=True,
    arguments=BatchArguments,
)
