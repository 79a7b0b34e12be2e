"""Texts of content as field types, and the last part of a page's address."""

import re
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, StringConstraints

from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.core.persian_text import search_words

LONGEST_SLUG: Final = 80
_SLUG_LETTER: Final = "[a-z0-9آئاب-غف-هوپچژکگی]"
SLUG_PATTERN: Final = rf"^{_SLUG_LETTER}+(-{_SLUG_LETTER}+)*$"
_NO_SLUG_LETTER: Final = re.compile(_SLUG_LETTER.replace("[", "[^", 1))
_PRINTED: Final = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]+$"


def _one_line_end(value: object) -> object:
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


RowId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Title = Annotated[str, Field(min_length=1, max_length=120), kept_name(120)]
ShortTitle = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Slug = Annotated[str, Field(pattern=SLUG_PATTERN, max_length=LONGEST_SLUG)]
Abstract = Annotated[
    str,
    BeforeValidator(_one_line_end),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=_PRINTED),
]
LongText = Annotated[
    str,
    BeforeValidator(_one_line_end),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=30_000, pattern=_PRINTED),
]
WebAddress = Annotated[
    str,
    Field(
        max_length=300,
        pattern=r"^https://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[\x21-\x7e]*)?$",
        examples=["https://example.com/page"],
    ),
]


def slug_of(title: str) -> str:
    """What stands for a title in an address; empty where the title has no letter that may."""
    words = (_NO_SLUG_LETTER.sub("", word) for word in search_words(title.replace("-", " ")))
    return "-".join(word for word in words if word)[:LONGEST_SLUG].strip("-")
