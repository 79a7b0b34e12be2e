"""How groups, products and prices are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.listing import Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.products.models import Product, ProductGroup, ProductPrice


class Oldest(StrEnum):
    """Orders of groups and products."""

    ID = "id"
    LATEST = "-id"


class ProductGroupQuery(ListQuery):
    """Which groups."""

    sorts: ClassVar[dict[str, Column]] = {"id": ProductGroup.id}

    sort: Oldest = Oldest.ID
    merchant: Annotated[int | None, Equals(ProductGroup.merchant)] = Field(default=None, ge=1, le=LARGEST_ID)
    parent_id: Annotated[int | None, Equals(ProductGroup.parent_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only those right below this one."
    )


class ProductFilters(FilterQuery):
    """Which products, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Product.id, "code": Product.code}

    sort: Oldest = Oldest.ID
    merchant: Annotated[int | None, Equals(Product.merchant)] = Field(default=None, ge=1, le=LARGEST_ID)
    group_id: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="Those of this group and all groups below it."
    )
    code: Annotated[str | None, Equals(Product.code)] = Field(default=None, max_length=32)
    barcode: Annotated[str | None, Equals(Product.barcode)] = Field(default=None, max_length=40)
    is_open: Annotated[bool | None, Equals(Product.is_open)] = None


class StoreProductQuery(ProductFilters, ListQuery):
    """A page of products."""


class ProductExportQuery(ProductFilters, ExportQuery):
    """Which products are exported, and how."""


class PriceSort(StrEnum):
    """Orders of prices."""

    LATEST = "-valid_from"
    FIRST = "valid_from"


class ProductPriceQuery(ListQuery):
    """Which prices of a product."""

    sorts: ClassVar[dict[str, Column]] = {"id": ProductPrice.id, "valid_from": ProductPrice.valid_from}

    sort: PriceSort = PriceSort.LATEST
