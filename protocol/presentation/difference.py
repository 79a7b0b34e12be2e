"""What two messages differ in, by field, part and tag."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from protocol.presentation.masking import Masking
from protocol.presentation.spans import Element, Reading
from protocol.spec.schema import Title

Change = Literal["added", "removed", "changed", "reordered"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `old` and `new` are values to look at, masked; None where there is none.

    Where a mask hides what changed, both look the same. `reordered` is said of a composite whose tags stand
    in another order; it has no values.
    """

    path: str
    change: Change
    title: Title | None
    old: str | None
    new: str | None


def differences(old: Reading, new: Reading, *, unsafe: bool = False) -> list[Difference]:
    """All differences between two messages that could be read, the type first, then fields ascending.

    Exchanging the two exchanges added and removed, old and new, and nothing else.
    """
    found = []
    if old.mti != new.mti:
        found.append(Difference("mti", "changed", None, old.mti, new.mti))
    maskings = Masking(old, unsafe=unsafe), Masking(new, unsafe=unsafe)
    return [*found, *_between(old.elements, new.elements, maskings)]


def _between(
    old: tuple[Element, ...], new: tuple[Element, ...], maskings: tuple[Masking, Masking]
) -> Iterator[Difference]:
    before = {element.key: element for element in old}
    after = {element.key: element for element in new}
    for key in sorted({*before, *after}, key=lambda key: (len(key), key)):
        one, other = before.get(key), after.get(key)
        if one is not None and other is not None:
            if one.is_composite and other.is_composite:
                yield from _between(one.parts, other.parts, maskings)
                if _common_order(one, other) != _common_order(other, one):
                    yield Difference(one.path, "reordered", one.title, None, None)
            elif one.value != other.value:
                yield Difference(
                    one.path, "changed", one.title, maskings[0].shown(one), maskings[1].shown(other)
                )
        elif one is not None:
            for leaf in one.leaves():
                yield Difference(leaf.path, "removed", leaf.title, maskings[0].shown(leaf), None)
        elif other is not None:
            for leaf in other.leaves():
                yield Difference(leaf.path, "added", leaf.title, None, maskings[1].shown(leaf))


def _common_order(element: Element, other: Element) -> list[str]:
    keys = {part.key for part in other.parts}
    return [part.key for part in element.parts if part.key in keys]
