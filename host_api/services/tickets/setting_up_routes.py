"""Endpoints by which tickets are set up: departments, staff, customers, types, canned answers."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.tickets import access, canned, departments, problems, types
from host_api.services.tickets.listing import CannedAnswerQuery, TicketDepartmentQuery, TicketTypeQuery
from host_api.services.tickets.schemas import (
    CannedAnswerCreate,
    CannedAnswerRead,
    CannedAnswerUpdate,
    TicketDepartmentCreate,
    TicketDepartmentRead,
    TicketDepartmentUpdate,
    TicketLinkCreate,
    TicketLinkRead,
    TicketStaffCreate,
    TicketStaffRead,
    TicketTypeCreate,
    TicketTypeRead,
    TicketTypeUpdate,
)

router = APIRouter(prefix="/tickets", tags=["tickets"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]

_OF_DEPARTMENT = problem_responses(problems.TicketDepartmentNotFound)


@router.post(
    "/departments",
    status_code=201,
    summary="Add a department",
    responses=problem_responses(problems.TicketCodeTaken, problems.TicketDepartmentNotFound),
)
async def create_department(
    work: Deciding, response: Response, wanted: TicketDepartmentCreate
) -> TicketDepartmentRead:
    """A unit that answers, and what it promises."""
    made, row = await departments.create(work.session, wanted)
    response.headers["ETag"] = etag(row)
    return made


@router.get("/departments", summary="List departments")
async def list_departments(
    work: Reading, query: Annotated[TicketDepartmentQuery, Query()]
) -> Page[TicketDepartmentRead]:
    """All units."""
    return await departments.read_page(work.session, query)


@router.get("/departments/{department_id}", summary="Read a department", responses=_OF_DEPARTMENT)
async def read_department(work: Reading, response: Response, department_id: IdInPath) -> TicketDepartmentRead:
    """One unit."""
    row = await departments.find(work.session, department_id)
    response.headers["ETag"] = etag(row)
    return departments.shown(row)


@router.patch(
    "/departments/{department_id}",
    summary="Change a department",
    responses=problem_responses(
        problems.TicketDepartmentNotFound, problems.DepartmentsInACircle, ChangedMeanwhile
    ),
)
async def change_department(
    work: Deciding,
    response: Response,
    department_id: IdInPath,
    wanted: TicketDepartmentUpdate,
    if_match: IfMatch,
) -> TicketDepartmentRead:
    """What was promised of tickets that are there stays."""
    changed, row = await departments.change(work.session, department_id, wanted, if_match)
    response.headers["ETag"] = etag(row)
    return changed


@router.post(
    "/departments/{department_id}/staff",
    status_code=201,
    summary="Add staff",
    responses=problem_responses(problems.TicketDepartmentNotFound, problems.TicketCodeTaken),
)
async def add_staff(work: Deciding, department_id: IdInPath, wanted: TicketStaffCreate) -> TicketStaffRead:
    """Somebody works in a unit from now on, and sees its queue and those below."""
    return await departments.add_staff(work.session, department_id, wanted)


@router.get("/departments/{department_id}/staff", summary="List staff", responses=_OF_DEPARTMENT)
async def list_staff(work: Reading, department_id: IdInPath) -> list[TicketStaffRead]:
    """Who works in a unit."""
    return await departments.staff_of(work.session, department_id)


@router.delete(
    "/departments/{department_id}/staff/{staff_id}",
    status_code=204,
    summary="Remove staff",
    responses=_OF_DEPARTMENT,
)
async def remove_staff(work: Deciding, department_id: IdInPath, staff_id: IdInPath) -> None:
    """Somebody works there no more."""
    await departments.remove_staff(work.session, department_id, staff_id)


@router.post(
    "/departments/{department_id}/customers",
    status_code=201,
    summary="Link customers",
    responses=problem_responses(problems.TicketDepartmentNotFound, problems.TicketCodeTaken, MemberNotFound),
)
async def link_customers(work: Deciding, department_id: IdInPath, wanted: TicketLinkCreate) -> TicketLinkRead:
    """Tickets of a member, or of an organisation's members, go to this unit; a member's own link first."""
    return await departments.link(work.session, department_id, wanted)


@router.get("/departments/{department_id}/customers", summary="List customers", responses=_OF_DEPARTMENT)
async def list_customers(work: Reading, department_id: IdInPath) -> list[TicketLinkRead]:
    """The first five hundred links."""
    return await departments.links_of(work.session, department_id)


@router.delete(
    "/departments/{department_id}/customers/{link_id}",
    status_code=204,
    summary="Unlink customers",
    responses=_OF_DEPARTMENT,
)
async def unlink_customers(work: Deciding, department_id: IdInPath, link_id: IdInPath) -> None:
    """Take a link away."""
    await departments.unlink(work.session, department_id, link_id)


@router.post(
    "/types",
    status_code=201,
    summary="Add a type of ticket",
    responses=problem_responses(problems.TicketCodeTaken, problems.TicketDepartmentNotFound),
)
async def create_type(work: Deciding, response: Response, wanted: TicketTypeCreate) -> TicketTypeRead:
    """A kind of ticket with the fields that it asks for."""
    made, row = await types.create(work.session, wanted)
    response.headers["ETag"] = etag(row)
    return made


@router.get("/types", summary="List types of tickets")
async def list_types(work: Reading, query: Annotated[TicketTypeQuery, Query()]) -> Page[TicketTypeRead]:
    """All kinds."""
    return await types.read_page(work.session, query)


@router.patch(
    "/types/{type_id}",
    summary="Change a type of ticket",
    responses=problem_responses(
        problems.TicketTypeNotFound, problems.TicketDepartmentNotFound, ChangedMeanwhile
    ),
)
async def change_type(
    work: Deciding, response: Response, type_id: IdInPath, wanted: TicketTypeUpdate, if_match: IfMatch
) -> TicketTypeRead:
    """For tickets to come."""
    changed, row = await types.change(work.session, type_id, wanted, if_match)
    response.headers["ETag"] = etag(row)
    return changed


@router.post(
    "/canned-answers",
    status_code=201,
    summary="Add a canned answer",
    responses=problem_responses(problems.TicketCodeTaken),
)
async def create_canned_answer(
    work: Writing, response: Response, wanted: CannedAnswerCreate
) -> CannedAnswerRead:
    """A text in both languages; a member gets it in theirs."""
    made, row = await canned.create(work.session, wanted)
    response.headers["ETag"] = etag(row)
    return made


@router.get("/canned-answers", summary="List canned answers")
async def list_canned_answers(
    work: Reading, query: Annotated[CannedAnswerQuery, Query()]
) -> Page[CannedAnswerRead]:
    """All of them."""
    return await canned.read_page(work.session, query)


@router.patch(
    "/canned-answers/{answer_id}",
    summary="Change a canned answer",
    responses=problem_responses(problems.CannedAnswerNotFound, ChangedMeanwhile),
)
async def change_canned_answer(
    work: Writing, response: Response, answer_id: IdInPath, wanted: CannedAnswerUpdate, if_match: IfMatch
) -> CannedAnswerRead:
    """What was sent stays."""
    changed, row = await canned.change(work.session, answer_id, wanted, if_match)
    response.headers["ETag"] = etag(row)
    return changed
