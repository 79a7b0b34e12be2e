"""Endpoints of terminals' parameters."""

from typing import Annotated

from fastapi import APIRouter, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.merchants.logic import BranchNotFound, MerchantNotFound
from host_api.services.terminals import access, parameters
from host_api.services.terminals.logic import TerminalNotFound, TerminalRetired
from host_api.services.terminals.parameter_schemas import (
    DocumentIssue,
    EffectiveParametersRead,
    Level,
    ParameterDocumentRead,
    ParametersRead,
    TerminalSettings,
)
from host_api.services.terminals.schemas import TerminalIdInPath

router = APIRouter(tags=["terminals"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]

_HOLDER_PROBLEMS = (MerchantNotFound, BranchNotFound, TerminalNotFound)


@router.get(
    "/terminal-parameters/{level}/{holder_id}",
    summary="Read the parameters of a merchant, branch or terminal",
    responses=problem_responses(*_HOLDER_PROBLEMS),
)
async def read_parameters(
    work: Reading, response: Response, level: Level, holder_id: IdInPath
) -> ParametersRead:
    """What it gives its terminals itself, with the `ETag` of a change; `"0"` where it gives nothing."""
    row, shown = await parameters.read_parameters(work.session, level, holder_id)
    response.headers["ETag"] = parameters.NOTHING_YET if row is None else etag(row)
    return shown


@router.patch(
    "/terminal-parameters/{level}/{holder_id}",
    summary="Change the parameters of a merchant, branch or terminal",
    responses=problem_responses(*_HOLDER_PROBLEMS, ChangedMeanwhile),
)
async def change_parameters(
    work: Writing,
    response: Response,
    level: Level,
    holder_id: IdInPath,
    *,
    if_match: IfMatch,
    wanted: TerminalSettings,
) -> ParametersRead:
    """Set parameters; null takes one back. Nothing reaches a terminal before a document is issued and signed.

    `holder_id` is the id of the merchant or branch, or the terminal's `id` (not its terminal id).
    """
    row, shown = await parameters.change_parameters(work.session, level, holder_id, if_match, wanted)
    response.headers["ETag"] = etag(row)
    return shown


@router.get(
    "/terminals/{terminal_id}/effective-parameters",
    summary="Read what a terminal's parameters come to",
    responses=problem_responses(TerminalNotFound),
)
async def read_effective_parameters(work: Reading, terminal_id: TerminalIdInPath) -> EffectiveParametersRead:
    """The settings of merchant, branch and terminal together: the nearest to the terminal counts."""
    return await parameters.read_effective(work.session, terminal_id)


@router.post(
    "/terminals/{terminal_id}/parameter-documents",
    status_code=201,
    summary="Issue a terminal's parameter document",
    responses=problem_responses(
        TerminalNotFound, TerminalRetired, parameters.ParametersTooLarge, parameters.SequencesUsedUp
    ),
)
async def issue_document(
    work: Writing, terminal_id: TerminalIdInPath, wanted: DocumentIssue
) -> ParameterDocumentRead:
    """What is to be signed with `vafa firmware parameters`, under the terminal's next sequence.

    A terminal keeps the last document only, so each has all settings. Operators are not in this one; see the
    operators' own document.
    """
    return await parameters.issue_document(work.session, terminal_id, above=wanted.above)
