"""Endpoints of gateways."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.messages import access
from host_api.services.messages.gateways import logic
from host_api.services.messages.gateways.listing import MessageGatewayQuery
from host_api.services.messages.gateways.schemas import (
    MessageGatewayCreate,
    MessageGatewayRead,
    MessageGatewayUpdate,
)

router = APIRouter(prefix="/messages/gateways", tags=["message gateways"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post("", status_code=201, summary="Add a message gateway")
async def create_message_gateway(
    work: Writing, response: Response, wanted: MessageGatewayCreate
) -> MessageGatewayRead:
    """An active one sends what its channel has waiting; another active one of the channel rests."""
    made, response.headers["ETag"] = await logic.create(work.session, work.cipher, wanted)
    return made


@router.get("", summary="List message gateways")
async def list_message_gateways(
    work: Reading, query: Annotated[MessageGatewayQuery, Query()]
) -> Page[MessageGatewayRead]:
    """Without an active one for SMS, a program with a key fetches the texts."""
    return await logic.read_page(work.session, query)


@router.get(
    "/{gateway_id}",
    summary="Read a message gateway",
    responses=problem_responses(logic.MessageGatewayNotFound),
)
async def read_message_gateway(work: Reading, response: Response, gateway_id: IdInPath) -> MessageGatewayRead:
    """One gateway by id; its secret is never told."""
    found, response.headers["ETag"] = await logic.read(work.session, gateway_id)
    return found


@router.patch(
    "/{gateway_id}",
    summary="Change a message gateway",
    responses=problem_responses(logic.MessageGatewayNotFound, ChangedMeanwhile),
)
async def change_message_gateway(
    work: Writing, response: Response, gateway_id: IdInPath, wanted: MessageGatewayUpdate, if_match: IfMatch
) -> MessageGatewayRead:
    """Name, secret, price, and whether it is active."""
    changed, response.headers["ETag"] = await logic.change(
        work.session, work.cipher, gateway_id, wanted, if_match
    )
    return changed
