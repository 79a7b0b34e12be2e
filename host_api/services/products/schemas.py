"""What the catalogue takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from host_api.core.linear_barcode import EAN_13_DIGITS, ean_check_digit
from host_api.core.money import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.core.short_code import ShortCode

LARGEST_QUANTITY: Final = 999_999  # as a line of the switch's basket has it

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Tag = Annotated[str, Field(min_length=1, max_length=30), kept_name(30)]
ProductCode = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$",
        description="The merchant's own code; rules know the product by it (`sku` of a basket).",
    ),
]
Price = Annotated[
    int, Field(ge=1, le=LARGEST_AMOUNT, description="Rial for `price_quantity` of the unit, before tax.")
]


def _checked_barcode(text: str) -> str:
    if len(text) == EAN_13_DIGITS and ean_check_digit(text[:-1]) != text[-1]:
        raise PydanticCustomError("barcode", "The check digit of this EAN-13 is wrong")
    return text


Barcode = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{2,40}$",
        description="Digits: thirteen are an EAN-13 with its check digit, others are printed as Code 128. "
        "Left out, the product gets an EAN-13 for use within the store.",
    ),
    AfterValidator(_checked_barcode),
]


class ProductUnit(StrEnum):
    """What a quantity counts; always whole numbers of it."""

    PIECE = "piece"
    GRAM = "gram"
    MILLILITRE = "millilitre"
    CENTIMETRE = "centimetre"


class ProductGroupCreate(BaseModel):
    """A new group."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"merchant": 1, "parent_id": None, "code": "TEA", "title": "Tea", "title_fa": "چای"}
        },
    )

    merchant: Id = Field(description="Id of the merchant.")
    parent_id: Id | None = Field(default=None, description="Left out, a group at the top.")
    code: ShortCode
    title: Title
    title_fa: Title


class ProductGroupUpdate(BaseModel):
    """What is to change of a group; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"parent_id": None}})

    parent_id: Id | None = Field(default=None, description="Null moves it to the top.")
    title: Title | None = None
    title_fa: Title | None = None


class ProductGroupRead(BaseModel):
    """A group; `parent_id` makes the tree."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 2,
                "merchant": 1,
                "parent_id": 1,
                "code": "TEA",
                "title": "Tea",
                "title_fa": "چای",
            }
        },
    )

    id: int
    merchant: int
    parent_id: int | None
    code: str
    title: str
    title_fa: str


_EXAMPLE: Final[JsonDict] = {
    "code": "TEA-500",
    "barcode": "6260100200302",
    "title": "Tea 500 g",
    "title_fa": "چای ۵۰۰ گرمی",
    "tag": "تازه",
    "unit": "piece",
    "price_quantity": 1,
    "tax_rate": 1000,
}


class _ProductFacts(BaseModel):
    tag: Tag | None = Field(default=None, description="A word that stands on the label, such as «تازه».")
    unit: ProductUnit = ProductUnit.PIECE
    price_quantity: int = Field(
        default=1,
        ge=1,
        le=LARGEST_QUANTITY,
        description="How many of the unit a price is for: 1000 for goods in grams, priced by the kilo.",
    )
    tax_rate: int = Field(
        default=0, ge=0, le=10_000, description="Hundredths of a percent that are added: 1000 is 10 %."
    )


class StoreProductCreate(_ProductFacts):
    """A new product."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"group_id": 2, **_EXAMPLE, "price": 2500000}}
    )

    group_id: Id = Field(description="Its group, and with it the merchant.")
    code: ProductCode
    barcode: Barcode | None = None
    title: Title
    title_fa: Title
    price: Price | None = Field(default=None, description="The first price, from now on.")


class StoreProductUpdate(BaseModel):
    """What is to change of a product; what is left out stays. Documents keep what they had."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_open": False}})

    group_id: Id | None = None
    barcode: Barcode | None = None
    title: Title | None = None
    title_fa: Title | None = None
    tag: Tag | None = Field(default=None, description="Null takes it off.")
    tax_rate: int | None = Field(default=None, ge=0, le=10_000)
    is_open: bool | None = Field(default=None, description="A closed product is not sold.")


class StoreProductRead(BaseModel):
    """A product, with its price now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 5,
                "merchant": 1,
                "group_id": 2,
                **_EXAMPLE,
                "price": 2500000,
                "price_with_tax": 2750000,
                "is_open": True,
                "created_at": "2026-11-22T09:00:00Z",
            }
        }
    )

    id: int
    merchant: int
    group_id: int
    code: str
    barcode: str | None
    title: str
    title_fa: str
    tag: str | None
    unit: ProductUnit
    price_quantity: int
    tax_rate: int
    price: int | None = Field(description="Null where it has none yet.")
    price_with_tax: int | None
    is_open: bool
    created_at: datetime


class ProductPriceCreate(BaseModel):
    """A price from now or later on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"price": 2700000}})

    price: Price
    valid_from: AwareDatetime | None = Field(default=None, description="Left out, now.")


class ProductPriceRead(BaseModel):
    """A price of the history."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 9,
                "product_id": 5,
                "price": 2700000,
                "valid_from": "2026-11-22T09:00:00Z",
                "created_by": "shop",
            }
        },
    )

    id: int
    product_id: int
    price: int
    valid_from: datetime
    created_by: str


class ChartStep(StrEnum):
    """Length of a step: a day in Tehran, or a month of the Jalali calendar."""

    DAY = "day"
    MONTH = "month"


class PriceStep(BaseModel):
    """How the price moved in one step."""

    starts_at: datetime
    opening: int | None = Field(description="As the step began; null before the first price.")
    highest: int | None
    lowest: int | None
    closing: int | None = Field(description="As it ended.")
    changes: int = Field(description="Prices that began in it.")


class PriceChart(BaseModel):
    """Fluctuation of a price, the earliest step first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "product_id": 5,
                "step": "day",
                "steps": [
                    {
                        "starts_at": "2026-11-21T20:30:00Z",
                        "opening": 2500000,
                        "highest": 2700000,
                        "lowest": 2500000,
                        "closing": 2700000,
                        "changes": 1,
                    }
                ],
            }
        }
    )

    product_id: int
    step: ChartStep
    steps: list[PriceStep]
