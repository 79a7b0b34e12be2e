"""The Unicode Bidirectional Algorithm (UAX #9) for one line, without embeddings and overrides.

P2, P3, the isolates of X5a to X6a, W1 to W7, N0 to N2, I1, I2, L1, L2 and L4. Screens and slips refuse the
controls U+202A to U+202E; here they count as nothing.
"""

from terminal.constant import const
from terminal.screens.bidi_classes import AL, BN, FSI, LRI, PDI, RLI, WS, L, R, bidi_class
from terminal.screens.bidi_rules import resolve_brackets, resolve_neutral, resolve_weak

LEFT_TO_RIGHT = const(0)
RIGHT_TO_LEFT = const(1)
AUTOMATIC = const(2)  # by the first strong letter; left to right when there is none

LONGEST = const(255)  # characters of a line; places are bytes
REMOVED = const(255)  # the level of what is not there (X9)
_DEEPEST = const(125)
_PAIRED = "()<>[]{}«»‹›"


def visual(text: str, direction: int) -> str:
    """The characters of one line from left to right, mirrored where they must be.

    Args:
        text: the line in logical order, shaped; what is longer than 255 characters is cut.
        direction: `LEFT_TO_RIGHT`, `RIGHT_TO_LEFT` or `AUTOMATIC`.
    """
    text = text[:LONGEST]
    levels = resolved(text, direction)
    out = ""
    for place in reordered(levels):
        character = text[place]
        value = ord(character)
        if 0x2066 <= value <= 0x2069 or 0x200E <= value <= 0x200F:
            continue
        if levels[place] & 1:
            pair = _PAIRED.find(character)
            if pair >= 0:
                character = _PAIRED[pair ^ 1]
        out += character
    return out


def resolved(text: str, direction: int) -> bytearray:
    """The level of each character; `REMOVED` for those that X9 removes. At most 255 characters."""
    length = len(text)
    classes = bytearray(length)
    for place in range(length):
        classes[place] = bidi_class(ord(text[place]))
    if direction == AUTOMATIC:
        direction = _first_strong(classes, 0, length)
    levels = bytearray(length)
    groups = bytearray(length)
    count = _isolate(classes, levels, groups, direction)
    before_weak = bytes(classes)
    members = bytearray(length)
    for group in range(count):
        size = 0
        for place in range(length):
            if groups[place] == group and levels[place] != REMOVED:
                members[size] = place
                size += 1
        if size:
            _resolve_group(text, classes, before_weak, levels, memoryview(members)[:size])
    # L1: blanks and isolates at the end of the line have the direction of the line.
    for place in range(length - 1, -1, -1):
        if levels[place] != REMOVED:
            if before_weak[place] < WS:
                break
            levels[place] = direction
    return levels


def reordered(levels: bytearray) -> bytearray:
    """Places from left to right, by L2."""
    order = bytearray(place for place in range(len(levels)) if levels[place] != REMOVED)
    highest = 0
    for place in order:
        highest = max(highest, levels[place])
    for level in range(highest, 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            low, high = start, end - 1
            while low < high:
                order[low], order[high] = order[high], order[low]
                low += 1
                high -= 1
            start = end + 1
    return order


def _first_strong(classes: bytearray, start: int, end: int) -> int:
    """P2 and P3 from `start`; stops at the PDI that closes what stands before `start`."""
    depth = 0
    for place in range(start, end):
        kind = classes[place]
        if LRI <= kind <= FSI:
            depth += 1
        elif kind == PDI:
            if depth == 0 and start:
                break
            depth = max(depth - 1, 0)
        elif depth == 0 and kind in (L, R, AL):
            return LEFT_TO_RIGHT if kind == L else RIGHT_TO_LEFT
    return LEFT_TO_RIGHT


def _isolate(classes: bytearray, levels: bytearray, groups: bytearray, direction: int) -> int:
    """X5a to X6a, X9: the level and the isolating run sequence of each character; how many sequences."""
    stack = [(direction, 0)]
    count = 1
    overflow = 0
    for place in range(len(classes)):
        kind = classes[place]
        if kind == PDI:
            if overflow:
                overflow -= 1
            elif len(stack) > 1:
                stack.pop()
        level, group = stack[-1]
        levels[place] = REMOVED if kind == BN else level
        groups[place] = group
        if LRI <= kind <= FSI:
            odd = kind == RLI
            if kind == FSI:
                odd = _first_strong(classes, place + 1, len(classes)) == RIGHT_TO_LEFT
            level = (level + 1) | 1 if odd else (level + 2) & ~1
            if level > _DEEPEST or overflow:
                overflow += 1
            else:
                stack.append((level, count))
                count += 1
    return count


def _resolve_group(
    text: str, classes: bytearray, before_weak: bytes, levels: bytearray, members: memoryview
) -> None:
    level = levels[members[0]]
    resolve_weak(classes, members, level & 1)
    resolve_brackets(text, classes, before_weak, members, level & 1)
    resolve_neutral(classes, members, level & 1)
    for place in members:
        kind = classes[place]
        if level & 1:
            if kind != R:
                levels[place] = level + 1
        elif kind == R:
            levels[place] = level + 1
        elif kind != L:
            levels[place] = level + 2
