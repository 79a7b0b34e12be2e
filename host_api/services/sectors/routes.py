"""Endpoints of the sectors service."""

from typing import Annotated

from fastapi import APIRouter

from host_api.core.idempotency import ServiceRoute
from host_api.core.work import ReadWork, reads
from host_api.services.sectors import access
from host_api.services.sectors.logic import SECTOR_TITLES
from host_api.services.sectors.schemas import SectorRead

router = APIRouter(tags=["sectors"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]


@router.get("/sectors", summary="List sectors")
async def list_sectors(_work: Reading) -> list[SectorRead]:
    """All seventeen, the same for every programme."""
    return [
        SectorRead(code=sector, title=title, title_fa=title_fa)
        for sector, (title, title_fa) in SECTOR_TITLES.items()
    ]
