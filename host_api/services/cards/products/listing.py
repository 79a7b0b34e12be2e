"""How card products are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.services.cards.products.models import CardProduct
from host_api.services.cards.products.schemas import ProductKind, ProductStatus


class ProductSort(StrEnum):
    """Orders of card products."""

    ID = "id"
    CODE = "code"
    LATEST = "-id"
    CODE_REVERSED = "-code"


class ProductQuery(ListQuery):
    """Which card products, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": CardProduct.id, "code": CardProduct.code}

    sort: ProductSort = Field(default=ProductSort.ID, description="The order; a minus turns it round.")
    kind: Annotated[ProductKind | None, Equals(CardProduct.kind)] = None
    status: Annotated[ProductStatus | None, Equals(CardProduct.status)] = None
    code: Annotated[str | None, Equals(CardProduct.code)] = Field(default=None, max_length=8)
