"""What storefronts, goods and privileges take and give. Prices are rials."""

from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.services.groups.query_schema import Query
from host_api.services.instalment_sales.logic import InstalmentTerms
from host_api.services.members.interests.schemas import InterestCode
from host_api.services.storefronts.fronts.states import ShowState, StorefrontGoodKind

MOST_OF_ONE: Final = 1_000
_LARGEST_PRICE: Final = LARGEST_AMOUNT // MOST_OF_ONE
_MOST_PICTURES: Final = 10

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Told = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]*$")]
Contact = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]
Pictures = Annotated[list[Id], Field(max_length=_MOST_PICTURES, description="Files, in the order shown.")]
Price = Annotated[int, Field(ge=1, le=_LARGEST_PRICE)]
Stock = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT, description="How many are left; null for no end.")]
ConfirmHours = Annotated[
    int, Field(ge=1, le=720, description="So long the seller has to confirm an order; then it lapses.")
]
DeliverDays = Annotated[
    int, Field(ge=1, le=365, description="So long the seller has to deliver what is confirmed.")
]
ReturnDays = Annotated[
    int, Field(ge=0, le=90, description="So long what was delivered can go back; points come after that.")
]

_FRONT: Final[JsonDict] = {
    "name": "عسل کوهستان",
    "description": "عسل طبیعی سبلان",
    "contact": "09120000000",
    "file_ids": [],
    "confirm_hours": 48,
    "deliver_days": 7,
    "return_days": 7,
}
_DECISION: Final[JsonDict] = {
    "state": "shown",
    "asked_by": "app",
    "asked_at": "2026-03-21T06:30:00Z",
    "decided_by": "نگار",
    "decided_at": "2026-03-21T07:00:00Z",
}


class StorefrontCreate(BaseModel):
    """A new storefront."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"seller_id": 3, **_FRONT}})

    seller_id: Id
    name: Title
    description: Told = ""
    contact: Contact | None = Field(default=None, description="Shown to members who have ordered.")
    file_ids: Pictures = []
    confirm_hours: ConfirmHours = 48
    deliver_days: DeliverDays = 7
    return_days: ReturnDays = 7


class StorefrontUpdate(BaseModel):
    """What is to be different; name, description and pictures want a second person again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"deliver_days": 3}})

    name: Title | None = None
    description: Told | None = None
    contact: Contact | None = None
    file_ids: Pictures | None = None
    confirm_hours: ConfirmHours | None = None
    deliver_days: DeliverDays | None = None
    return_days: ReturnDays | None = None
    is_closed: bool = Field(default=False, description="Take it away for good; orders go on.")


class ShownDecision(BaseModel):
    """Who asked for something to be shown, and who decided."""

    model_config = ConfigDict(json_schema_extra={"example": dict(_DECISION)})

    state: ShowState
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class StorefrontRead(ShownDecision):
    """A storefront."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "seller_id": 3,
                **{key: value for key, value in _FRONT.items() if key != "contact"},
                **_DECISION,
            }
        }
    )

    id: int
    seller_id: int
    name: str
    description: str
    file_ids: list[int]
    confirm_hours: int
    deliver_days: int
    return_days: int


_GOOD: Final[JsonDict] = {
    "storefront_id": 4,
    "kind": "goods",
    "name": "عسل گون یک کیلویی",
    "description": "برداشت تابستان",
    "interest": "food",
    "price_rials": 4_500_000,
    "stock": 20,
    "file_ids": [],
}


class StorefrontGoodCreate(BaseModel):
    """Goods or a service that a storefront presents."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": dict(_GOOD)})

    storefront_id: Id
    kind: StorefrontGoodKind = StorefrontGoodKind.GOODS
    name: Title
    description: Told = ""
    interest: InterestCode | None = Field(default=None, description="The club's tag that it belongs to.")
    price_rials: Price
    stock: Stock | None = None
    file_ids: Pictures = []


class StorefrontGoodUpdate(BaseModel):
    """What is to be different; name, description, interest and pictures want a second person again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"price_rials": 4_200_000}})

    name: Title | None = None
    description: Told | None = None
    interest: InterestCode | None = None
    price_rials: Price | None = None
    stock: Stock | None = None
    file_ids: Pictures | None = None
    is_offered: bool | None = Field(default=None, description="Whether it can be ordered now.")


class StorefrontGoodRead(ShownDecision):
    """Goods or a service with all that is kept of it."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"id": 9, **_GOOD, "is_offered": True, **_DECISION}}
    )

    id: int
    storefront_id: int
    kind: StorefrontGoodKind
    name: str
    description: str
    interest: str | None
    price_rials: int
    stock: int | None
    file_ids: list[int]
    is_offered: bool


class StorefrontOfferRead(BaseModel):
    """Goods or a service as members find it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 9,
                **{key: value for key, value in _GOOD.items() if key != "stock"},
                "storefront_name": "عسل کوهستان",
                "is_sold_out": False,
            }
        }
    )

    id: int
    storefront_id: int
    storefront_name: str
    kind: StorefrontGoodKind
    name: str
    description: str
    interest: str | None
    price_rials: int
    file_ids: list[int]
    is_sold_out: bool


_PRIVILEGE: Final[JsonDict] = {
    "storefront_id": 4,
    "good_id": 9,
    "title": "Autumn honey",
    "title_fa": "عسل پاییزی",
    "audience": {"f": "tier", "op": "=", "v": "gold"},
    "starts_at": "2026-09-23T00:00:00+03:30",
    "ends_at": "2026-10-23T00:00:00+03:30",
    "discount_bp": 1_000,
    "bonus_points": 30,
    "instalments": {"instalments": 3, "rate_bp": 0},
    "quantity": 50,
    "most_per_member": 2,
}


class StorefrontPrivilegeCreate(BaseModel):
    """What a seller grants members at own discretion."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": dict(_PRIVILEGE)})

    storefront_id: Id
    good_id: Id | None = Field(default=None, description="Of these goods only; null: of all.")
    title: Title
    title_fa: Title
    audience: Query | None = Field(default=None, description="Which members; null: all.")
    starts_at: AwareDatetime | None = Field(default=None, description="Now unless told otherwise.")
    ends_at: AwareDatetime | None = None
    discount_bp: int = Field(default=0, ge=0, le=9_999, description="Off the price, in 1/10,000.")
    bonus_points: int = Field(
        default=0, ge=0, le=1_000_000, description="Points for each one bought, at the seller's cost."
    )
    instalments: InstalmentTerms | None = Field(default=None, description="How it may be paid in parts.")
    quantity: Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)] | None = Field(
        default=None, description="So many can be bought with it in all; null for no end."
    )
    most_per_member: Annotated[int, Field(ge=1, le=10_000)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.starts_at is not None and self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("ends_at comes before starts_at")
        return self


class StorefrontPrivilegeUpdate(BaseModel):
    """When a privilege ends; what was ordered keeps it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"ends_at": "2026-10-01T00:00:00+03:30"}}
    )

    ends_at: AwareDatetime


class StorefrontPrivilegeRead(ShownDecision):
    """A privilege."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 6,
                **{key: value for key, value in _PRIVILEGE.items() if key != "quantity"},
                "left": 48,
                **_DECISION,
            }
        }
    )

    id: int
    storefront_id: int
    good_id: int | None
    title: str
    title_fa: str
    audience: Query | None
    starts_at: datetime
    ends_at: datetime | None
    discount_bp: int
    bonus_points: int
    instalments: InstalmentTerms | None
    left: int | None
    most_per_member: int | None
