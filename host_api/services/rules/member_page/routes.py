"""Endpoints of what members read; a site or app of the club asks with its own key."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.work import ReadWork, reads
from host_api.services.rules import access
from host_api.services.rules.member_page import logic
from host_api.services.rules.member_page.page import CONTENT_SECURITY_POLICY, html_page
from host_api.services.rules.member_page.schemas import MemberPageRead
from host_api.services.rules.publications.problems import InForceUnknown

router = APIRouter(prefix="/rules", tags=["rules"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]

_PROBLEMS = problem_responses(InForceUnknown, logic.RulesNotKnownHere)


@router.get("/member-page", summary="Read what members get", responses=_PROBLEMS)
async def read_member_page(work: Reading) -> MemberPageRead:
    """What the rules in force give members, in Persian and English, and what is approved for later."""
    return await logic.read(work.session, utc_now())


@router.get(
    "/member-page.html",
    summary="Read what members get as a page",
    response_class=Response,
    responses={
        200: {
            "description": "The page",
            "content": {"text/html": {"schema": {"type": "string", "format": "binary"}}},
        },
        **_PROBLEMS,
    },
)
async def read_member_html(
    work: Reading, language: Annotated[Literal["fa", "en"], Query()] = "fa"
) -> Response:
    """The same as plain HTML, to be shown or put into the club's own site."""
    page = await logic.read(work.session, utc_now())
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
    return HTMLResponse(html_page(page, language), headers=headers)
