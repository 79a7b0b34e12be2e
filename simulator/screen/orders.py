"""What a page may ask of its terminal: one JSON object a message, checked before anything is done."""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.screen.cards import Way

ORDER_BYTES_MAX = 1024


class OrderFault(Exception):  # noqa: N818
    """It is no order; nothing of it is told."""


class Order(BaseModel):
    """One movement of a hand.

    `keys` are the panel's bytes: digits, "\\r" enter, "\\b" clear, "\\x1b" cancel, P, R, B, M. `on` is for
    line, paper and power.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    do: Literal["keys", "card", "remove", "line", "paper", "power"]
    keys: Annotated[str, Field(max_length=32, pattern=r"^[0-9PRBM\r\x08\x1b]*$")] = ""
    card: Annotated[str, Field(max_length=16)] = ""
    way: Way = Way.SWIPE
    on: bool = True


def read_order(text: str) -> Order:
    """The order in a message of a page. Raises OrderFault."""
    if len(text) > ORDER_BYTES_MAX:
        raise OrderFault
    try:
        return Order.model_validate(json.loads(text))
    except (ValueError, RecursionError):  # ValidationError is one
        raise OrderFault from None
