"""Endpoints of public bodies."""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.groups.logic import GroupNotFound
from host_api.services.offers.problems import OfferNotFound
from host_api.services.organisations.logic import OrganisationNotFound
from host_api.services.public_bodies import access, benefits, bodies, credit, participations, problems
from host_api.services.public_bodies.listing import (
    BodyBenefitQuery,
    BodyCreditLineExportQuery,
    BodyCreditLineQuery,
    BodyParticipationQuery,
    BodyStatementQuery,
    PublicBodyExportQuery,
    PublicBodyQuery,
)
from host_api.services.public_bodies.schemas import (
    BodyBenefitCreate,
    BodyBenefitRead,
    BodyCreditLineCreate,
    BodyCreditLineRead,
    BodyParticipationCreate,
    BodyParticipationRead,
    BodyStatement,
    PublicBodyCreate,
    PublicBodyRead,
)
from host_api.services.rules.draft.problems import RuleNotFound

router = APIRouter(prefix="/public-bodies", tags=["public bodies"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]

_BODY_COLUMNS: Final = (
    ("id", "Body", "نهاد"),
    ("organisation_id", "Organisation", "سازمان"),
    ("kind", "Kind", "نوع"),
    ("code", "Code", "کد"),
    ("title", "Title", "عنوان انگلیسی"),
    ("title_fa", "Persian title", "عنوان"),
    ("members", "Members", "اعضا"),
    ("participations", "Participations", "مشارکت‌ها"),
    ("benefits", "Benefits", "مزیت‌ها"),
    ("credit_limit_rials", "Limit (rials)", "سقف (ریال)"),
    ("drawn_rials", "Drawn (rials)", "برداشت‌شده (ریال)"),
    ("available_rials", "Available (rials)", "مانده (ریال)"),
)
_LINE_COLUMNS: Final = (
    ("id", "Line", "ردیف"),
    ("participation_id", "Participation", "مشارکت"),
    ("kind", "Kind", "نوع"),
    ("reference", "Reference", "شمارهٔ ارجاع"),
    ("rials", "Rials", "ریال"),
    ("drawn_after_rials", "Drawn after", "ماندهٔ برداشت"),
    ("written_by", "Written by", "ثبت‌کننده"),
    ("at", "Time", "زمان"),
)
add_export(
    router,
    list_export("report", PublicBodyExportQuery, _BODY_COLUMNS, bodies.read_after),
    PublicBodyExportQuery,
    access.READ,
)
add_export(
    router,
    list_export("credit-lines", BodyCreditLineExportQuery, _LINE_COLUMNS, credit.read_lines_after),
    BodyCreditLineExportQuery,
    access.READ,
)


@router.post(
    "",
    status_code=201,
    summary="Have an organisation be a public body",
    responses=problem_responses(OrganisationNotFound, problems.PublicBodyExists),
)
async def create_public_body(work: Writing, wanted: PublicBodyCreate) -> PublicBodyRead:
    """An association, a guild, a union, a municipality or a bank; its people are the organisation's."""
    return await bodies.create(work.session, wanted)


@router.get("", summary="List public bodies")
async def list_public_bodies(
    work: Reading, query: Annotated[PublicBodyQuery, Query()]
) -> Page[PublicBodyRead]:
    """With the members, the participations in force, and the credit drawn and available of each."""
    return await bodies.read_page(work.session, query)


@router.post(
    "/participations",
    status_code=201,
    summary="Ask for a public body to take part",
    responses=problem_responses(problems.PublicBodyNotFound, problems.OnlyBanksGiveCredit),
)
async def ask_body_participation(work: Writing, wanted: BodyParticipationCreate) -> BodyParticipationRead:
    """In a role, under terms, on some days; a second person decides."""
    return await participations.ask(work.session, work.caller, wanted)


@router.get("/participations", summary="List participations of public bodies")
async def list_body_participations(
    work: Reading, query: Annotated[BodyParticipationQuery, Query()]
) -> Page[BodyParticipationRead]:
    """In the order they were asked for."""
    return await participations.read_page(work.session, query)


@router.get(
    "/participations/{participation_id}",
    summary="Read a public body's participation",
    responses=problem_responses(problems.ParticipationNotFound),
)
async def read_body_participation(work: Reading, participation_id: IdInPath) -> BodyParticipationRead:
    """One participation by id."""
    return await participations.read(work.session, participation_id)


@router.post(
    "/participations/{participation_id}/approval",
    summary="Let a public body take part",
    responses=problem_responses(
        problems.ParticipationNotFound, AlreadyDecided, OwnAct, problems.ParticipationOverlaps
    ),
)
async def approve_body_participation(work: Deciding, participation_id: IdInPath) -> BodyParticipationRead:
    """As the second person; in force on its days."""
    return await participations.approve(work.session, work.caller, participation_id)


@router.post(
    "/participations/{participation_id}/rejection",
    summary="Don't let a public body take part",
    responses=problem_responses(problems.ParticipationNotFound, AlreadyDecided, OwnAct),
)
async def reject_body_participation(work: Deciding, participation_id: IdInPath) -> BodyParticipationRead:
    """As the second person."""
    return await participations.reject(work.session, work.caller, participation_id)


@router.post(
    "/participations/{participation_id}/cancellation",
    summary="Take back the request for a participation",
    responses=problem_responses(problems.ParticipationNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_body_participation(work: Writing, participation_id: IdInPath) -> BodyParticipationRead:
    """By who asked, before it is decided."""
    return await participations.take_back(work.session, work.caller, participation_id)


@router.post(
    "/participations/{participation_id}/ending",
    summary="End a public body's participation",
    responses=problem_responses(problems.ParticipationNotFound, problems.ParticipationNotActive),
)
async def end_body_participation(work: Deciding, participation_id: IdInPath) -> BodyParticipationRead:
    """For good; what is drawn may still be repaid."""
    return await participations.end(work.session, work.caller, participation_id)


@router.get(
    "/participations/{participation_id}/statement",
    summary="Read the statement of a bank's credit",
    responses=problem_responses(problems.ParticipationNotFound, problems.BodyStatementPeriod),
)
async def read_body_statement(
    work: Reading, participation_id: IdInPath, query: Annotated[BodyStatementQuery, Query()]
) -> BodyStatement:
    """What was drawn before the days `from` to `to`, drawn and repaid in them, and drawn after."""
    return await credit.statement(work.session, participation_id, query)


@router.post(
    "/benefits",
    status_code=201,
    summary="Name a benefit of a public body's members",
    responses=problem_responses(
        problems.PublicBodyNotFound,
        GroupNotFound,
        OfferNotFound,
        RuleNotFound,
        problems.BodyBenefitExists,
        problems.TooManyBodyBenefits,
    ),
)
async def add_body_benefit(work: Writing, wanted: BodyBenefitCreate) -> BodyBenefitRead:
    """A group, an offer or a rule of the draft, by its id; who gets it stays with that service."""
    return await benefits.add(work.session, wanted)


@router.get("/benefits", summary="List benefits of public bodies' members")
async def list_body_benefits(
    work: Reading, query: Annotated[BodyBenefitQuery, Query()]
) -> Page[BodyBenefitRead]:
    """In the order they were named."""
    return await benefits.read_page(work.session, query)


@router.delete(
    "/benefits/{benefit_id}",
    status_code=204,
    summary="Take a benefit out",
    responses=problem_responses(problems.BodyBenefitNotFound),
)
async def remove_body_benefit(work: Writing, benefit_id: IdInPath) -> None:
    """What it names stays as it is."""
    await benefits.remove(work.session, benefit_id)


@router.post(
    "/credit-lines",
    status_code=201,
    summary="Draw or repay a bank's credit",
    responses=problem_responses(
        problems.ParticipationNotFound,
        problems.ParticipationNotActive,
        problems.BodyCreditLimitReached,
        problems.BodyCreditNotDrawn,
        problems.BodyCreditReferenceTaken,
    ),
)
async def write_body_credit_line(work: Writing, wanted: BodyCreditLineCreate) -> BodyCreditLineRead:
    """Never beyond the limit, nor back more than is drawn; the same `reference` again gives the same line."""
    return await credit.write(work.session, work.caller, wanted)


@router.get("/credit-lines", summary="List lines of banks' credit")
async def list_body_credit_lines(
    work: Reading, query: Annotated[BodyCreditLineQuery, Query()]
) -> Page[BodyCreditLineRead]:
    """In the order they were written; none is ever changed."""
    return await credit.read_lines(work.session, query)


@router.get(
    "/{body_id}", summary="Read a public body", responses=problem_responses(problems.PublicBodyNotFound)
)
async def read_public_body(work: Reading, body_id: IdInPath) -> PublicBodyRead:
    """One body by id, with its figures."""
    return await bodies.read(work.session, body_id)
