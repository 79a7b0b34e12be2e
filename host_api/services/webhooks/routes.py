"""Endpoints of the webhooks service."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.outgoing.addresses import AddressPolicy
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.events.logic import EventNotFound
from host_api.services.webhooks import access, logic
from host_api.services.webhooks.listing import AttemptQuery, DeliveryQuery, WebhookQuery
from host_api.services.webhooks.replay import ReplayTooLarge, replay
from host_api.services.webhooks.schemas import (
    AttemptRead,
    DeliveryRead,
    ReplayCreate,
    ReplayIssued,
    SecretCreate,
    SecretIssued,
    TrialIssued,
    WebhookCreate,
    WebhookIssued,
    WebhookRead,
    WebhookUpdate,
)

router = APIRouter(prefix="/webhooks", tags=["webhooks"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
_NOT_FOUND = problem_responses(logic.WebhookNotFound)


@router.post(
    "", status_code=201, summary="Subscribe a webhook", responses=problem_responses(logic.TooManyWebhooks)
)
async def create_webhook(
    request: Request, response: Response, work: Writing, wanted: WebhookCreate
) -> WebhookIssued:
    """Have events posted to an address, signed by Standard Webhooks. Only this answer shows the secret."""
    issued, webhook = await logic.create(
        work.session,
        work.cipher,
        wanted,
        policy=_policy(request),
        type_names=runtime_of(request).event_types.names,
    )
    response.headers["ETag"] = etag(webhook)
    return issued


@router.get("", summary="List webhooks")
async def list_webhooks(work: Reading, query: Annotated[WebhookQuery, Query()]) -> Page[WebhookRead]:
    """Webhooks in the order they were subscribed."""
    return await logic.read_page(work.session, query)


@router.get("/{webhook_id}", summary="Read a webhook", responses=_NOT_FOUND)
async def read_webhook(response: Response, work: Reading, webhook_id: IdInPath) -> WebhookRead:
    """One webhook by id, without its secret."""
    webhook = await logic.find(work.session, webhook_id)
    response.headers["ETag"] = etag(webhook)
    return logic.read_of(webhook)


@router.patch(
    "/{webhook_id}",
    summary="Change a webhook",
    responses=problem_responses(logic.WebhookNotFound, ChangedMeanwhile),
)
async def update_webhook(
    *,
    request: Request,
    response: Response,
    work: Writing,
    webhook_id: IdInPath,
    if_match: IfMatch,
    wanted: WebhookUpdate,
) -> WebhookRead:
    """Change what is given. A webhook that is off gets no events; those it missed can be replayed."""
    changed, webhook = await logic.update(
        work.session,
        work.cipher,
        webhook_id,
        if_match,
        wanted,
        policy=_policy(request),
        type_names=runtime_of(request).event_types.names,
    )
    response.headers["ETag"] = etag(webhook)
    return changed


@router.delete(
    "/{webhook_id}",
    status_code=204,
    summary="Delete a webhook",
    responses=problem_responses(logic.WebhookNotFound, ChangedMeanwhile),
)
async def delete_webhook(work: Writing, webhook_id: IdInPath, if_match: IfMatch) -> None:
    """Delete it with its deliveries and attempts; what is just being sent may still arrive."""
    await logic.delete(work.session, webhook_id, if_match)


@router.post("/{webhook_id}/secret", status_code=201, summary="Replace the secret", responses=_NOT_FOUND)
async def replace_secret(
    response: Response, work: Writing, webhook_id: IdInPath, wanted: SecretCreate
) -> SecretIssued:
    """Issue a new secret; the old one signs beside it for some hours, so that no message is refused."""
    issued, webhook = await logic.replace_secret(
        work.session, work.cipher, webhook_id, timedelta(hours=wanted.overlap_hours)
    )
    response.headers["ETag"] = etag(webhook)
    return issued


@router.post(
    "/{webhook_id}/test",
    status_code=202,
    summary="Test a webhook",
    responses=problem_responses(logic.WebhookNotFound, logic.WebhookIsOff),
)
async def test_webhook(work: Writing, webhook_id: IdInPath) -> TrialIssued:
    """Send the webhook, and only it, an event `webhook.tested`; its attempts tell what came of it."""
    return await logic.test(work.session, webhook_id)


@router.post(
    "/{webhook_id}/replay",
    status_code=202,
    summary="Deliver again",
    responses=problem_responses(logic.WebhookNotFound, EventNotFound, logic.WebhookIsOff, ReplayTooLarge),
)
async def replay_events(work: Writing, webhook_id: IdInPath, wanted: ReplayCreate) -> ReplayIssued:
    """Deliver one event again, or all of a period, or all that were given up; ids stay the same."""
    return ReplayIssued(deliveries=await replay(work.session, webhook_id, wanted.replay))


@router.get("/{webhook_id}/deliveries", summary="List deliveries", responses=_NOT_FOUND)
async def list_deliveries(
    work: Reading, webhook_id: IdInPath, query: Annotated[DeliveryQuery, Query()]
) -> Page[DeliveryRead]:
    """The webhook's deliveries, the latest first."""
    return await logic.read_deliveries(work.session, webhook_id, query)


@router.get("/{webhook_id}/attempts", summary="List attempts", responses=_NOT_FOUND)
async def list_attempts(
    work: Reading, webhook_id: IdInPath, query: Annotated[AttemptQuery, Query()]
) -> Page[AttemptRead]:
    """Every try with its status, latency and error, the latest first; kept as long as the event."""
    return await logic.read_attempts(work.session, webhook_id, query)


def _policy(request: Request) -> AddressPolicy:
    settings = runtime_of(request).settings
    return AddressPolicy(private=settings.webhook_private, loopback=settings.webhook_loopback)
