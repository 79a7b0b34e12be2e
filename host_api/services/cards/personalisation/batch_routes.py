"""Endpoints of batches for the card bureau."""

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from host_api.core.audit import audit_as, request_id_of
from host_api.core.errors import problem_responses
from host_api.core.files.download import stream_file
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.cards import access
from host_api.services.cards.personalisation import batches
from host_api.services.cards.personalisation.listing import BatchQuery
from host_api.services.cards.personalisation.problems import (
    BatchCountsDiffer,
    BatchNotFound,
    BatchNotInState,
    DesignNotFound,
    NothingToMake,
)
from host_api.services.cards.personalisation.schemas import BatchConfirmation, BatchCreate, BatchRead
from host_api.services.files.routes import CONTENT

router = APIRouter(prefix="/card-batches", tags=["card personalisation"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ_PERSONALISATION)]
Writing = Annotated[WriteWork, writes(access.WRITE_PERSONALISATION)]
TakingOut = Annotated[ReadWork, reads(access.TAKE_OUT)]
Confirming = Annotated[WriteWork, writes(access.TAKE_OUT)]


@router.post(
    "",
    status_code=202,
    summary="Make a batch",
    responses=problem_responses(DesignNotFound, NothingToMake),
)
async def create_batch(work: Writing, wanted: BatchCreate) -> BatchRead:
    """Have the file written from which the cards of an order, or those named, are made."""
    return await batches.create(work.session, work.caller, wanted)


@router.get("", summary="List batches")
async def list_batches(work: Reading, query: Annotated[BatchQuery, Query()]) -> Page[BatchRead]:
    """Batches, the latest first."""
    return await batches.read_page(work.session, query)


@router.get("/{batch_id}", summary="Read a batch", responses=problem_responses(BatchNotFound))
async def read_batch(work: Reading, batch_id: IdInPath) -> BatchRead:
    """One batch, who took its file out, and what came of it."""
    return await batches.read(work.session, batch_id)


@router.post(
    "/{batch_id}/download",
    summary="Take a batch's file out",
    response_class=StreamingResponse,
    responses={**problem_responses(BatchNotFound, BatchNotInState), **CONTENT},
)
async def take_file_out(request: Request, work: TakingOut, batch_id: IdInPath) -> StreamingResponse:
    """The file with the whole card numbers, once; form and fields stand in docs/card-file.md."""
    runtime = runtime_of(request)
    # A transaction of its own, without an idempotency key, under which the answer would be kept, whole.
    async with runtime.database.writing(work.caller.programme_id) as session:
        audit_as(session, work.caller, request_id_of(request))
        file = await batches.take_out(session, work.caller, batch_id)
    return await stream_file(runtime.contents, file)


@router.post(
    "/{batch_id}/file",
    status_code=202,
    summary="Have a batch's file written again",
    responses=problem_responses(BatchNotFound, BatchNotInState),
)
async def make_file_again(work: Confirming, batch_id: IdInPath) -> BatchRead:
    """Where a file was lost on its way or has expired; the log tells who asked."""
    return await batches.make_again(work.session, work.caller, batch_id)


@router.post(
    "/{batch_id}/confirmation",
    summary="Confirm a batch",
    responses=problem_responses(BatchNotFound, BatchNotInState, BatchCountsDiffer),
)
async def confirm_batch(
    request: Request, work: Confirming, batch_id: IdInPath, wanted: BatchConfirmation
) -> BatchRead:
    """The cards were made and checked: good and rejected ones are counted, and the file is destroyed."""
    batch, sha256 = await batches.confirm(work.session, work.caller, batch_id, wanted)
    if sha256 is not None:
        # Before the commit: should that fail, the file can be written again, and none is left behind.
        contents, by = runtime_of(request).contents, time.time() + 1
        await asyncio.to_thread(contents.remove, work.caller.programme_id, [sha256], by)
    return batch


@router.post(
    "/{batch_id}/reprint",
    status_code=202,
    summary="Reprint rejected cards",
    responses=problem_responses(BatchNotFound, BatchNotInState, DesignNotFound, NothingToMake),
)
async def reprint_batch(work: Writing, batch_id: IdInPath) -> BatchRead:
    """Make a batch of a confirmed batch's rejected cards; they keep their numbers."""
    return await batches.reprint(work.session, work.caller, batch_id)
