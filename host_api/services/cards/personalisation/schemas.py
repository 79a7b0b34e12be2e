"""What designs and batches take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from host_api.core.name_type import kept_name
from host_api.services.cards.schemas import Key

# ISO/IEC 7810, ID-1: 85.60 mm by 53.98 mm.
CARD_WIDTH_UM: Final = 85_600
CARD_HEIGHT_UM: Final = 53_980
LARGEST_BATCH: Final = 20_000
_MOST_CARDS_NAMED: Final = 1000


class Side(StrEnum):
    """A side of a card."""

    FRONT = "front"
    BACK = "back"


class ElementKind(StrEnum):
    """What stands on a card."""

    LOGO = "logo"
    ARTWORK = "artwork"
    CARD_NAME = "card_name"
    TEXT = "text"
    MEMBER_NAME = "member_name"
    MEMBER_NUMBER = "member_number"
    CARD_NUMBER = "card_number"
    EXPIRY = "expiry"
    BARCODE = "barcode"
    STRIPE = "stripe"


class DesignStatus(StrEnum):
    """Whether batches may be made of a design."""

    ACTIVE = "active"
    RETIRED = "retired"


class Element(BaseModel):
    """One thing on a side of the card, measured from its upper left corner in micrometres."""

    model_config = ConfigDict(extra="forbid")

    side: Side
    kind: ElementKind
    x_um: int = Field(ge=0, le=CARD_WIDTH_UM)
    y_um: int = Field(ge=0, le=CARD_HEIGHT_UM)
    width_um: int = Field(ge=100, le=CARD_WIDTH_UM)
    height_um: int = Field(ge=100, le=CARD_HEIGHT_UM)
    file_id: Key | None = Field(default=None, description="Of a logo or artwork: a file given by /v1/files.")
    text: str | None = Field(default=None, max_length=200, description="Of a text: what it says.")

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.x_um + self.width_um > CARD_WIDTH_UM or self.y_um + self.height_um > CARD_HEIGHT_UM:
            raise PydanticCustomError(
                "element_beyond_card",
                "The element goes beyond the edge of the card",
                {"message_fa": "این بخش از لبهٔ کارت بیرون می‌زند."},
            )
        is_picture = self.kind in (ElementKind.LOGO, ElementKind.ARTWORK)
        if is_picture != (self.file_id is not None) or (self.kind is ElementKind.TEXT) != bool(self.text):
            raise PydanticCustomError(
                "element_content",
                "A logo or artwork has a file, a text has a text, others have neither",
                {"message_fa": "نشان و تصویر فایل دارند، نوشته متن دارد و بقیه هیچ‌کدام را."},
            )
        return self


class FileFormat(StrEnum):
    """How a batch's file is written; see docs/card-file.md."""

    CSV = "csv"
    FIXED = "fixed"


class BatchState(StrEnum):
    """Where a batch stands."""

    MAKING = "making"
    READY = "ready"
    TAKEN = "taken"
    CONFIRMED = "confirmed"


class PrintFault(StrEnum):
    """Why a card was rejected."""

    PRINT = "print"
    STRIPE = "stripe"
    CHIP = "chip"
    BARCODE = "barcode"
    PLASTIC = "plastic"
    OTHER = "other"


Name = Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]
CardName = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Elements = Annotated[list[Element], Field(max_length=40)]
Tracks = Annotated[
    list[Annotated[int, Field(ge=1, le=2)]],
    Field(max_length=2),
    AfterValidator(lambda tracks: sorted(set(tracks))),
]
ServiceCode = Annotated[str, Field(pattern=r"^[0-9]{3}$")]
Zone = Annotated[int, Field(ge=1, le=65_535)]
Generation = Annotated[int, Field(ge=1, le=255)]

_DESIGN: Final[dict[str, JsonValue]] = {
    "name": "Gold, spring",
    "card_name": "کارت طلایی",
    "elements": [
        {
            "side": "front",
            "kind": "card_number",
            "x_um": 8000,
            "y_um": 30000,
            "width_um": 69000,
            "height_um": 5000,
            "file_id": None,
            "text": None,
        }
    ],
    "tracks": [1, 2],
    "service_code": "701",
    "chip_zone": None,
    "chip_generation": None,
}


class DesignCreate(BaseModel):
    """A new design."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _DESIGN})

    name: Name
    card_name: CardName = Field(description="What the card is called on its front.")
    elements: Elements = []
    tracks: Tracks = Field(default=[1, 2], description="Tracks of the stripe that are written.")
    service_code: ServiceCode = Field(
        default="701", description="ISO/IEC 7813; a 7 in front says that only the club's terminals take it."
    )
    chip_zone: Zone | None = Field(
        default=None, description="Key zone of the card application; null, no chip."
    )
    chip_generation: Generation | None = None


class DesignChange(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"status": "retired"}})

    name: Name | None = None
    card_name: CardName | None = None
    elements: Elements | None = None
    tracks: Tracks | None = None
    service_code: ServiceCode | None = None
    chip_zone: Zone | None = None
    chip_generation: Generation | None = None
    status: DesignStatus | None = None


class DesignRead(BaseModel):
    """A design."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 2,
                **_DESIGN,
                "status": "active",
                "created_at": "2026-03-21T06:30:00Z",
                "version": 1,
            }
        },
    )

    id: int
    name: str
    card_name: str
    elements: list[Element]
    tracks: list[int]
    service_code: str
    chip_zone: int | None
    chip_generation: int | None
    status: DesignStatus
    created_at: datetime
    version: int


class BatchCreate(BaseModel):
    """Cards that are to be made: all of an order, or those named."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"design_id": 2, "order_id": 4, "file_format": "fixed"}}
    )

    design_id: Key
    order_id: Key | None = None
    card_ids: Annotated[list[Key], Field(max_length=_MOST_CARDS_NAMED)] = []
    file_format: FileFormat = FileFormat.CSV

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if (self.order_id is None) == (not self.card_ids):
            raise PydanticCustomError(
                "batch_cards", "Name an order or cards", {"message_fa": "یک سفارش یا چند کارت را نام ببرید."}
            )
        return self


class RejectedCard(BaseModel):
    """A card of a batch that is no good."""

    model_config = ConfigDict(extra="forbid")

    sequence: int = Field(ge=1, le=LARGEST_BATCH, description="Its number in the file.")
    fault: PrintFault


class BatchConfirmation(BaseModel):
    """What came out of the bureau's check."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"good": 998, "rejected": [{"sequence": 17, "fault": "stripe"}]}},
    )

    good: int = Field(ge=0, le=LARGEST_BATCH)
    rejected: Annotated[list[RejectedCard], Field(max_length=_MOST_CARDS_NAMED)] = []


class BatchRead(BaseModel):
    """A batch."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 6,
                "design_id": 2,
                "order_id": 4,
                "reprints_id": None,
                "file_format": "fixed",
                "state": "confirmed",
                "cards": 1000,
                "rejected": 2,
                "job_run_id": 18,
                "created_at": "2026-03-21T06:30:00Z",
                "taken_at": "2026-03-21T07:00:00Z",
                "taken_by": "sara",
                "confirmed_at": "2026-03-28T07:00:00Z",
                "confirmed_by": "reza",
            }
        },
    )

    id: int
    design_id: int
    order_id: int | None
    reprints_id: int | None = Field(description="The batch whose rejected cards these are.")
    file_format: FileFormat
    state: BatchState = Field(
        description="`making`; `ready`: its file can be taken out, once; `taken`; `confirmed`, it is gone."
    )
    cards: int
    rejected: int
    job_run_id: int | None
    created_at: datetime
    taken_at: datetime | None
    taken_by: str | None
    confirmed_at: datetime | None
    confirmed_by: str | None
