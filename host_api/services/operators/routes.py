"""Endpoints of operators."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.merchants.logic import BranchNotFound, MerchantNotFound
from host_api.services.operators import access, logic
from host_api.services.operators.listing import OperatorFilters, OperatorQuery
from host_api.services.operators.schemas import (
    OperatorCreate,
    OperatorIssued,
    OperatorRead,
    OperatorRoleRead,
    OperatorsFile,
    OperatorUpdate,
    PinSet,
)
from host_api.services.terminals import parameters
from host_api.services.terminals.logic import TerminalNotFound, TerminalRetired
from host_api.services.terminals.parameter_schemas import DocumentIssue, ParameterDocumentRead
from host_api.services.terminals.schemas import TerminalIdInPath

router = APIRouter(tags=["operators"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
TakingFiles = Annotated[WriteWork, writes(access.TAKE_FILES)]

_COLUMNS: Final = (
    ("id", "Id", "شناسه"),
    ("merchant", "Merchant", "پذیرنده"),
    ("code", "Code", "کد"),
    ("name", "Name", "نام"),
    ("role", "Role", "نقش"),
    ("status", "Status", "وضعیت"),
    ("branches", "Branches", "شعبه‌ها"),
    ("expires_at", "Expires at", "پایان اعتبار"),
    ("created_at", "Added at", "زمان افزودن"),
)


class OperatorExportQuery(OperatorFilters, ExportQuery):
    """Which operators are exported, and how."""


add_export(
    router,
    list_export("operators", OperatorExportQuery, _COLUMNS, logic.read_after),
    OperatorExportQuery,
    access.READ,
)


@router.post(
    "/operators",
    status_code=201,
    summary="Add an operator",
    responses=problem_responses(MerchantNotFound, logic.OperatorBranchUnknown, logic.OperatorCodeTaken),
)
async def create_operator(work: Writing, response: Response, wanted: OperatorCreate) -> OperatorIssued:
    """Store somebody who works at a merchant's terminals, with a PIN of their choice or one shown once.

    Terminals know of operators by the files made of them.
    """
    operator, issued = await logic.create(work.session, work.cipher, wanted)
    response.headers["ETag"] = etag(operator)
    response.headers["Cache-Control"] = "no-store"
    return issued


@router.get("/operators", summary="List operators")
async def list_operators(work: Reading, query: Annotated[OperatorQuery, Query()]) -> Page[OperatorRead]:
    """Operators by id, name or code."""
    return await logic.read_page(work.session, query)


@router.get("/operator-roles", summary="List roles of operators")
async def list_roles(work: Reading) -> list[OperatorRoleRead]:
    """The roles, and what each may do at a terminal."""
    return logic.roles()


@router.get(
    "/operators/{id}", summary="Read an operator", responses=problem_responses(logic.OperatorNotFound)
)
async def read_operator(work: Reading, response: Response, id: IdInPath) -> OperatorRead:  # noqa: A002
    """One operator by id, with the `ETag` that a change needs."""
    operator = await logic.find(work.session, id)
    response.headers["ETag"] = etag(operator)
    return logic.shown(operator, utc_now())


@router.patch(
    "/operators/{id}",
    summary="Change or lock an operator",
    responses=problem_responses(logic.OperatorNotFound, logic.OperatorBranchUnknown, ChangedMeanwhile),
)
async def change_operator(
    work: Writing,
    response: Response,
    id: IdInPath,  # noqa: A002
    if_match: IfMatch,
    wanted: OperatorUpdate,
) -> OperatorRead:
    """Change name, role, branches, expiry or status; a terminal knows of it by its next file."""
    operator = await logic.change(work.session, id, if_match, wanted)
    response.headers["ETag"] = etag(operator)
    return logic.shown(operator, utc_now())


@router.post(
    "/operators/{id}/pin",
    summary="Set an operator's PIN",
    responses=problem_responses(logic.OperatorNotFound, ChangedMeanwhile),
)
async def set_pin(
    work: Writing,
    response: Response,
    id: IdInPath,  # noqa: A002
    if_match: IfMatch,
    wanted: PinSet,
) -> OperatorIssued:
    """Set the PIN that the operator has chosen, or give one that only this answer shows."""
    operator, issued = await logic.set_pin(work.session, work.cipher, id, if_match, wanted.pin)
    response.headers["ETag"] = etag(operator)
    response.headers["Cache-Control"] = "no-store"
    return issued


@router.post(
    "/branches/{id}/operators-files",
    status_code=201,
    summary="Take a branch's operators file",
    responses=problem_responses(BranchNotFound, logic.NoSupervisor),
)
async def take_operators_file(
    work: TakingFiles,
    response: Response,
    id: IdInPath,  # noqa: A002
) -> OperatorsFile:
    """Those who may work at the branch's terminals now, as `vafa terminal-files operators` writes them.

    Keep it as a secret: short PINs are soon found from what stands here. The audit log tells who took it.
    """
    response.headers["Cache-Control"] = "no-store"
    return await logic.take_file(work.session, work.cipher, id, utc_now())


@router.post(
    "/terminals/{terminal_id}/operator-documents",
    status_code=201,
    summary="Issue a terminal's parameter document with its operators",
    responses=problem_responses(
        TerminalNotFound,
        TerminalRetired,
        logic.NoSupervisor,
        parameters.ParametersTooLarge,
        parameters.SequencesUsedUp,
    ),
)
async def issue_operator_document(
    work: TakingFiles, response: Response, terminal_id: TerminalIdInPath, wanted: DocumentIssue
) -> ParameterDocumentRead:
    """All settings of a terminal and the operators of its branch, to be signed as one document.

    A terminal keeps the last document only, so where operators come this way every one must have them.
    """
    response.headers["Cache-Control"] = "no-store"
    return await logic.issue_document(work.session, work.cipher, terminal_id, wanted.above)
