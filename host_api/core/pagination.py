"""Cursor pagination: bounded pages, each cursor saying after which row the next one begins."""

import base64
import binascii
import re
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

ItemT = TypeVar("ItemT")

LARGEST_PAGE = 200
_POSITION = re.compile(r"after:([0-9]{1,18})", re.ASCII)


class Page(BaseModel, Generic[ItemT]):
    """One page of a list."""

    items: list[ItemT]
    next_cursor: str | None = Field(
        description="Send as `cursor` for the next page; null on the last one.", examples=["YWZ0ZXI6MTI"]
    )


def encode_cursor(position: int) -> str:
    """The cursor of a page that begins after `position`."""
    return base64.urlsafe_b64encode(f"after:{position}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> int:
    """The position in a cursor.

    Raises:
        PydanticCustomError: the text is not a cursor of this API.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    match = _POSITION.fullmatch(text)
    if match is None:
        raise PydanticCustomError("cursor", "The cursor is not one that this API gave")
    return int(match[1])


def _check_cursor(cursor: str) -> str:
    decode_cursor(cursor)
    return cursor


Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Most items on the page.")]
Cursor = Annotated[
    Annotated[str, AfterValidator(_check_cursor)] | None,
    Query(max_length=64, description="`next_cursor` of the page before."),
]


def position_of(cursor: str | None) -> int | None:
    """The position after which a page begins, None for the first page."""
    return None if cursor is None else decode_cursor(cursor)


def cut_page(rows: list[ItemT], limit: int) -> tuple[list[ItemT], bool]:
    """The first `limit` of rows read one over the limit, and whether there are more."""
    return rows[:limit], len(rows) > limit
