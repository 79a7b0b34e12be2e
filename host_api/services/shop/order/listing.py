"""How orders, lines and what is given back are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.shop.catalogue.schemas import ItemKind
from host_api.services.shop.order.models import ShopGivingBack, ShopOrder, ShopOrderLine
from host_api.services.shop.order.states import (
    GivingBackCause,
    GivingBackState,
    OrderLineState,
    ShopOrderState,
)


class Latest(StrEnum):
    """Orders of these lists."""

    LATEST = "-id"
    ID = "id"


class OwnOrderQuery(ListQuery):
    """Which of a member's orders, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": ShopOrder.id}

    sort: Latest = Latest.LATEST
    state: Annotated[ShopOrderState | None, Equals(ShopOrder.state)] = None


class OrderQuery(OwnOrderQuery):
    """Which orders, in which order."""

    member_id: Annotated[int | None, Equals(ShopOrder.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    ordered_from: Annotated[AwareDatetime | None, AtLeast(ShopOrder.ordered_at)] = None
    ordered_before: Annotated[AwareDatetime | None, Below(ShopOrder.ordered_at)] = None


class LineQuery(ListQuery):
    """Which lines, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": ShopOrderLine.id}

    sort: Latest = Latest.ID
    state: Annotated[OrderLineState | None, Equals(ShopOrderLine.state)] = Field(
        default=None, description="`paid` are those that wait to be prepared."
    )
    kind: Annotated[ItemKind | None, Equals(ShopOrderLine.kind)] = None
    item_id: Annotated[int | None, Equals(ShopOrderLine.item_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    slot_id: Annotated[int | None, Equals(ShopOrderLine.slot_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    member_id: Annotated[int | None, Equals(ShopOrderLine.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )


class GivingBackQuery(ListQuery):
    """Which of what is given back, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": ShopGivingBack.id}

    sort: Latest = Latest.LATEST
    state: Annotated[GivingBackState | None, Equals(ShopGivingBack.state)] = None
    cause: Annotated[GivingBackCause | None, Equals(ShopGivingBack.cause)] = None
    line_id: Annotated[int | None, Equals(ShopGivingBack.line_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    member_id: Annotated[int | None, Equals(ShopGivingBack.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
