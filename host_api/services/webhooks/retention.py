"""Lets go of deliveries and attempts whose events are to be forgotten."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from host_api.core.database import WriteSession
from host_api.services.webhooks.models import DeliveryState, Webhook, WebhookAttempt, WebhookDelivery


async def release_events(session: WriteSession, event_ids: Sequence[int]) -> set[int]:
    """Delete deliveries and attempts of events that are to be forgotten, but not of those still on their way.

    Deliveries that wait for a webhook that is off go with their event.
    """
    needed = set(
        await session.scalars(
            select(WebhookDelivery.event_id)
            .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
            .where(
                WebhookDelivery.event_id.in_(event_ids),
                WebhookDelivery.state == DeliveryState.WAITING.value,
                Webhook.is_active,
            )
        )
    )
    freed = [event_id for event_id in event_ids if event_id not in needed]
    of_freed = select(WebhookDelivery.id).where(WebhookDelivery.event_id.in_(freed))
    for statement in (
        delete(WebhookAttempt).where(WebhookAttempt.delivery_id.in_(of_freed)),
        delete(WebhookDelivery).where(WebhookDelivery.event_id.in_(freed)),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))
    return needed
