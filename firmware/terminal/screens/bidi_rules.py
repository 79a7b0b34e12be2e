"""The rules of UAX #9 that resolve weak and neutral classes, each on one isolating run sequence.

`members` are the places of the sequence's characters. `embedding` is L or R; with isolates alone, so are both
ends of every sequence.
"""

from terminal.constant import const
from terminal.screens.bidi_classes import AL, AN, CS, EN, ES, ET, LRI, NSM, ON, L, R

_BRACKETS_LIMIT = const(63)
_OPENING = "([{"
_CLOSING = ")]}"


def resolve_weak(classes: bytearray, members: memoryview, embedding: int) -> None:
    """W1 to W7."""
    strong = previous = embedding
    for place in members:
        kind = classes[place]
        if kind == NSM:
            kind = ON if previous >= LRI else previous
        previous = kind
        if kind in (L, R, AL):
            strong = kind
        elif kind == EN and strong == AL:
            kind = AN
        classes[place] = kind
    size = len(members)
    for at in range(size):
        kind = classes[members[at]]
        if kind == AL:
            classes[members[at]] = R
        elif kind in (ES, CS) and 0 < at < size - 1:
            before = classes[members[at - 1]]
            if before == classes[members[at + 1]] and (before == EN or (before == AN and kind == CS)):
                classes[members[at]] = before
    strong = embedding
    at = 0
    while at < size:
        kind = classes[members[at]]
        end = at + 1
        if kind == ET:
            while end < size and classes[members[end]] == ET:
                end += 1
            beside = (at and classes[members[at - 1]] == EN) or (end < size and classes[members[end]] == EN)
            for inside in range(at, end):
                classes[members[inside]] = EN if beside else ON
        elif kind in (ES, CS):
            classes[members[at]] = ON
        at = end
    for place in members:
        kind = classes[place]
        if kind in (L, R):
            strong = kind
        elif kind == EN and strong == L:
            classes[place] = L


def _direction(kind: int) -> int:
    """L, or R for right-to-left letters and all numbers, or ON."""
    return kind if kind == L else R if kind <= AN else ON


def resolve_brackets(
    text: str, classes: bytearray, before_weak: bytes, members: memoryview, embedding: int
) -> None:
    """N0, the pairs in the order of their opening brackets."""
    waiting: "list[tuple[int, int]]" = []
    pairs: "list[tuple[int, int]]" = []
    for at in range(len(members)):
        if classes[members[at]] != ON:
            continue
        character = text[members[at]]
        opening = _OPENING.find(character)
        if opening >= 0:
            if len(waiting) == _BRACKETS_LIMIT:
                break
            waiting.append((opening, at))
        closing = _CLOSING.find(character)
        for depth in range(len(waiting) - 1, -1, -1):
            if waiting[depth][0] == closing:
                pairs.append((waiting[depth][1], at))
                del waiting[depth:]
                break
    pairs.sort()
    for first, last in pairs:
        found = ON
        for at in range(first + 1, last):
            inside = _direction(classes[members[at]])
            if inside == embedding:
                found = inside
                break
            if inside != ON:
                found = inside
        if found == ON:
            continue
        if found != embedding:
            context = embedding
            for at in range(first - 1, -1, -1):
                before = _direction(classes[members[at]])
                if before != ON:
                    context = before
                    break
            found = context
        for at in (first, last):
            classes[members[at]] = found
            # Marks on a bracket follow it.
            mark = at + 1
            while mark < len(members) and before_weak[members[mark]] == NSM:
                classes[members[mark]] = found
                mark += 1


def resolve_neutral(classes: bytearray, members: memoryview, embedding: int) -> None:
    """N1 and N2."""
    at = 0
    before = embedding
    while at < len(members):
        kind = _direction(classes[members[at]])
        if kind != ON:
            before = kind
            at += 1
            continue
        end = at
        after = ON
        while end < len(members):
            after = _direction(classes[members[end]])
            if after != ON:
                break
            end += 1
        if after == ON:
            after = embedding
        for inside in range(at, end):
            classes[members[inside]] = before if before == after else embedding
        at = end
