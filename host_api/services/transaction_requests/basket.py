"""The lines that come back, as tag DF10 of a return has them (docs/messages.md)."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

# No separators of the tag's own, no control characters.
_Word = Annotated[str, Field(max_length=32, pattern=r"^[^,;+\x00-\x1f\x7f-\x9f]*$")]

LINES_MAX = 64
BYTES_MAX = 480


class ReturnLine(BaseModel):
    """One line of the sale's basket that comes back, whole or in part."""

    model_config = ConfigDict(extra="forbid")

    sku: _Word = Field(default="", description="As the sale had it; this or the category may be empty.")
    category: _Word = ""
    quantity: int = Field(default=1, ge=1, le=999_999)
    amount: int = Field(ge=1, le=999_999_999_999, description="Of all that comes back of it, minor units.")

    @model_validator(mode="after")
    def _check_named(self) -> "ReturnLine":
        if not (self.sku or self.category):
            raise ValueError("a line has a sku or a category")
        return self


def basket_text(lines: list[ReturnLine]) -> str:
    """The tag's text."""
    return ";".join(f"{line.sku},{line.category},{line.quantity},{line.amount}" for line in lines)
