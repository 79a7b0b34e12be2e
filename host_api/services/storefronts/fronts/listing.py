"""How storefronts, goods and privileges are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.storefronts.fronts.models import Storefront, StorefrontGood, StorefrontPrivilege
from host_api.services.storefronts.fronts.states import ShowState, StorefrontGoodKind

FilterId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Interest = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]


class StorefrontSort(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class StorefrontQuery(ListQuery):
    """Which storefronts."""

    sorts: ClassVar[dict[str, Column]] = {"id": Storefront.id}

    sort: StorefrontSort = StorefrontSort.ID
    seller_id: Annotated[FilterId | None, Equals(Storefront.seller_id)] = None
    state: Annotated[ShowState | None, Equals(Storefront.state)] = None


class StorefrontGoodSort(StrEnum):
    """Orders of goods."""

    ID = "id"
    LATEST = "-id"
    CHEAPEST = "price"
    DEAREST = "-price"


_GOOD_SORTS: dict[str, Column] = {"id": StorefrontGood.id, "price": StorefrontGood.price_rials}


class StorefrontOfferQuery(ListQuery):
    """Which of the goods that members see, in which order."""

    sorts: ClassVar[dict[str, Column]] = _GOOD_SORTS

    sort: StorefrontGoodSort = StorefrontGoodSort.LATEST
    q: str | None = Field(
        default=None,
        min_length=1,
        max_length=60,
        description="Words of name or description; Persian and Arabic writing are one.",
    )
    storefront_id: Annotated[FilterId | None, Equals(StorefrontGood.storefront_id)] = None
    kind: Annotated[StorefrontGoodKind | None, Equals(StorefrontGood.kind)] = None
    interest: Annotated[Interest | None, Equals(StorefrontGood.interest)] = None


class StorefrontGoodQuery(ListQuery):
    """Which goods, in which order."""

    sorts: ClassVar[dict[str, Column]] = _GOOD_SORTS

    sort: StorefrontGoodSort = StorefrontGoodSort.ID
    storefront_id: Annotated[FilterId | None, Equals(StorefrontGood.storefront_id)] = None
    state: Annotated[ShowState | None, Equals(StorefrontGood.state)] = None


class StorefrontPrivilegeQuery(ListQuery):
    """Which privileges."""

    sorts: ClassVar[dict[str, Column]] = {"id": StorefrontPrivilege.id}

    sort: StorefrontSort = StorefrontSort.LATEST
    storefront_id: Annotated[FilterId | None, Equals(StorefrontPrivilege.storefront_id)] = None
    state: Annotated[ShowState | None, Equals(StorefrontPrivilege.state)] = None


class OwnPrivilegeQuery(ListQuery):
    """Of which storefront, or goods, a member asks for what is granted."""

    sorts: ClassVar[dict[str, Column]] = {"id": StorefrontPrivilege.id}

    sort: StorefrontSort = StorefrontSort.LATEST
    storefront_id: Annotated[FilterId | None, Equals(StorefrontPrivilege.storefront_id)] = None
