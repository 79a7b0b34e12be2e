"""Endpoints of designs."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.cards import access
from host_api.services.cards.personalisation import designs
from host_api.services.cards.personalisation.listing import DesignQuery
from host_api.services.cards.personalisation.problems import DesignFileNotFound, DesignNotFound
from host_api.services.cards.personalisation.schemas import DesignChange, DesignCreate, DesignRead

router = APIRouter(prefix="/card-designs", tags=["card personalisation"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ_PERSONALISATION)]
Writing = Annotated[WriteWork, writes(access.WRITE_PERSONALISATION)]


@router.post("", status_code=201, summary="Make a design", responses=problem_responses(DesignFileNotFound))
async def create_design(response: Response, work: Writing, wanted: DesignCreate) -> DesignRead:
    """What stands on the front and the back of a card, on its stripe and in its chip."""
    made = await designs.create(work.session, wanted)
    response.headers["ETag"] = f'"{made.version}"'
    return made


@router.get("", summary="List designs")
async def list_designs(work: Reading, query: Annotated[DesignQuery, Query()]) -> Page[DesignRead]:
    """The club's designs."""
    return await designs.read_page(work.session, query)


@router.get("/{design_id}", summary="Read a design", responses=problem_responses(DesignNotFound))
async def read_design(response: Response, work: Reading, design_id: IdInPath) -> DesignRead:
    """One design; its `ETag` is wanted to change it."""
    found = await designs.read(work.session, design_id)
    response.headers["ETag"] = f'"{found.version}"'
    return found


@router.patch(
    "/{design_id}",
    summary="Change a design",
    responses=problem_responses(DesignNotFound, DesignFileNotFound, ChangedMeanwhile),
)
async def change_design(
    response: Response, work: Writing, design_id: IdInPath, if_match: IfMatch, wanted: DesignChange
) -> DesignRead:
    """Change or retire a design. Files that were made stay as they are."""
    changed = await designs.change(work.session, design_id, wanted, if_match)
    response.headers["ETag"] = f'"{changed.version}"'
    return changed
