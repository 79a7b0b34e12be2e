"""Endpoints of the panel and of ratings."""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, reads
from host_api.services.risk import access, problems
from host_api.services.risk.ratings import logic
from host_api.services.risk.ratings.listing import RiskRatingExportQuery, RiskRatingQuery
from host_api.services.risk.ratings.schemas import RiskPanel, RiskRatingRead

router = APIRouter(prefix="/risk", tags=["risk"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]

_COLUMNS: Final = (
    ("member_id", "Member", "شمارهٔ عضو"),
    ("score", "Score", "نمره"),
    ("risk_class", "Class", "رده"),
    ("quality", "Record filled in, percent", "درصد تکمیل پرونده"),
    ("rated_at", "Rated at", "زمان رده‌بندی"),
)
add_export(
    router,
    list_export("ratings", RiskRatingExportQuery, _COLUMNS, logic.read_after),
    RiskRatingExportQuery,
    access.READ,
)


@router.get("/panel", summary="Read the risk panel")
async def read_panel(work: Reading) -> RiskPanel:
    """What is open, what is to be decided, how trading goes today, and how members are rated."""
    return await logic.read_panel(work.session, utc_now())


@router.get("/ratings", summary="List risk ratings")
async def list_ratings(work: Reading, query: Annotated[RiskRatingQuery, Query()]) -> Page[RiskRatingRead]:
    """Members by score, with reasons and what stands out."""
    return await logic.read_page(work.session, query)


@router.get(
    "/ratings/{member_id}",
    summary="Read a member's risk rating",
    responses=problem_responses(problems.RatingNotFound),
)
async def read_rating(work: Reading, member_id: IdInPath) -> RiskRatingRead:
    """Class, score, and each part of it."""
    return await logic.read(work.session, member_id)
