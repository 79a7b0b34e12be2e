"""The settings of terminals that the club gives from afar, and the documents made of them."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from host_api.services.terminals.schemas import Step

Milliseconds = Annotated[int, Field(ge=10, le=60_000)]
LongMilliseconds = Annotated[int, Field(ge=10, le=600_000)]
ShownName = Annotated[str, Field(max_length=32, pattern=r"^[^\x00-\x1f]*$")]
Host = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:_-]+$")]
Seconds = Annotated[int, Field(ge=1, le=86_400)]


class Level(StrEnum):
    """Who gives a setting; each overrides the one before."""

    MERCHANT = "merchant"
    BRANCH = "branch"
    TERMINAL = "terminal"


class TerminalSettings(BaseModel):
    """What terminals take of a signed document; what is left out stays as the board or a higher level has it.

    Names, ranges and meaning are the firmware's own.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"example": {"merchant_name_fa": "فروشگاه نمونه", "amount_limit": 50000000}},
    )

    merchant_name_fa: ShownName | None = None
    merchant_name_en: ShownName | None = None
    languages: Annotated[list[Literal["fa", "en"]], Field(min_length=1, max_length=2)] | None = None
    paper_mm: Literal[58, 80] | None = None
    amount_limit: int | None = Field(
        default=None, ge=1, le=999_999_999_999, description="The highest amount of one sale, rial."
    )
    switch_host: Host | None = None
    switch_port: int | None = Field(default=None, ge=1, le=65_535)
    tls_server_name: Host | None = None
    local_offset_minutes: int | None = Field(default=None, ge=-720, le=840)
    connect_timeout_ms: Milliseconds | None = None
    response_timeout_ms: int | None = Field(default=None, ge=50, le=60_000)
    echo_interval_ms: int | None = Field(default=None, ge=50, le=600_000)
    backoff_first_ms: Milliseconds | None = None
    backoff_limit_ms: LongMilliseconds | None = None
    reversal_retry_ms: Milliseconds | None = None
    key_timeout_ms: int | None = Field(default=None, ge=100, le=600_000)
    card_removal_timeout_ms: int | None = Field(default=None, ge=100, le=600_000)
    notice_ms: Milliseconds | None = None
    logout_ms: int | None = Field(
        default=None,
        ge=1_000,
        le=86_400_000,
        description="An idle operator is logged out after it.",
    )
    route_tries: int | None = Field(default=None, ge=1, le=100)
    route_return_ms: int | None = Field(default=None, ge=50, le=86_400_000)
    session_key_messages: int | None = Field(default=None, ge=0, le=1_000_000)
    session_key_minutes: int | None = Field(default=None, ge=1, le=1_440)
    downloads: bool | None = Field(default=None, description="Whether the terminal asks for files by itself.")
    upkeep_interval_s: Seconds | None = None
    restart_idle_s: Seconds | None = None


class ParametersRead(BaseModel):
    """What one merchant, branch or terminal gives its terminals."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"level": "branch", "holder_id": 5, "settings": {"amount_limit": 50000000}}
        }
    )

    level: Level
    holder_id: int = Field(description="Id of the merchant, branch or terminal.")
    settings: dict[str, object]


class EffectiveParametersRead(BaseModel):
    """The settings that a terminal's next document would have."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "terminal_id": "TERM0001",
                "settings": {"merchant_id": "SHOP01", "amount_limit": 50000000},
                "origins": {"merchant_id": "merchant", "amount_limit": "branch"},
            }
        }
    )

    terminal_id: str
    settings: dict[str, object]
    origins: dict[str, Level] = Field(description="Which level gives each setting.")


class DocumentIssue(BaseModel):
    """Above which sequence the document must be."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"above": 11}})

    above: int = Field(
        default=0,
        ge=0,
        le=0xFFFF_FFFE,
        description="Highest sequence that the terminal may have from documents that were signed elsewhere.",
    )


class ParameterDocumentRead(BaseModel):
    """What is to be signed for one terminal: `settings` is the file's whole content."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "terminal_id": "TERM0001",
                "sequence": 12,
                "settings": {"merchant_id": "SHOP01", "amount_limit": 50000000},
                "steps": [],
            }
        }
    )

    terminal_id: str
    sequence: int = Field(description="Counts up with each document; a terminal takes no lower one.")
    settings: dict[str, object]
    steps: list[Step]
