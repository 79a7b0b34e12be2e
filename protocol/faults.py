"""The closed set of faults of the message layer.

A fault names the field path, the byte offset and the sizes, never a value: it may be logged as it is.
"""

from enum import StrEnum
from typing import Literal

from protocol.message import Message


class FaultCode(StrEnum):
    """Every way in which bytes or a message can be refused."""

    TRUNCATED = "truncated"
    TRAILING_BYTES = "trailing_bytes"
    OVERSIZE_FRAME = "oversize_frame"
    BAD_HEADER = "bad_header"
    BAD_MESSAGE_TYPE = "bad_message_type"
    BAD_BITMAP = "bad_bitmap"
    UNKNOWN_FIELD = "unknown_field"
    BAD_LENGTH = "bad_length"
    LENGTH_OVER_MAXIMUM = "length_over_maximum"
    BAD_NIBBLE = "bad_nibble"
    BAD_PADDING = "bad_padding"
    BAD_CHARACTER = "bad_character"
    BAD_TAG = "bad_tag"
    DUPLICATE_TAG = "duplicate_tag"
    TOO_MANY_TAGS = "too_many_tags"
    NESTED_TOO_DEEP = "nested_too_deep"
    NON_MINIMAL_LENGTH = "non_minimal_length"
    WRONG_VALUE_TYPE = "wrong_value_type"
    UNKNOWN_MESSAGE_TYPE = "unknown_message_type"
    MISSING_FIELD = "missing_field"
    UNEXPECTED_FIELD = "unexpected_field"
    REFUSED = "refused"
    BAD_SPEC = "bad_spec"


class ProtocolFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A message or its bytes break the spec.

    Parameters: `code` what is wrong; `path` the field, as "48.DF01"; `offset` of the first bad byte in the
    payload, None where there are no bytes yet; `expected` and `actual` sizes in the field's own unit;
    `side` who is to blame: "peer" for bytes that arrived, "local" for a message of ours. `partial` is what
    had been decoded by then; it holds values and stays out of every text.
    """

    def __init__(
        self,
        code: FaultCode,
        path: str = "",
        *,
        offset: int | None = None,
        expected: int | None = None,
        actual: int | None = None,
        side: Literal["peer", "local"] = "peer",
    ) -> None:
        self.code = code
        self.path = path
        self.offset = offset
        self.expected = expected
        self.actual = actual
        self.side = side
        self.partial: Message | None = None
        super().__init__(str(self))

    def move(self, offset: int) -> None:
        """Count the offset from the start of the payload, where it was counted from `offset` on."""
        if self.offset is not None:
            self.offset += offset

    @property
    def response_code(self) -> str:
        """Field 39 that tells the peer: 30 for its format error, 96 for a fault of ours."""
        return "30" if self.side == "peer" else "96"

    def __str__(self) -> str:
        parts = [self.code.replace("_", " ")]
        if self.path:
            parts.append(f"in field {self.path}")
        if self.offset is not None:
            parts.append(f"at byte {self.offset}")
        if self.expected is not None:
            parts.append(f"(expected {self.expected}, got {self.actual})")
        return " ".join(parts)
