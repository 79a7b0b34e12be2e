"""Endpoints of the shop's reports."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.idempotency import ServiceRoute
from host_api.core.work import ReadWork, reads
from host_api.services.shop import access
from host_api.services.shop.reports import logic
from host_api.services.shop.reports.schemas import DonationReport, ReportQuery, SupplierSettlementReport

router = APIRouter(tags=["shop orders"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.ORDERS_READ)]


@router.get("/shop/reports/donations", summary="Report donations")
async def report_donations(work: Reading, query: Annotated[ReportQuery, Query()]) -> DonationReport:
    """What members gave, by the account that it is booked to."""
    return await logic.donations(work.session, query)


@router.get("/shop/reports/settlement", summary="Report what suppliers are owed")
async def report_settlement(
    work: Reading, query: Annotated[ReportQuery, Query()]
) -> SupplierSettlementReport:
    """What was sold of each supplier's items and came back, and what the club owes for it."""
    return await logic.settlement(work.session, query)
