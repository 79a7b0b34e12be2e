"""What is told of draws; the form that `docs/club-services/verify_draw.py` reads."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from host_api.core.verifiable_draw import PART_SIZE
from host_api.services.draws.models import DrawState

PublicText = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]

_COMMITMENT = "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
_SEED = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
_ROOT = "fe14a5426fbd70c0fa73f52342afed0da0bd23c4838662ccf6b88a3070ead97b"
DRAW_EXAMPLE: JsonDict = {
    "format": "vafa draw 1",
    "state": "drawn",
    "commitment": _COMMITMENT,
    "entries": 5,
    "digest": _ROOT,
    "public_value_source": "شاخص کل بورس تهران در پایان روز بسته شدن",
    "public_value": "2187342.5",
    "seed": _SEED,
    "winners_wanted": 1,
    "one_win_each": "participant",
    "closed_at": "2026-04-04T20:30:00Z",
    "drawn_at": "2026-04-05T11:00:00Z",
    "winners": [{"rank": 1, "position": 4, "ticket": "K7QW2M9XAB-1", "participant": "9f3c61d2a07be415"}],
}
PROOFS_EXAMPLE: JsonDict = {
    "digest": _ROOT,
    "proofs": [
        {
            "ticket": "K7QW2M9XAB-1",
            "participant": "9f3c61d2a07be415",
            "entry": "K7QW2M9XAB-1 9f3c61d2a07be415",
            "chances": 1,
            "position": 4,
            "entries": 5,
            "path": ["33376a3bd63e9993708a84ddfe6c28ae58b83505dd1fed711bd924ec5a6239f0"],
        }
    ],
    "next_after": None,
}
PART_EXAMPLE: JsonDict = {
    "part": 0,
    "part_size": PART_SIZE,
    "parts": 1,
    "lines": ["K7QW2M9XAB-1 9f3c61d2a07be415"],
}


class DrawWinnerRead(BaseModel):
    """An entry that was drawn."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "rank": 1,
                "position": 4,
                "ticket": "K7QW2M9XAB-1",
                "participant": "9f3c61d2a07be415",
            }
        }
    )

    rank: int = Field(description="1 was drawn first.")
    position: int = Field(description="In the list of entries, from 0.")
    ticket: str
    participant: str = Field(description="The member's name in this draw, which the member is told.")


class DrawRead(BaseModel):
    """All that is public of a draw; with the list of entries anybody can repeat it."""

    model_config = ConfigDict(json_schema_extra={"example": DRAW_EXAMPLE})

    format: Literal["vafa draw 1"] = "vafa draw 1"
    state: DrawState
    commitment: str = Field(description="SHA-256 of the seed, published before the first entry.")
    entries: int = Field(description="How many, once the list is closed.")
    digest: str | None = Field(
        description="Merkle root of the list of entries (RFC 6962), once it is closed."
    )
    public_value_source: str | None = Field(description="What is mixed in that nobody could know before.")
    public_value: str | None
    seed: str | None = Field(description="Told after the draw, hexadecimal.")
    winners_wanted: int
    one_win_each: Literal["participant", "ticket"]
    closed_at: datetime | None
    drawn_at: datetime | None
    winners: list[DrawWinnerRead]


class DrawEntryProof(BaseModel):
    """That a ticket stands in the list under the digest."""

    ticket: str
    participant: str
    entry: str = Field(description="The line of the list.")
    chances: int = Field(description="So many lines in a row are the ticket's.")
    position: int = Field(description="Of the first of them.")
    entries: int
    path: list[str] = Field(description="Neighbours' hashes from the leaf up (RFC 6962, 2.1.1).")


class DrawProofsRead(BaseModel):
    """Proofs for the tickets of one member."""

    model_config = ConfigDict(json_schema_extra={"example": PROOFS_EXAMPLE})

    digest: str | None = Field(description="Null until the list is closed.")
    proofs: list[DrawEntryProof]
    next_after: int | None = Field(description="Send as `after` for more.")


class DrawPartRead(BaseModel):
    """Some lines of the list of entries."""

    model_config = ConfigDict(json_schema_extra={"example": PART_EXAMPLE})

    part: int
    part_size: int
    parts: int
    lines: list[str]


class DrawValueCreate(BaseModel):
    """The public value, as it was published."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"value": "2187342.5"}})

    value: PublicText
