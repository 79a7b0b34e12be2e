"""What card products take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from host_api.core.money import Rials
from host_api.core.name_type import kept_name
from host_api.services.members.schemas import SwitchText, TierName

CODE_PATTERN: Final = r"^[A-Z0-9]{1,8}$"

_MOST_CARDS: Final = 100_000_000


class ProductKind(StrEnum):
    """What a card is for."""

    LOYALTY = "loyalty"
    EXCLUSIVE = "exclusive"
    MEMBERSHIP = "membership"
    FAN = "fan"
    GIFT = "gift"
    CLUB = "club"
    VIP = "vip"
    SCORING = "scoring"
    PRIZE = "prize"
    PROFIT_SHARE = "profit_share"


class Medium(StrEnum):
    """How a card is read."""

    STRIPE = "stripe"
    BARCODE = "barcode"
    CHIP = "chip"
    CONTACTLESS = "contactless"
    DIGITAL = "digital"


class StaticCode(StrEnum):
    """What stands on a card for a scanner, and doesn't change."""

    NONE = "none"
    QR = "qr"
    CODE_128 = "code128"
    EAN_13 = "ean13"


class ProductStatus(StrEnum):
    """Whether cards of a product may be made and issued."""

    ACTIVE = "active"
    RETIRED = "retired"


def _once(media: list[Medium]) -> list[Medium]:
    return sorted(set(media))


Title = Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]
Media = Annotated[list[Medium], Field(min_length=1, max_length=5), AfterValidator(_once)]
Months = Annotated[int, Field(ge=1, le=240)]
Limit = Annotated[int, Field(ge=0, le=_MOST_CARDS)]
ProductCode = Annotated[str, Field(pattern=CODE_PATTERN, description="Code of a card product.")]


class ProductFields(BaseModel):
    """What may be said of a product and changed later."""

    title: Title = Field(description="Name in English.")
    title_fa: Title = Field(description="Name in Persian.")
    media: Media = Field(default=[Medium.STRIPE], description="How cards of it are read.")
    validity_months: Months | None = Field(
        default=None,
        description="A card is good to the end of the month that comes so much later; null, always.",
    )
    is_pin_wanted: bool = Field(default=False, description="Whether a card is given out with a PIN.")
    price: Rials = 0
    replacement_fee: Rials = 0
    tiers: list[TierName] = Field(
        default=[], max_length=32, description="Only members of these tiers may hold it; empty, all."
    )
    club_levels: list[SwitchText] = Field(
        default=[], max_length=32, description="Only members of these sub-clubs may hold it; empty, all."
    )
    limit_per_member: Limit | None = Field(default=None, description="Cards that a member may hold at once.")
    limit_total: Limit | None = Field(default=None, description="Cards that may ever be issued.")
    limit_per_branch: Limit | None = Field(default=None, description="Cards that a branch may ever issue.")
    limit_per_branch_day: Limit | None = Field(
        default=None, description="Cards that a branch may issue in a day of Tehran."
    )
    is_family_allowed: bool = Field(default=False, description="Whether it may be a supplementary card.")
    static_code: StaticCode = Field(
        default=StaticCode.CODE_128, description="The lasting code on a card; `ean13` is a number of its own."
    )
    moment_code_s: int = Field(
        default=120, ge=30, le=600, description="Seconds that a code on a phone's screen is good for."
    )


class ProductCreate(ProductFields):
    """A new card product."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "code": "GOLD",
                "kind": "vip",
                "title": "Gold card",
                "title_fa": "کارت طلایی",
                "media": ["stripe", "barcode", "digital"],
                "number_digits": "21",
                "validity_months": 36,
                "price": 500000,
                "tiers": ["gold", "platinum"],
                "limit_per_member": 1,
            }
        },
    )

    code: ProductCode
    kind: ProductKind = ProductKind.LOYALTY
    number_digits: str = Field(
        default="",
        pattern=r"^[0-9]{0,2}$",
        description="Digits behind the club's prefix that its numbers share.",
    )


class ProductChange(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"limit_per_branch_day": 50}})

    title: Title | None = None
    title_fa: Title | None = None
    media: Media | None = None
    validity_months: Months | None = None
    is_pin_wanted: bool | None = None
    price: Rials | None = None
    replacement_fee: Rials | None = None
    tiers: list[TierName] | None = Field(default=None, max_length=32)
    club_levels: list[SwitchText] | None = Field(default=None, max_length=32)
    limit_per_member: Limit | None = None
    limit_total: Limit | None = None
    limit_per_branch: Limit | None = None
    limit_per_branch_day: Limit | None = None
    is_family_allowed: bool | None = None
    static_code: StaticCode | None = None
    moment_code_s: int | None = Field(default=None, ge=30, le=600)
    status: ProductStatus | None = None


class ProductRead(BaseModel):
    """A card product."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 3,
                "code": "GOLD",
                "card_type": "GOLD",
                "kind": "vip",
                "title": "Gold card",
                "title_fa": "کارت طلایی",
                "media": ["barcode", "digital", "stripe"],
                "number_digits": "21",
                "validity_months": 36,
                "is_pin_wanted": False,
                "price": 500000,
                "replacement_fee": 0,
                "tiers": ["gold", "platinum"],
                "club_levels": [],
                "limit_per_member": 1,
                "limit_total": None,
                "limit_per_branch": None,
                "limit_per_branch_day": None,
                "is_family_allowed": False,
                "static_code": "code128",
                "moment_code_s": 120,
                "status": "active",
                "created_at": "2026-03-21T06:30:00Z",
                "version": 1,
            }
        },
    )

    id: int
    code: str
    card_type: str = Field(description="What the switch and the rules call it; every gift product is GIFT.")
    kind: ProductKind
    title: str
    title_fa: str
    media: list[Medium]
    number_digits: str
    validity_months: int | None
    is_pin_wanted: bool
    price: int
    replacement_fee: int
    tiers: list[str]
    club_levels: list[str]
    limit_per_member: int | None
    limit_total: int | None
    limit_per_branch: int | None
    limit_per_branch_day: int | None
    is_family_allowed: bool
    static_code: StaticCode
    moment_code_s: int
    status: ProductStatus
    created_at: datetime
    version: int
