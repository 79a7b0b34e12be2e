"""How categories, items and times are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.shop.catalogue.models import ShopCategory, ShopItem, ShopSlot
from host_api.services.shop.catalogue.schemas import ItemKind


class CategorySort(StrEnum):
    """Orders of categories."""

    POSITION = "position"
    ID = "id"


class CategoryQuery(ListQuery):
    """Which categories, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": ShopCategory.id, "position": ShopCategory.position}

    sort: CategorySort = CategorySort.POSITION


class ItemSort(StrEnum):
    """Orders of items."""

    ID = "id"
    LATEST = "-id"
    CHEAPEST = "price"
    DEAREST = "-price"


class OfferQuery(ListQuery):
    """Which of the items sold to a member, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": ShopItem.id, "price": ShopItem.price}

    sort: ItemSort = ItemSort.ID
    category_id: Annotated[int | None, Equals(ShopItem.category_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    kind: Annotated[ItemKind | None, Equals(ShopItem.kind)] = None


class ItemQuery(OfferQuery):
    """Which items, in which order."""

    is_open: Annotated[bool | None, Equals(ShopItem.is_open)] = None


class SlotSort(StrEnum):
    """Orders of times."""

    FIRST = "starts_at"
    LAST = "-starts_at"


class SlotQuery(ListQuery):
    """Which times of an item, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": ShopSlot.id, "starts_at": ShopSlot.starts_at}

    sort: SlotSort = SlotSort.FIRST
    starts_from: Annotated[AwareDatetime | None, AtLeast(ShopSlot.starts_at)] = None
    starts_before: Annotated[AwareDatetime | None, Below(ShopSlot.starts_at)] = None
