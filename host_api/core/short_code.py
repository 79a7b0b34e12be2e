"""Short codes of the club's own: they go to the switch with records, and rules name them."""

from typing import Annotated, Final

from pydantic import Field

SHORT_CODE_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,15}$"

ShortCode = Annotated[
    str,
    Field(
        pattern=SHORT_CODE_PATTERN,
        description="Latin letters, digits, `_` and `-`, at most 16; records and rules have it.",
        examples=["GROCERS"],
    ),
]
