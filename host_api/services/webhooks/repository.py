"""Queries of the webhooks service."""

from collections.abc import Iterable

from sqlalchemy import delete, func, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.events.models import Event
from host_api.services.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery


async def add(session: WriteSession, webhook: Webhook) -> None:
    """Store a new webhook and give it its id."""
    session.add(webhook)
    await session.flush()


async def find(session: AnySession, webhook_id: int) -> Webhook | None:
    """The webhook with this id."""
    return await session.get(Webhook, webhook_id)


async def lock(session: WriteSession, webhook_id: int, *, to_delete: bool = False) -> Webhook | None:
    """The same, locked until the transaction ends; deliveries can still be added unless it is to go."""
    webhook: Webhook | None = await session.scalar(
        select(Webhook).where(Webhook.id == webhook_id).with_for_update(key_share=not to_delete)
    )
    return webhook


async def count(session: AnySession) -> int:
    """How many webhooks the programme has."""
    return await session.scalar(select(func.count(Webhook.id))) or 0


async def delete_with_deliveries(session: WriteSession, webhook: Webhook) -> None:
    """Delete a webhook and all that was tried for it."""
    for table in (WebhookAttempt, WebhookDelivery):
        await session.execute(
            delete(table).where(table.webhook_id == webhook.id).execution_options(synchronize_session=False)
        )
    await session.delete(webhook)
    await session.flush()


async def events_by_id(session: AnySession, event_ids: Iterable[int]) -> dict[int, Event]:
    """The events with these ids."""
    rows = await session.scalars(select(Event).where(Event.id.in_(set(event_ids))))
    return {event.id: event for event in rows}
