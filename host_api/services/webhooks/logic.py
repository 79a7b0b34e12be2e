"""Subscribing webhooks, and seeing what became of their deliveries."""

import json
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import FieldProblem, Problem, ValidationFailed
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.outgoing.addresses import AddressPolicy, UrlRefused
from host_api.services.webhooks import repository
from host_api.services.webhooks.delivery_queue import ALL_TYPES
from host_api.services.webhooks.events import WEBHOOK_TESTED, WebhookTested
from host_api.services.webhooks.listing import AttemptQuery, DeliveryQuery, WebhookQuery
from host_api.services.webhooks.models import (
    HEADERS,
    OLD_SECRET,
    SECRET,
    DeliveryState,
    SwitchOffReason,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
)
from host_api.services.webhooks.outcome import AttemptError
from host_api.services.webhooks.schemas import (
    AttemptRead,
    DeliveryRead,
    SecretIssued,
    TrialIssued,
    WebhookCreate,
    WebhookIssued,
    WebhookRead,
    WebhookUpdate,
)
from host_api.services.webhooks.signature import new_secret

# Each event is compared with each webhook of its programme.
MOST_WEBHOOKS = 100


class WebhookNotFound(Problem):
    """No webhook has this id."""

    status = 404
    code = "webhook-not-found"
    title = "Webhook not found"
    title_fa = "وب‌هوک پیدا نشد"
    detail = "There is no webhook with this id."
    detail_fa = "وب‌هوکی با این شناسه وجود ندارد."


class TooManyWebhooks(Problem):
    """The programme has as many webhooks as it may have."""

    status = 409
    code = "too-many-webhooks"
    title = "Too many webhooks"
    title_fa = "شمار وب‌هوک‌ها به بیشینه رسیده است"
    detail = "A programme may have at most 100 webhooks; delete one that is no longer needed."
    detail_fa = "هر برنامه حداکثر ۱۰۰ وب‌هوک دارد؛ یکی را که دیگر لازم نیست حذف کنید."


class WebhookIsOff(Problem):
    """The webhook is switched off."""

    status = 409
    code = "webhook-is-off"
    title = "Webhook is off"
    title_fa = "وب‌هوک خاموش است"
    detail = "This webhook is switched off and gets nothing; set `is_active` first."
    detail_fa = "این وب‌هوک خاموش است و چیزی به آن فرستاده نمی‌شود؛ نخست is_active را روشن کنید."


async def create(
    session: WriteSession,
    cipher: FieldCipher,
    wanted: WebhookCreate,
    *,
    policy: AddressPolicy,
    type_names: Collection[str],
) -> tuple[WebhookIssued, Webhook]:
    """Store a new webhook with a fresh secret.

    Parameters:
        type_names: of the catalogue.

    Raises:
        ValidationFailed: the URL or a type.
        TooManyWebhooks
    """
    _check(wanted.url, wanted.event_types, policy, type_names)
    if await repository.count(session) >= MOST_WEBHOOKS:
        raise TooManyWebhooks
    webhook = Webhook(
        url=wanted.url,
        description=wanted.description,
        event_types=wanted.event_types,
        is_active=wanted.is_active,
        created_at=utc_now(),
        secret_sealed=None,
        old_secret_sealed=None,
        old_secret_until=None,
        header_names=sorted(wanted.headers),
        headers_sealed=None,
        failures_in_row=0,
        failing_since=None,
        switched_off_at=None,
        switched_off_reason=None,
    )
    await repository.add(session, webhook)
    secret = new_secret()
    SECRET.seal(cipher, webhook, secret)
    HEADERS.seal(cipher, webhook, json.dumps(wanted.headers))
    await session.flush()
    return WebhookIssued(secret=secret, **read_of(webhook).model_dump()), webhook


async def find(session: AnySession, webhook_id: int) -> Webhook:
    """One webhook's row.

    Raises:
        WebhookNotFound
    """
    webhook = await repository.find(session, webhook_id)
    if webhook is None:
        raise WebhookNotFound
    return webhook


async def read_page(session: ReadSession, query: WebhookQuery) -> Page[WebhookRead]:
    """A page of webhooks."""
    webhooks, next_cursor = await read_rows(session, select(Webhook), query)
    return Page(items=[read_of(webhook) for webhook in webhooks], next_cursor=next_cursor)


async def update(
    session: WriteSession,
    cipher: FieldCipher,
    webhook_id: int,
    if_match: str,
    wanted: WebhookUpdate,
    *,
    policy: AddressPolicy,
    type_names: Collection[str],
) -> tuple[WebhookRead, Webhook]:
    """Change a webhook.

    Raises:
        WebhookNotFound, ChangedMeanwhile
        ValidationFailed: the URL or a type.
    """
    webhook = await _locked(session, webhook_id)
    check_version(webhook, if_match)
    _check(wanted.url, wanted.event_types, policy, type_names)
    webhook.url = wanted.url if wanted.url is not None else webhook.url
    webhook.description = wanted.description if wanted.description is not None else webhook.description
    webhook.event_types = wanted.event_types if wanted.event_types is not None else webhook.event_types
    if wanted.headers is not None:
        webhook.header_names = sorted(wanted.headers)
        HEADERS.seal(cipher, webhook, json.dumps(wanted.headers))
    if wanted.is_active is not None:
        if wanted.is_active and not webhook.is_active:
            webhook.failures_in_row, webhook.failing_since = 0, None
            webhook.switched_off_at = webhook.switched_off_reason = None
        webhook.is_active = wanted.is_active
    await session.flush()
    return read_of(webhook), webhook


async def delete(session: WriteSession, webhook_id: int, if_match: str) -> None:
    """Delete a webhook with its deliveries and attempts.

    Raises:
        WebhookNotFound, ChangedMeanwhile
    """
    webhook = await repository.lock(session, webhook_id, to_delete=True)
    if webhook is None:
        raise WebhookNotFound
    check_version(webhook, if_match)
    await repository.delete_with_deliveries(session, webhook)


async def replace_secret(
    session: WriteSession, cipher: FieldCipher, webhook_id: int, overlap: timedelta
) -> tuple[SecretIssued, Webhook]:
    """Give a webhook another secret; the one before goes on signing for `overlap`.

    Raises:
        WebhookNotFound
    """
    webhook = await _locked(session, webhook_id)
    before = SECRET.open(cipher, webhook)
    OLD_SECRET.seal(cipher, webhook, before if overlap else None)
    webhook.old_secret_until = utc_now() + overlap if overlap else None
    secret = new_secret()
    SECRET.seal(cipher, webhook, secret)
    await session.flush()
    return SecretIssued(secret=secret, old_secret_until=webhook.old_secret_until), webhook


async def test(session: WriteSession, webhook_id: int) -> TrialIssued:
    """Emit an event that only this webhook gets.

    Raises:
        WebhookNotFound, WebhookIsOff
    """
    webhook = await find(session, webhook_id)
    if not webhook.is_active:
        raise WebhookIsOff
    event = emit(
        session,
        WEBHOOK_TESTED,
        Subject("webhook", webhook.id),
        WebhookTested(webhook_id=webhook.id),
        only_webhook_id=webhook.id,
    )
    return TrialIssued(event_id=event.message_id)


async def read_deliveries(session: ReadSession, webhook_id: int, query: DeliveryQuery) -> Page[DeliveryRead]:
    """A page of a webhook's deliveries.

    Raises:
        WebhookNotFound
    """
    await find(session, webhook_id)
    statement = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    rows, next_cursor = await read_rows(session, statement, query)
    events = await repository.events_by_id(session, [row.event_id for row in rows])
    return Page(
        items=[
            DeliveryRead(
                id=row.id,
                event_id=events[row.event_id].message_id,
                event_type=events[row.event_id].type,
                state=DeliveryState(row.state),
                attempts=row.attempts,
                due_at=row.due_at,
                finished_at=row.finished_at,
            )
            for row in rows
        ],
        next_cursor=next_cursor,
    )


async def read_attempts(session: ReadSession, webhook_id: int, query: AttemptQuery) -> Page[AttemptRead]:
    """A page of a webhook's attempts.

    Raises:
        WebhookNotFound
    """
    await find(session, webhook_id)
    statement = select(WebhookAttempt).where(WebhookAttempt.webhook_id == webhook_id)
    rows, next_cursor = await read_rows(session, statement, query)
    events = await repository.events_by_id(session, [row.event_id for row in rows])
    return Page(
        items=[
            AttemptRead(
                id=row.id,
                delivery_id=row.delivery_id,
                event_id=events[row.event_id].message_id,
                number=row.number,
                at=row.at,
                latency_ms=row.latency_ms,
                status=row.status,
                error=None if row.error is None else AttemptError(row.error),
            )
            for row in rows
        ],
        next_cursor=next_cursor,
    )


async def _locked(session: WriteSession, webhook_id: int) -> Webhook:
    webhook = await repository.lock(session, webhook_id)
    if webhook is None:
        raise WebhookNotFound
    return webhook


def _check(
    url: str | None, event_types: list[str] | None, policy: AddressPolicy, type_names: Collection[str]
) -> None:
    problems = []
    try:
        if url is not None:
            policy.check_url(url)
    except UrlRefused as refused:
        problems.append(
            FieldProblem(
                field="url",
                location="body",
                code="url_refused",
                message=str(refused),
                message_fa="نشانی باید با https آغاز شود و به جایی همگانی برسد.",
            )
        )
    if event_types is not None and not {ALL_TYPES, *type_names}.issuperset(event_types):
        problems.append(
            FieldProblem(
                field="event_types",
                location="body",
                code="event_type_unknown",
                message="A type is not in the catalogue, GET /v1/event-types",
                message_fa="نوعی از رویدادها در فهرست ‎/v1/event-types‎ نیست.",
            )
        )
    if problems:
        raise ValidationFailed(problems)


def read_of(webhook: Webhook) -> WebhookRead:
    """A webhook as it is told."""
    return WebhookRead(
        id=webhook.id,
        url=webhook.url,
        description=webhook.description,
        event_types=webhook.event_types,
        is_active=webhook.is_active,
        header_names=webhook.header_names,
        created_at=webhook.created_at,
        old_secret_until=webhook.old_secret_until,
        failures_in_row=webhook.failures_in_row,
        failing_since=webhook.failing_since,
        switched_off_at=webhook.switched_off_at,
        switched_off_reason=(
            None if webhook.switched_off_reason is None else SwitchOffReason(webhook.switched_off_reason)
        ),
    )
