"""Numbers in what a caller of the operations port asks."""

from starlette.requests import Request

_DIGITS_MAX = 19


def number_of(text: str, name: str, maximum: int) -> int:
    """A number from 0 on. Raises ValueError, whose text is for the caller."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX) or int(text) > maximum:
        raise ValueError(f"{name} is a number from 0 to {maximum}")
    return int(text)


def number_in_query(request: Request, name: str, default: int, maximum: int) -> int:
    """A parameter of the query, or its default. Raises ValueError, whose text is for the caller."""
    text = request.query_params.get(name)
    return default if text is None else number_of(text, name, maximum)
