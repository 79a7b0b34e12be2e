"""Whose card it is: ours, or the partner's."""

from collections.abc import Iterable
from enum import Enum, auto


class Route(Enum):
    """Where a request is decided."""

    LOCAL = auto()
    UPSTREAM = auto()


class Router:
    """Tells by the card: first digits of its number, or the type that its record here gives it."""

    def __init__(self, prefixes: Iterable[str], card_types: Iterable[str]) -> None:
        self._card_types = frozenset(card_types)
        by_length: dict[int, set[str]] = {}
        for prefix in prefixes:
            by_length.setdefault(len(prefix), set()).add(prefix)
        self._prefixes = sorted(by_length.items())

    def route(self, card_number: str, card_type: str) -> Route:
        """`card_type` is empty for a card that isn't known here."""
        if card_type and card_type in self._card_types:
            return Route.UPSTREAM
        if any(card_number[:length] in prefixes for length, prefixes in self._prefixes):
            return Route.UPSTREAM
        return Route.LOCAL
