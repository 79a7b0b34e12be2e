"""Delivering again: one event, a period, or everything that was given up."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult

from host_api.core.database import WriteSession
from host_api.core.database_time import database_now
from host_api.core.error_handlers import field_problem
from host_api.core.errors import Problem, ValidationFailed
from host_api.core.events.models import UNPUBLISHED, Event
from host_api.core.waking import Worker, makes_work_for
from host_api.services.events.logic import find as find_event
from host_api.services.webhooks import repository
from host_api.services.webhooks.delivery_queue import ALL_TYPES, new_delivery
from host_api.services.webhooks.logic import WebhookIsOff, WebhookNotFound
from host_api.services.webhooks.models import DeliveryState, Webhook, WebhookDelivery
from host_api.services.webhooks.schemas import Replay, ReplayEvent, ReplayPeriod

MOST_EVENTS = 10_000
_CHUNK = 500


class ReplayTooLarge(Problem):
    """The period has more events than are replayed at once."""

    status = 409
    code = "replay-too-large"
    title = "Too many events"
    title_fa = "رویدادها بیش از اندازه است"
    detail = "At most 10000 events are replayed at once; nothing was done. Take a shorter period."
    detail_fa = "هر بار حداکثر ۱۰۰۰۰ رویداد دوباره فرستاده می‌شود؛ کاری انجام نشد. بازه را کوتاه‌تر کنید."


async def replay(session: WriteSession, webhook_id: int, wanted: Replay) -> int:
    """Put deliveries of a webhook on their way again, with all their attempts anew; how many.

    Raises:
        WebhookNotFound, WebhookIsOff, EventNotFound, ReplayTooLarge
        ValidationFailed: the period ends before it begins.
    """
    webhook = await repository.lock(session, webhook_id)
    if webhook is None:
        raise WebhookNotFound
    if not webhook.is_active:
        raise WebhookIsOff
    now = await database_now(session)
    if isinstance(wanted, ReplayEvent):
        return await _deliver_again(session, webhook, [(await find_event(session, wanted.event_id)).id], now)
    if isinstance(wanted, ReplayPeriod):
        return await _deliver_again(session, webhook, await _events_of(session, webhook, wanted), now)
    result = await session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.state == DeliveryState.PARKED.value)
        .values(**_afresh(now))
        .execution_options(synchronize_session=False)
    )
    return result.rowcount if isinstance(result, CursorResult) else 0


async def _events_of(session: WriteSession, webhook: Webhook, period: ReplayPeriod) -> list[int]:
    if period.end <= period.begin:
        raise ValidationFailed([field_problem("period", "`to` must be later than `from`", "to", "body")])
    statement = (
        select(Event.id)
        .where(
            Event.at >= period.begin,
            Event.at < period.end,
            Event.sequence > UNPUBLISHED,
            Event.only_webhook_id.is_(None),
        )
        .order_by(Event.sequence)
        .limit(MOST_EVENTS + 1)
    )
    if ALL_TYPES not in webhook.event_types:
        statement = statement.where(Event.type.in_(webhook.event_types))
    found = list(await session.scalars(statement))
    if len(found) > MOST_EVENTS:
        raise ReplayTooLarge
    return found


async def _deliver_again(
    session: WriteSession, webhook: Webhook, event_ids: Sequence[int], now: datetime
) -> int:
    for first in range(0, len(event_ids), _CHUNK):
        chunk = event_ids[first : first + _CHUNK]
        here = [WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.event_id.in_(chunk)]
        known = set(await session.scalars(select(WebhookDelivery.event_id).where(*here)))
        await session.execute(
            update(WebhookDelivery)
            .where(*here)
            .values(**_afresh(now))
            .execution_options(synchronize_session=False)
        )
        makes_work_for(session, Worker.EVENTS)
        session.add_all(
            new_delivery(webhook.id, event_id, now) for event_id in chunk if event_id not in known
        )
        await session.flush()
    return len(event_ids)


def _afresh(now: datetime) -> dict[str, object]:
    """A delivery as if it had never been tried; who tries it just now settles nothing any more."""
    return {
        "state": DeliveryState.WAITING.value,
        "attempts": 0,
        "due_at": now,
        "lease": None,
        "leased_until": None,
        "finished_at": None,
    }
