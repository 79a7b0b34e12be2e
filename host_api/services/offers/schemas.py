"""What the offers service takes and gives."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from host_api.core.jalali import CalendarDate
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.core.short_code import ShortCode
from host_api.services.draws.logic import MOST_WINNERS
from host_api.services.groups.query_schema import Query
from host_api.services.offers.seasons import Season, Weekday

LARGEST_AMOUNT: Final = 10**15
MOST_PLACES: Final = 1_000_000
TILL_TEXT_BYTES: Final = 96


class OfferKind(StrEnum):
    """What an offer holds out: a prize; less to pay, by a rule or a code; a price; or no money at all."""

    GIFT = "gift"
    DISCOUNT = "discount"
    SPECIAL_PRICE = "special_price"
    PRIVILEGE = "privilege"


class OfferState(StrEnum):
    """What people have decided of an offer; whether it holds also depends on the day."""

    DRAFT = "draft"
    OPEN = "open"
    PAUSED = "paused"
    ENDED = "ended"


class Allocation(StrEnum):
    """Who of the audience gets the offer: everybody, who claims first, the best by score, or who is drawn."""

    ALL = "all"
    FIRST_COME = "first_come"
    SCORE = "score"
    DRAW = "draw"


class OfferedState(StrEnum):
    """Where a member's offer stands; CANDIDATE waits for the ranking to end."""

    CANDIDATE = "candidate"
    OFFERED = "offered"
    CLAIMED = "claimed"
    USED = "used"
    EXPIRED = "expired"


def _is_short(text: str) -> str:
    if len(text.encode()) > TILL_TEXT_BYTES:
        raise PydanticCustomError(
            "text_too_long",
            "At most 96 bytes: 96 Latin or 48 Persian letters",
            {"message_fa": "حداکثر ۹۶ بایت: ۴۸ حرف فارسی یا ۹۶ حرف لاتین"},
        )
    return text


Title = Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]
Text = Annotated[str, Field(min_length=1, max_length=500), kept_name(500)]
TillText = Annotated[str, Field(min_length=1, max_length=96), kept_name(96), AfterValidator(_is_short)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
MerchantId = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,15}$")]
BranchName = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,15}/[1-9][0-9]{0,5}$", examples=["SHOP01/2"])]
Degrees = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class Place(BaseModel):
    """Where members hear of an offer in passing."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"latitude": 35.700654, "longitude": 51.338057, "radius_m": 300}},
    )

    latitude: Degrees = Field(description="WGS 84.")
    longitude: Longitude
    radius_m: int = Field(ge=10, le=50_000)


_EXAMPLE: JsonDict = {
    "kind": "discount",
    "title": "A fifth off at Nowruz",
    "title_fa": "یک‌پنجم تخفیف نوروزی",
    "text": "20 % off once in the days before Nowruz.",
    "text_fa": "یک بار بیست درصد تخفیف در روزهای پیش از نوروز.",
    "till_text": "20 % off is waiting for you in the app",
    "till_text_fa": "۲۰٪ تخفیف در برنامه منتظر شماست",
    "rule_id": "CMP-04",
    "group_id": 3,
    "first_day": "1405-12-01",
    "last_day": "1405-12-29",
    "audience": {"f": "tier", "op": "in", "v": ["gold"]},
    "stock": 500,
    "allocation": "first_come",
}


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid")

    till_text: TillText | None = Field(
        default=None, description="What the receipt says where the suggester chose this offer."
    )
    till_text_fa: TillText | None = None
    points_needed: int = Field(
        default=0, ge=0, le=LARGEST_AMOUNT, description="What its rule takes; the suggester looks at it."
    )
    seasons: Annotated[list[Season], Field(max_length=12)] = Field(
        default=[], description="Only these days of each Jalali year; one day is a season, too."
    )
    weekdays: Annotated[list[Weekday], Field(max_length=7)] = Field(default=[])
    audience: Query | None = Field(default=None, description="Who may have it; left out, everybody.")
    merchants: Annotated[list[MerchantId], Field(max_length=200)] = Field(
        default=[], description="Where it holds; no merchants and no branches is everywhere."
    )
    branches: Annotated[list[BranchName], Field(max_length=200)] = Field(default=[])
    interests: Annotated[list[ShortCode], Field(max_length=20)] = Field(
        default=[],
        description="Codes of interests that it suits; the suggester prefers it for those members.",
    )
    stock: int | None = Field(default=None, ge=0, le=LARGEST_AMOUNT, description="None is without end.")
    use_days: int | None = Field(
        default=None, ge=1, le=3650, description="So many days a member has for it; else until its last day."
    )
    place: Place | None = None


class OfferCreate(_Content):
    """A new offer, as a draft."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _EXAMPLE})

    kind: OfferKind
    title: Title
    title_fa: Title
    text: Text
    text_fa: Text
    first_day: CalendarDate
    last_day: CalendarDate
    prize_id: Id | None = Field(default=None, description="Of a gift.")
    pool_id: Id | None = Field(default=None, description="Of a discount: the pool that its codes come from.")
    rule_id: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$",
        description="The rule that gives it at the till; its use is noted by itself.",
    )
    group_id: Id | None = Field(
        default=None,
        description="The static group that the rule asks for: who claims is put in until the use or end.",
    )
    sku: str | None = Field(default=None, min_length=1, max_length=32, pattern=r"^[\x21-\x7e]+$")
    price: int | None = Field(default=None, ge=0, le=LARGEST_AMOUNT, description="Rial, of a special price.")
    privilege: ShortCode | None = Field(default=None, description="Of a privilege, such as `fast-checkout`.")
    per_member: int = Field(default=1, ge=1, le=1000, description="So often a member may claim it.")
    allocation: Allocation = Allocation.FIRST_COME
    places: int | None = Field(
        default=None, ge=1, le=MOST_PLACES, description="How many get it by score or by draw."
    )

    @model_validator(mode="after")
    def _fits_kind(self) -> "OfferCreate":
        given = {
            name
            for name in ("prize_id", "pool_id", "rule_id", "group_id", "sku", "price", "privilege")
            if getattr(self, name) is not None
        }
        needed, allowed = _PARTS[self.kind]
        by_code = self.kind is OfferKind.DISCOUNT and "pool_id" in given
        if by_code:
            needed, allowed = {"pool_id"}, {"pool_id"}
        if not needed <= given or not given <= allowed:
            raise ValueError(f"{self.kind} wants {sorted(needed)} and may have {sorted(allowed)}")
        if self.group_id is not None and self.rule_id is None:
            raise ValueError("a group is for a rule")
        if self.last_day < self.first_day:
            raise ValueError("the last day comes before the first")
        if (self.places is not None) != (self.allocation in {Allocation.SCORE, Allocation.DRAW}):
            raise ValueError("places are for allocation by score or by draw, and needed there")
        if self.allocation is Allocation.DRAW and (self.places or 0) > MOST_WINNERS:
            raise ValueError(f"a draw has at most {MOST_WINNERS} winners")
        if (self.till_text is None) != (self.till_text_fa is None):
            raise ValueError("the receipt's text is wanted in both languages")
        return self


_PARTS: Final[dict[OfferKind, tuple[set[str], set[str]]]] = {
    OfferKind.GIFT: ({"prize_id"}, {"prize_id"}),
    OfferKind.DISCOUNT: ({"rule_id"}, {"rule_id", "group_id"}),
    OfferKind.SPECIAL_PRICE: ({"rule_id", "price"}, {"rule_id", "group_id", "sku", "price"}),
    OfferKind.PRIVILEGE: ({"privilege"}, {"privilege"}),
}


class OfferUpdate(BaseModel):
    """What is to change; what is left out stays. What it gives and to how many stays with the offer."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"stock": 800}})

    title: Title | None = None
    title_fa: Title | None = None
    text: Text | None = None
    text_fa: Text | None = None
    till_text: TillText | None = None
    till_text_fa: TillText | None = None
    last_day: CalendarDate | None = None
    seasons: Annotated[list[Season], Field(max_length=12)] | None = None
    weekdays: Annotated[list[Weekday], Field(max_length=7)] | None = None
    audience: Query | None = None
    stock: int | None = Field(default=None, ge=0, le=LARGEST_AMOUNT)
    place: Place | None = None


class OfferRead(_Content):
    """An offer."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_EXAMPLE,
                "id": 4,
                "state": "open",
                "first_day": "2027-02-20",
                "last_day": "2027-03-20",
                "taken": 17,
                "holds_today": False,
                "is_drawn": False,
                "created_at": "2026-11-22T08:00:00Z",
                "allocated_at": None,
            }
        }
    )

    id: int
    kind: OfferKind
    state: OfferState
    title: str
    title_fa: str
    text: str
    text_fa: str
    first_day: date
    last_day: date
    prize_id: int | None = None
    pool_id: int | None = None
    rule_id: str | None = None
    group_id: int | None = None
    sku: str | None = None
    price: int | None = None
    privilege: str | None = None
    per_member: int = 1
    allocation: Allocation
    places: int | None = None
    taken: int = Field(description="How many were claimed.")
    holds_today: bool = Field(description="Whether today in Tehran is one of its days, and it is open.")
    is_drawn: bool = Field(default=False, description="Whether it has a draw; see its public page.")
    created_at: datetime
    allocated_at: datetime | None = None


class OfferedRead(BaseModel):
    """A member's offer."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "offer_id": 4,
                "member_id": 12,
                "state": "claimed",
                "source": "allocation",
                "claims": 1,
                "uses": 0,
                "offered_at": "2026-11-22T08:00:00Z",
                "ends_at": "2026-12-22T20:30:00Z",
                "opened_at": "2026-11-22T09:00:00Z",
                "claimed_at": "2026-11-22T09:00:05Z",
                "used_at": None,
                "given_id": 31,
                "used_rrn": None,
            }
        }
    )

    offer_id: int
    member_id: int
    state: OfferedState
    source: str = Field(description="What gave it: `allocation`, `claim`, `place`, or `campaign 5`.")
    claims: int
    uses: int
    offered_at: datetime
    ends_at: datetime
    opened_at: datetime | None
    claimed_at: datetime | None
    used_at: datetime | None
    given_id: int | None = Field(description="The award of a gift, or the code of a pool.")
    used_rrn: str | None = Field(description="The transaction in which its rule was seen.")


class MemberChosen(BaseModel):
    """Whom it is about."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"member_id": 12}})

    member_id: Id


class UseWanted(MemberChosen):
    """A claimed offer is used at a counter."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"member_id": 12, "merchant_id": "SHOP01"}}
    )

    merchant_id: MerchantId | None = Field(default=None, description="Needed where it holds at some only.")
    branch_number: int | None = Field(default=None, ge=1, le=999_999)
