"""Endpoints of templates."""

from typing import Annotated

from fastapi import APIRouter

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.rules import access
from host_api.services.rules.draft.problems import RuleIdTaken, TooManyRules
from host_api.services.rules.draft.schemas import DraftRuleRead
from host_api.services.rules.templates import logic
from host_api.services.rules.templates.schemas import TemplateRead, TemplateUse

router = APIRouter(prefix="/rules", tags=["rules"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.get("/templates", summary="List templates")
async def list_templates(work: Reading) -> list[TemplateRead]:
    """Ready rules for earning, tiers and burning, with their parameters."""
    return logic.read_templates()


@router.post(
    "/draft/templates",
    status_code=201,
    summary="Use a template",
    responses=problem_responses(logic.TemplateNotFound, RuleIdTaken, TooManyRules),
)
async def use_template(work: Writing, wanted: TemplateUse) -> list[DraftRuleRead]:
    """Add a template's rules to the draft, and the tiers that they need where it has none."""
    return await logic.use(work.session, wanted)
