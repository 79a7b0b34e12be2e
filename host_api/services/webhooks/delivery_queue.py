"""The queue of deliveries: made as events are published, held by a lease while tried, settled after."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select, update

from host_api.core.access.caller import system_caller
from host_api.core.audit import audit_as
from host_api.core.database import AnySession, WriteSession
from host_api.core.database_time import database_now
from host_api.core.encryption.envelope import SealFault
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.delivery import DeliveryDepth
from host_api.core.events.emission import Subject, emit
from host_api.core.events.models import UNPUBLISHED, Event
from host_api.core.events.publication import publish
from host_api.core.isolation import ANY_PROGRAMME
from host_api.services.webhooks.events import WEBHOOK_SWITCHED_OFF, WebhookSwitchedOff
from host_api.services.webhooks.messages import Message, message_of
from host_api.services.webhooks.models import (
    DeliveryState,
    SwitchOffReason,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
)
from host_api.services.webhooks.outcome import AttemptError, Outcome
from host_api.services.webhooks.retry_schedule import RetrySchedule

ALL_TYPES = "*"

_LEASE_BYTES = 8
_MOST_DUE_WEBHOOKS = 1000


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this worker may try; `message` is None where its secrets can't be opened."""

    programme_id: int
    webhook_id: int
    delivery_id: int
    event_id: int
    lease: str
    message: Message | None


@dataclass(frozen=True, slots=True)
class Landed:
    """A claim that was tried."""

    claim: Claim
    outcome: Outcome


async def publish_and_enqueue(session: WriteSession, limit: int) -> int:
    """Publish up to `limit` events and put each on its way to the webhooks that want it; how many events."""
    events = await publish(session, limit)
    if not events:
        return 0
    webhooks = list(await session.scalars(select(Webhook).where(Webhook.is_active).order_by(Webhook.id)))
    now = await database_now(session)
    session.add_all(
        new_delivery(webhook.id, event.id, now)
        for event in events
        for webhook in webhooks
        if _is_wanted(webhook, event)
    )
    await session.flush()
    return len(events)


def new_delivery(webhook_id: int, event_id: int, due_at: datetime) -> WebhookDelivery:
    """A delivery that nobody has tried."""
    return WebhookDelivery(
        webhook_id=webhook_id,
        event_id=event_id,
        state=DeliveryState.WAITING.value,
        attempts=0,
        due_at=due_at,
        lease=None,
        leased_until=None,
        finished_at=None,
    )


async def due_webhooks(session: AnySession) -> list[tuple[int, int]]:
    """Programme and id of the active webhooks that have deliveries to be tried now, of all programmes."""
    now = await database_now(session)
    due = exists().where(WebhookDelivery.webhook_id == Webhook.id, *_may_be_claimed(now))
    statement = (
        select(Webhook.programme_id, Webhook.id)
        .where(Webhook.is_active, due)
        .order_by(Webhook.id)
        .limit(_MOST_DUE_WEBHOOKS)
    )
    rows = await session.execute(statement, execution_options=ANY_PROGRAMME)
    return [(programme_id, webhook_id) for programme_id, webhook_id in rows]


async def claim(
    session: WriteSession, cipher: FieldCipher, webhook_id: int, limit: int, lease_for: timedelta
) -> list[Claim]:
    """Take a lease on up to `limit` deliveries of a webhook, the longest due first."""
    webhook = await session.get(Webhook, webhook_id)
    if webhook is None or not webhook.is_active:
        return []
    now = await database_now(session)
    rows = await session.execute(
        select(WebhookDelivery, Event)
        .join(Event, Event.id == WebhookDelivery.event_id)
        .where(WebhookDelivery.webhook_id == webhook_id, *_may_be_claimed(now))
        .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
        .limit(limit)
        .with_for_update(of=WebhookDelivery, skip_locked=True)
    )
    claims = []
    for delivery, event in rows:
        delivery.lease = secrets.token_hex(_LEASE_BYTES)
        delivery.leased_until = now + lease_for
        try:
            message = message_of(webhook, event, cipher, now)
        except SealFault:
            message = None
        claims.append(Claim(webhook.programme_id, webhook_id, delivery.id, event.id, delivery.lease, message))
    await session.flush()
    return claims


async def settle(
    session: WriteSession, landed: Iterable[Landed], schedule: RetrySchedule, random: Callable[[], float]
) -> None:
    """Write down what came of attempts in the session's programme.

    A delivery whose lease somebody else has taken over meanwhile is theirs to settle.
    """
    by_webhook: dict[int, list[Landed]] = {}
    for entry in landed:
        by_webhook.setdefault(entry.claim.webhook_id, []).append(entry)
    # Webhooks before deliveries, both by id: everybody who locks several keeps to this order.
    locked = await session.scalars(
        select(Webhook).where(Webhook.id.in_(by_webhook)).order_by(Webhook.id).with_for_update(key_share=True)
    )
    webhooks = list(locked)
    now = await database_now(session)
    for webhook in webhooks:
        entries = by_webhook[webhook.id]
        held = await session.scalars(
            select(WebhookDelivery)
            .where(WebhookDelivery.lease.in_([entry.claim.lease for entry in entries]))
            .order_by(WebhookDelivery.id)
            .with_for_update()
        )
        deliveries = {delivery.lease: delivery for delivery in held}
        for entry in entries:
            delivery = deliveries.get(entry.claim.lease)
            if delivery is not None:
                session.add(_settled(delivery, entry.outcome, now, schedule, random))
        await session.flush()
        await _judge(session, webhook, [entry.outcome for entry in entries], now, schedule)


def _settled(
    delivery: WebhookDelivery,
    outcome: Outcome,
    now: datetime,
    schedule: RetrySchedule,
    random: Callable[[], float],
) -> WebhookAttempt:
    delivery.attempts += 1
    delivery.lease = delivery.leased_until = None
    if outcome.error is None:
        delivery.state, delivery.finished_at = DeliveryState.DELIVERED.value, now
    else:
        delay = schedule.delay(delivery.attempts, outcome.retry_after, random)
        if delay is None:
            delivery.state, delivery.finished_at = DeliveryState.PARKED.value, now
        else:
            delivery.due_at = now + delay
    return WebhookAttempt(
        webhook_id=delivery.webhook_id,
        delivery_id=delivery.id,
        event_id=delivery.event_id,
        number=delivery.attempts,
        at=now - timedelta(milliseconds=outcome.latency_ms),
        latency_ms=outcome.latency_ms,
        status=outcome.status,
        error=None if outcome.error is None else outcome.error.value,
    )


async def _judge(
    session: WriteSession,
    webhook: Webhook,
    outcomes: Sequence[Outcome],
    now: datetime,
    schedule: RetrySchedule,
) -> None:
    """Count the webhook's failures, and switch it off where they have been too many for too long."""
    failures, since = webhook.failures_in_row, webhook.failing_since
    for outcome in outcomes:
        failures, since = (0, None) if outcome.error is None else (failures + 1, since or now)
    if (failures, since) != (webhook.failures_in_row, webhook.failing_since):
        await session.execute(
            update(Webhook)
            .where(Webhook.id == webhook.id)
            .values(failures_in_row=failures, failing_since=since)
            .execution_options(synchronize_session=False)
        )
    is_gone = any(outcome.error is AttemptError.GONE for outcome in outcomes)
    is_exhausted = since is not None and schedule.is_exhausted(failures, now - since)
    if webhook.is_active and (is_gone or is_exhausted):
        reason = SwitchOffReason.GONE if is_gone else SwitchOffReason.FAILURES
        audit_as(session, system_caller("webhook delivery", webhook.programme_id))
        webhook.is_active = False
        webhook.switched_off_at, webhook.switched_off_reason = now, reason.value
        emit(
            session,
            WEBHOOK_SWITCHED_OFF,
            Subject("webhook", webhook.id),
            WebhookSwitchedOff(webhook_id=webhook.id, reason=reason, failures=failures),
        )
        await session.flush()


async def depth(session: AnySession) -> DeliveryDepth:
    """Counts of the session's programme; deliveries of webhooks that are switched off don't count."""
    unpublished, oldest_unpublished = (
        await session.execute(
            select(func.count(Event.id), func.min(Event.at)).where(Event.sequence == UNPUBLISHED)
        )
    ).one()
    waits = [WebhookDelivery.state == DeliveryState.WAITING.value, Webhook.is_active]
    joined = select(func.count(WebhookDelivery.id)).join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
    untried = await session.scalar(joined.where(*waits, WebhookDelivery.attempts == 0))
    retrying = await session.scalar(joined.where(*waits, WebhookDelivery.attempts > 0))
    oldest_untried = await session.scalar(
        select(func.min(WebhookDelivery.due_at))
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(*waits, WebhookDelivery.attempts == 0)
    )
    parked = await session.scalar(joined.where(WebhookDelivery.state == DeliveryState.PARKED.value))
    switched_off = await session.scalar(
        select(func.count(Webhook.id)).where(Webhook.switched_off_at.is_not(None))
    )
    return DeliveryDepth(
        unpublished=unpublished,
        waiting=untried or 0,
        retrying=retrying or 0,
        parked=parked or 0,
        switched_off=switched_off or 0,
        oldest_untried_at=min(
            (at for at in (oldest_unpublished, oldest_untried) if at is not None), default=None
        ),
    )


def wants(webhook: Webhook, type_name: str) -> bool:
    """Whether the webhook asks for events of this type."""
    return ALL_TYPES in webhook.event_types or type_name in webhook.event_types


def _is_wanted(webhook: Webhook, event: Event) -> bool:
    if event.only_webhook_id is not None:
        return event.only_webhook_id == webhook.id
    return wants(webhook, event.type)


def _may_be_claimed(now: datetime) -> list[ColumnElement[bool]]:
    return [
        WebhookDelivery.state == DeliveryState.WAITING.value,
        WebhookDelivery.due_at <= now,
        or_(WebhookDelivery.leased_until.is_(None), WebhookDelivery.leased_until <= now),
    ]
