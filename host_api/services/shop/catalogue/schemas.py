"""What the shop's catalogue takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.core.short_code import ShortCode
from host_api.services.groups.query_schema import Query

MOST_OF_ONE: Final = 100
_LARGEST_PRICE: Final = LARGEST_AMOUNT // MOST_OF_ONE
_LONGEST_DAYS: Final = 3650

Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Told = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]*$")]
Price = Annotated[int, Field(ge=1, le=_LARGEST_PRICE, description="Units of the purse for one.")]
Cost = Annotated[
    int, Field(ge=0, le=_LARGEST_PRICE, description="Rial that the club owes the supplier for one.")
]
Stock = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT, description="How many are left; null for no end.")]
Limit = Annotated[int, Field(ge=1, le=10_000, description="How many a member may buy in `limit_days`.")]
Days = Annotated[int, Field(ge=1, le=_LONGEST_DAYS)]


class ItemKind(StrEnum):
    """What is sold. `code` is a discount code of the club's own, `third_party` one of another company."""

    GOODS = "goods"
    SERVICE = "service"
    PACKAGE = "package"
    CODE = "code"
    THIRD_PARTY = "third_party"
    CHARITY = "charity"
    RESERVATION = "reservation"
    VOUCHER = "voucher"
    CREDIT = "credit"

    @property
    def is_delivered_at_once(self) -> bool:
        """Whether nobody has to prepare anything."""
        return self in (
            ItemKind.CODE,
            ItemKind.THIRD_PARTY,
            ItemKind.CHARITY,
            ItemKind.VOUCHER,
            ItemKind.CREDIT,
        )

    @property
    def has_codes(self) -> bool:
        """Whether each one is a code of a pool."""
        return self in (ItemKind.CODE, ItemKind.THIRD_PARTY)


_NEVER_RETURNED: Final = (
    ItemKind.THIRD_PARTY,
    ItemKind.CHARITY,
    ItemKind.RESERVATION,
    ItemKind.CREDIT,
)


class ShopCategoryCreate(BaseModel):
    """A new category."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"code": "HOME", "title": "For the home", "title_fa": "خانه", "position": 1}
        },
    )

    code: ShortCode
    title: Title
    title_fa: Title
    position: int = Field(default=100, ge=0, le=10_000, description="The lowest stands first.")


class ShopCategoryUpdate(BaseModel):
    """What is to change of a category; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"position": 2}})

    title: Title | None = None
    title_fa: Title | None = None
    position: int | None = Field(default=None, ge=0, le=10_000)


class ShopCategoryRead(BaseModel):
    """A category."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {"id": 1, "code": "HOME", "title": "For the home", "title_fa": "خانه", "position": 1}
        },
    )

    id: int
    code: ShortCode
    title: str
    title_fa: str
    position: int


class PackagePart(BaseModel):
    """What belongs to a service package."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"title": "Car wash", "title_fa": "کارواش", "times": 3}}
    )

    title: Title
    title_fa: Title
    times: int = Field(default=1, ge=1, le=1000)


_EXAMPLE: Final[JsonDict] = {
    "category_id": 1,
    "kind": "goods",
    "title": "Cup",
    "title_fa": "لیوان",
    "description": "Two of them",
    "description_fa": "دو تا",
    "parts": [],
    "file_ids": [7],
    "supplier": "چینی زرین",
    "cost": 900000,
    "purse": 91,
    "price": 500,
    "sale_price": 400,
    "sale_starts_at": "2027-03-10T00:00:00+03:30",
    "sale_ends_at": "2027-03-20T00:00:00+03:30",
    "starts_at": None,
    "ends_at": None,
    "audience": {"f": "tier", "op": "in", "v": ["gold"]},
    "stock": 20,
    "limit_quantity": 2,
    "limit_days": 30,
    "return_days": 7,
    "release_hours": 0,
    "pool_id": None,
    "voucher_value": None,
    "voucher_days": None,
    "charity": None,
    "credit_package_id": None,
}


class _Times(BaseModel):
    sale_price: Price | None = Field(default=None, description="Price while the sale goes on.")
    sale_starts_at: AwareDatetime | None = None
    sale_ends_at: AwareDatetime | None = None
    starts_at: AwareDatetime | None = Field(default=None, description="Sold from then on.")
    ends_at: AwareDatetime | None = Field(default=None, description="Sold until then.")

    @model_validator(mode="after")
    def _times_agree(self) -> "_Times":
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError("ends_at comes after starts_at")
        given = {value is not None for value in (self.sale_price, self.sale_starts_at, self.sale_ends_at)}
        if len(given) > 1:
            raise ValueError("a sale has sale_price, sale_starts_at and sale_ends_at")
        if self.sale_starts_at and self.sale_ends_at and self.sale_ends_at <= self.sale_starts_at:
            raise ValueError("sale_ends_at comes after sale_starts_at")
        return self


class ShopItemCreate(_Times):
    """A new item."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": dict(_EXAMPLE)})

    category_id: int = Field(ge=1, le=LARGEST_ID)
    kind: ItemKind
    title: Title
    title_fa: Title
    description: Told | None = None
    description_fa: Told | None = None
    parts: list[PackagePart] = Field(default_factory=list, max_length=20, description="Of a package.")
    file_ids: list[Annotated[int, Field(ge=1, le=LARGEST_ID)]] = Field(
        default_factory=list, max_length=10, description="Pictures that were uploaded: PNG or JPEG."
    )
    supplier: Title | None = Field(default=None, description="To whom the club owes `cost`.")
    cost: Cost = 0
    purse: int = Field(default=91, ge=60, le=99, description="Account type of the purse that pays.")
    price: Price
    audience: Query | None = Field(default=None, description="Who may buy; left out, every member.")
    stock: Stock | None = Field(
        default=None, description="How many there are; codes and times of a reservation count themselves."
    )
    limit_quantity: Limit | None = None
    limit_days: Days | None = Field(default=None, description="Left out, the limit counts for ever.")
    return_days: int = Field(
        default=0, ge=0, le=_LONGEST_DAYS, description="Days after delivery in which it may be returned."
    )
    release_hours: int = Field(
        default=24, ge=0, le=8760, description="Of a reservation: cancelled for nothing until so long before."
    )
    pool_id: int | None = Field(default=None, ge=1, le=LARGEST_ID, description="Of a code: its pool.")
    voucher_value: int | None = Field(
        default=None, ge=1, le=LARGEST_AMOUNT, description="Of a voucher: its value in rial."
    )
    voucher_days: Days | None = Field(default=None, description="Of a voucher: its days; left out, 365.")
    charity: Title | None = Field(default=None, description="Of a donation: the account it is booked to.")
    credit_package_id: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="Of credit: the package that is sold."
    )

    @model_validator(mode="after")
    def _parts_agree(self) -> "ShopItemCreate":
        kind = self.kind
        if (self.pool_id is not None) != kind.has_codes:
            raise ValueError("pool_id is for a code or third party's card, and needed there")
        if (self.voucher_value is not None) != (kind is ItemKind.VOUCHER):
            raise ValueError("voucher_value is for a voucher, and needed there")
        if (self.charity is not None) != (kind is ItemKind.CHARITY):
            raise ValueError("charity is for a donation, and needed there")
        if (self.credit_package_id is not None) != (kind is ItemKind.CREDIT):
            raise ValueError("credit_package_id is for a credit package, and needed there")
        if self.parts and kind is not ItemKind.PACKAGE:
            raise ValueError("parts are for a package")
        if self.stock is not None and (kind.has_codes or kind is ItemKind.RESERVATION):
            raise ValueError("codes and times of a reservation count themselves")
        if self.return_days and kind in _NEVER_RETURNED:
            raise ValueError("this can't be returned")
        if self.limit_days is not None and self.limit_quantity is None:
            raise ValueError("limit_days is for a limit_quantity")
        return self


class ShopItemUpdate(BaseModel):
    """What is to change of an item; what is left out stays. Lines that were ordered keep what they had."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"price": 450}})

    title: Title | None = None
    title_fa: Title | None = None
    description: Told | None = None
    description_fa: Told | None = None
    cost: Cost | None = None
    price: Price | None = None
    return_days: int | None = Field(default=None, ge=0, le=_LONGEST_DAYS)
    limit_quantity: Limit | None = None
    is_open: bool | None = Field(default=None, description="A closed item is not sold.")


class SaleChange(_Times):
    """When an item is sold, and at which price when; what is left out is none."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "sale_price": 400,
                "sale_starts_at": "2027-03-10T00:00:00+03:30",
                "sale_ends_at": "2027-03-20T00:00:00+03:30",
            }
        },
    )


class ItemStockChange(BaseModel):
    """How many pieces come or go."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"change": 20}})

    change: int = Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT, description="Below zero takes away.")


class ShopItemRead(BaseModel):
    """An item, with its price now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 5,
                **_EXAMPLE,
                "is_open": True,
                "is_on_sale": True,
                "price_now": 500,
                "created_at": "2026-11-22T09:00:00Z",
            }
        }
    )

    id: int
    category_id: int
    kind: ItemKind
    title: str
    title_fa: str
    description: str | None
    description_fa: str | None
    parts: list[PackagePart]
    file_ids: list[int]
    supplier: str | None
    cost: int
    purse: int
    price: int
    sale_price: int | None
    sale_starts_at: datetime | None
    sale_ends_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    audience: Query | None
    stock: int | None
    limit_quantity: int | None
    limit_days: int | None
    return_days: int
    release_hours: int
    pool_id: int | None
    voucher_value: int | None
    voucher_days: int | None
    charity: str | None
    credit_package_id: int | None
    is_open: bool
    is_on_sale: bool = Field(description="Open, and within its times.")
    price_now: int
    created_at: datetime


class ShopOfferRead(BaseModel):
    """An item as a member sees it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "item_id": 5,
                "category_id": 1,
                "kind": "goods",
                "title": "Cup",
                "title_fa": "لیوان",
                "description": None,
                "description_fa": None,
                "parts": [],
                "file_ids": [7],
                "supplier": None,
                "purse": 91,
                "price": 500,
                "price_now": 400,
                "sale_ends_at": "2027-03-19T20:30:00Z",
                "is_sold_out": False,
            }
        }
    )

    item_id: int
    category_id: int
    kind: ItemKind
    title: str
    title_fa: str
    description: str | None
    description_fa: str | None
    parts: list[PackagePart]
    file_ids: list[int]
    supplier: str | None
    purse: int
    price: int = Field(description="Outside of a sale.")
    price_now: int
    sale_ends_at: datetime | None = Field(description="While a sale goes on, when it ends.")
    is_sold_out: bool = Field(description="Whether the stock is empty.")
