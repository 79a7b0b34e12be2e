"""JSON as people send it, bounded and such as both databases keep."""

import json
from typing import Annotated

from pydantic import AfterValidator, JsonValue
from pydantic_core import PydanticCustomError

LARGEST_PART_BYTES = 32_768

JsonObject = dict[str, JsonValue]


def written(content: object) -> str:
    """One text for equal contents.

    Raises:
        ValueError: it has what no JSON text can hold.
    """
    return json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def _check(content: dict[str, JsonValue]) -> dict[str, JsonValue]:
    try:
        size = len(written(content).encode())
    except (ValueError, RecursionError):
        raise PydanticCustomError("json", "This can't be kept as JSON in UTF-8") from None
    if size > LARGEST_PART_BYTES:
        raise PydanticCustomError("json_too_large", "A rule has at most 32,768 bytes as JSON")
    return content


RuleJson = Annotated[dict[str, JsonValue], AfterValidator(_check)]
