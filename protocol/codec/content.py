"""What stands between a field's prefix and its end."""

from collections.abc import Callable
from typing import NamedTuple

from protocol.message import Value


class Content(NamedTuple):
    """`parse` takes (raw bytes, count in the field's unit, offset in the payload) and returns the value;
    `build` takes the value and returns (raw bytes, count)."""

    parse: Callable[[bytes, int, int], Value]
    build: Callable[[Value], tuple[bytes, int]]
