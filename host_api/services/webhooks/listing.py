"""How webhooks, their deliveries and attempts are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.webhooks.models import DeliveryState, Webhook, WebhookAttempt, WebhookDelivery


class RowSort(StrEnum):
    """Orders by id."""

    ID = "id"
    LATEST = "-id"


class WebhookQuery(ListQuery):
    """Which webhooks, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Webhook.id}

    sort: RowSort = Field(default=RowSort.ID, description="The order; a minus turns it round.")
    is_active: Annotated[bool | None, Equals(Webhook.is_active)] = None


class DeliveryQuery(ListQuery):
    """Which deliveries, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": WebhookDelivery.id}

    sort: RowSort = Field(default=RowSort.LATEST, description="The order; a minus turns it round.")
    state: Annotated[DeliveryState | None, Equals(WebhookDelivery.state)] = None


class AttemptQuery(ListQuery):
    """Which attempts, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": WebhookAttempt.id}

    sort: RowSort = Field(default=RowSort.LATEST, description="The order; a minus turns it round.")
    delivery_id: Annotated[int | None, Equals(WebhookAttempt.delivery_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only attempts of this delivery."
    )
