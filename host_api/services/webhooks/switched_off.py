"""Webhooks that were switched off for their failures."""

from datetime import datetime

from sqlalchemy import select

from host_api.core.database import AnySession
from host_api.services.webhooks.models import Webhook


async def switched_off_since(
    session: AnySession, since: datetime, limit: int
) -> list[tuple[int, datetime, str]]:
    """Id, when and why of those that are off, the latest first."""
    rows = await session.execute(
        select(Webhook.id, Webhook.switched_off_at, Webhook.switched_off_reason)
        .where(Webhook.switched_off_at >= since)
        .order_by(Webhook.switched_off_at.desc())
        .limit(limit)
    )
    return [(webhook_id, at, reason or "") for webhook_id, at, reason in rows if at is not None]
