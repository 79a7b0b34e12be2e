"""Texts with variables: what stands in braces is put in as the text is written for one member."""

import re
from collections.abc import Collection, Mapping
from typing import Final, TypeVar

from pydantic import JsonValue
from pydantic_core import PydanticCustomError

from host_api.core.persian_text import persian_digits

VARIABLE_PATTERN: Final = r"^[a-z][a-z0-9_]{0,31}$"
# What is known of every member, in their own language where it has one.
OF_MEMBER: Final = ("name", "member_id", "tier", "club")
LONGEST_VALUE: Final = 100

ValueT = TypeVar("ValueT")
_NAME: Final = re.compile(VARIABLE_PATTERN, re.ASCII)
_PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]{0,31})\}", re.ASCII)
_STRAY: Final = re.compile(r"[{}]")


def check_names(values: dict[str, ValueT]) -> dict[str, ValueT]:
    """See that values have names that a text can have.

    Raises:
        PydanticCustomError
    """
    if not all(_NAME.fullmatch(name) for name in values):
        raise PydanticCustomError("variable_name", "A name has small letters, digits and underscores")
    return values


def variables_in(text: str) -> set[str]:
    """The names of a text's variables."""
    return set(_PLACE.findall(text))


def has_stray_brace(text: str) -> bool:
    """Whether a brace belongs to no variable."""
    return _STRAY.search(_PLACE.sub("", text)) is not None


def written(text: str, values: Mapping[str, JsonValue], *, is_persian: bool) -> str:
    """The text with its values; in Persian, numbers have Persian digits. A missing one is left out."""

    def value(found: re.Match[str]) -> str:
        given = values.get(found[1])
        told = "" if given is None else str(given)[:LONGEST_VALUE]
        return persian_digits(told) if is_persian and isinstance(given, int) else told

    return _PLACE.sub(value, text)


def longest(text: str, names: Collection[str], letters: int) -> str:
    """The text with values of so many letters, for an estimate of its size."""
    return _PLACE.sub(lambda found: "x" * letters if found[1] in names else found[0], text)
