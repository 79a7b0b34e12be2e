"""User names: letters a to z, digits and a few signs, the same however they are typed."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from host_api.core.persian_text import fold_digits

_SHAPE = re.compile(r"[a-z0-9][a-z0-9._@-]{2,59}", re.ASCII)


def folded_username(typed: str) -> str:
    """`typed` as user names are kept."""
    return fold_digits(typed.strip()).lower()


def _username(typed: str) -> str:
    folded = folded_username(typed)
    if _SHAPE.fullmatch(folded) is None:
        raise PydanticCustomError(
            "username",
            "A user name has 3 to 60 letters a to z, digits and . _ @ -, and begins with a letter or digit",
        )
    return folded


Username = Annotated[
    str,
    Field(min_length=3, max_length=60, description="Letters a to z, digits and . _ @ -; unique everywhere."),
    AfterValidator(_username),
]
