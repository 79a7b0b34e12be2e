"""Endpoints of the draft."""

import asyncio
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from host_api.core.errors import NotPermitted, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.rules import access
from host_api.services.rules.draft import logic
from host_api.services.rules.draft.document import read_document, taken_apart
from host_api.services.rules.draft.document_file import document_text
from host_api.services.rules.draft.json_content import written
from host_api.services.rules.draft.listing import DraftRuleQuery
from host_api.services.rules.draft.problems import (
    DocumentFileGone,
    DocumentUnreadable,
    RuleIdTaken,
    RuleIdWrong,
    RuleNotFound,
    TooManyRules,
)
from host_api.services.rules.draft.schemas import (
    DraftHeadUpdate,
    DraftRead,
    DraftReplace,
    DraftRuleCopy,
    DraftRuleCreate,
    DraftRuleRead,
    DraftRuleUpdate,
    RuleOrder,
)
from host_api.services.rules.draft.toml_writing import as_toml
from host_api.services.rules.versions import logic as versions

router = APIRouter(prefix="/rules/draft", tags=["rules"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


class DocumentFormat(StrEnum):
    """How a document is written."""

    TOML = "toml"
    JSON = "json"


# A file to be kept, not an answer to be read.
_MEDIA_TYPES = {DocumentFormat.TOML: "application/toml", DocumentFormat.JSON: "application/octet-stream"}


@router.get("", summary="Read the draft")
async def read_draft(work: Reading, response: Response) -> DraftRead:
    """What all rules of the draft share, and what is wrong with that part."""
    found, version = await logic.read_draft(work.session)
    response.headers["ETag"] = f'"{version}"'
    return found


@router.patch(
    "", summary="Change the part that all rules share", responses=problem_responses(ChangedMeanwhile)
)
async def change_draft(
    work: Writing, response: Response, if_match: IfMatch, wanted: DraftHeadUpdate
) -> DraftRead:
    """Change sections: purses, tiers, groups, budgets, limits and so on. Faults are told, and kept."""
    found, version = await logic.update_head(work.session, wanted.head, if_match)
    response.headers["ETag"] = f'"{version}"'
    return found


@router.post(
    "/import",
    status_code=201,
    summary="Replace the whole draft",
    responses=problem_responses(
        DocumentUnreadable, DocumentFileGone, NotPermitted, TooManyRules, versions.VersionNotFound
    ),
)
async def import_draft(
    request: Request, work: Writing, response: Response, wanted: DraftReplace
) -> DraftRead:
    """Take a rule document, TOML or JSON, a frozen version, or the default rules in the draft's place. Rules
    may be at fault, but each has an id."""
    session = work.session
    if wanted.default:
        source, document = "default", logic.default_document()
    elif wanted.version_id is not None:
        source = f"version {wanted.version_id}"
        document = taken_apart(await versions.document_of(session, wanted.version_id))
    else:
        source, text = "text", wanted.text or ""
        if wanted.file_id is not None:
            source = f"file {wanted.file_id}"
            contents = runtime_of(request).contents
            text = await document_text(session, contents, work.caller, wanted.file_id)
        document = await asyncio.to_thread(lambda: taken_apart(read_document(text)))
    found, version = await logic.replace(session, document, source)
    response.headers["ETag"] = f'"{version}"'
    return found


@router.get(
    "/document",
    summary="Export the draft",
    response_class=Response,
    responses={
        200: {
            "description": "The rule document, as `vafa rules` reads it",
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}} for kind in _MEDIA_TYPES.values()
            },
        }
    },
)
async def export_draft(
    work: Reading, form: Annotated[DocumentFormat, Query(alias="format")] = DocumentFormat.TOML
) -> Response:
    """The whole draft as one file."""
    document = await logic.document_of(work.session)
    text = as_toml(document) if form is DocumentFormat.TOML else written(document)
    headers = {"Content-Disposition": f'attachment; filename="rules.{form.value}"'}
    return Response(text, media_type=_MEDIA_TYPES[form], headers=headers)


@router.post("/order", status_code=204, summary="Order rules", responses=problem_responses(RuleNotFound))
async def order_rules(work: Writing, wanted: RuleOrder) -> None:
    """Order rules for whoever reads them; what counts first is said by `priority` alone."""
    await logic.order_rules(work.session, wanted.rule_ids)


@router.get("/rules", summary="List rules of the draft")
async def list_rules(work: Reading, query: Annotated[DraftRuleQuery, Query()]) -> Page[DraftRuleRead]:
    """Rules as written and in full, each with its faults."""
    return await logic.read_page(work.session, query)


@router.post(
    "/rules",
    status_code=201,
    summary="Add a rule",
    responses=problem_responses(RuleIdWrong, RuleIdTaken, TooManyRules),
)
async def add_rule(work: Writing, response: Response, wanted: DraftRuleCreate) -> DraftRuleRead:
    """Add a rule in full, or in one line of English or Persian. Faults are told, and kept."""
    found, row = await logic.add_rule(work.session, wanted)
    response.headers["ETag"] = etag(row)
    return found


@router.get("/rules/{row_id}", summary="Read a rule of the draft", responses=problem_responses(RuleNotFound))
async def read_rule(work: Reading, response: Response, row_id: IdInPath) -> DraftRuleRead:
    """One rule by the number of its row, with the `ETag` that a change needs."""
    found, row = await logic.read_rule(work.session, row_id)
    response.headers["ETag"] = etag(row)
    return found


@router.patch(
    "/rules/{row_id}",
    summary="Change a rule",
    responses=problem_responses(RuleNotFound, RuleIdWrong, RuleIdTaken, ChangedMeanwhile),
)
async def change_rule(
    work: Writing, response: Response, row_id: IdInPath, if_match: IfMatch, wanted: DraftRuleUpdate
) -> DraftRuleRead:
    """Change parts of a rule; `status` pauses or archives it. Faults are told, and kept."""
    found, row = await logic.update_rule(work.session, row_id, wanted, if_match)
    response.headers["ETag"] = etag(row)
    return found


@router.delete(
    "/rules/{row_id}",
    status_code=204,
    summary="Remove a rule",
    responses=problem_responses(RuleNotFound, ChangedMeanwhile),
)
async def remove_rule(work: Writing, row_id: IdInPath, if_match: IfMatch) -> None:
    """Take a rule out of the draft. Frozen versions keep it, and its id is never counted anew."""
    await logic.remove_rule(work.session, row_id, if_match)


@router.post(
    "/rules/{row_id}/copies",
    status_code=201,
    summary="Copy a rule",
    responses=problem_responses(RuleNotFound, RuleIdTaken, TooManyRules),
)
async def copy_rule(
    work: Writing, response: Response, row_id: IdInPath, wanted: DraftRuleCopy
) -> DraftRuleRead:
    """The same rule under another id, with the status `draft`."""
    found, row = await logic.copy_rule(work.session, row_id, wanted.rule_id)
    response.headers["ETag"] = etag(row)
    return found
