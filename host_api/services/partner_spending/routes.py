"""Endpoints of the club about partners: contracts, spendings, statements."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.partner_spending import access, logic, partners, problems, statements
from host_api.services.partner_spending.listing import (
    MovementExportQuery,
    MovementQuery,
    PartnerQuery,
    PartnerSpendingQuery,
    StatementQuery,
)
from host_api.services.partner_spending.schemas import (
    PartnerCreate,
    PartnerMovementRead,
    PartnerRead,
    PartnerSpendingRead,
    PartnerStatement,
    PartnerUpdate,
)

router = APIRouter(prefix="/partner-spending", tags=["partner spending"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]

_COLUMNS: Final = (
    ("id", "Line", "ردیف"),
    ("partner_id", "Partner", "شریک"),
    ("reference", "Reference", "شمارهٔ شریک"),
    ("kind", "Kind", "نوع"),
    ("at", "Time", "زمان"),
    ("units", "Units", "امتیاز"),
    ("rials", "Rials", "ریال"),
    ("commission_rials", "Commission", "کارمزد باشگاه"),
    ("rrn", "RRN", "شمارهٔ مرجع"),
)
add_export(
    router,
    list_export("movements", MovementExportQuery, _COLUMNS, statements.read_after),
    MovementExportQuery,
    access.READ,
)


@router.post(
    "/partners",
    status_code=201,
    summary="Add a partner",
    responses=problem_responses(problems.PartnerTaken),
)
async def create_partner(work: Writing, response: Response, wanted: PartnerCreate) -> PartnerRead:
    """A company that takes points, its contract, and the API key by which it is known."""
    row = await partners.create(work.session, wanted)
    response.headers["ETag"] = etag(row)
    return partners.shown(row)


@router.get("/partners", summary="List partners")
async def list_partners(work: Reading, query: Annotated[PartnerQuery, Query()]) -> Page[PartnerRead]:
    """In the order they were added."""
    return await partners.read_page(work.session, query)


@router.get(
    "/partners/{partner_id}",
    summary="Read a partner",
    responses=problem_responses(problems.PartnerNotFound),
)
async def read_partner(work: Reading, response: Response, partner_id: IdInPath) -> PartnerRead:
    """One partner by id, with the `ETag` that a change needs."""
    row = await partners.find(work.session, partner_id)
    response.headers["ETag"] = etag(row)
    return partners.shown(row)


@router.patch(
    "/partners/{partner_id}",
    summary="Change a partner",
    responses=problem_responses(
        problems.PartnerNotFound, problems.PartnerTaken, problems.PartnerTermsContradict, ChangedMeanwhile
    ),
)
async def change_partner(
    work: Writing, response: Response, partner_id: IdInPath, if_match: IfMatch, wanted: PartnerUpdate
) -> PartnerRead:
    """Terms hold for what is spent from then on; what was spent keeps its own."""
    row = await partners.change(work.session, partner_id, if_match, wanted)
    response.headers["ETag"] = etag(row)
    return partners.shown(row)


@router.get(
    "/partners/{partner_id}/statement",
    summary="Read a partner's statement",
    responses=problem_responses(problems.PartnerNotFound, problems.StatementPeriod),
)
async def read_statement(
    work: Reading, partner_id: IdInPath, query: Annotated[StatementQuery, Query()]
) -> PartnerStatement:
    """Debits less returns of the days `from` and `to` and between; the lines are in `movements/export`."""
    return await statements.read(work.session, partner_id, query)


@router.get("/movements", summary="List lines of partners' accounts")
async def list_movements(
    work: Reading, query: Annotated[MovementQuery, Query()]
) -> Page[PartnerMovementRead]:
    """A line for each debit, and one with a minus for each return."""
    return await statements.read_page(work.session, query)


@router.get("/all-spendings", summary="List spendings at partners")
async def list_spendings(
    work: Reading, query: Annotated[PartnerSpendingQuery, Query()]
) -> Page[PartnerSpendingRead]:
    """Of all partners, the latest first."""
    return await logic.read_page(work.session, query)


@router.post(
    "/all-spendings/{spending_id}/return",
    status_code=201,
    summary="Give a spending's units back again",
    responses=problem_responses(problems.PartnerSpendingNotFound, problems.PartnerSpendingState),
)
async def return_again(work: Writing, spending_id: IdInPath) -> PartnerSpendingRead:
    """For one that is `unreturned`: the switch refused to give its units back, and is asked again."""
    return await logic.return_again(work.session, spending_id)
