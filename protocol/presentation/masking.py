"""What of a message may be seen, and the same message with stand-ins, fit to be shared.

The spec says which fields and tags are masked, at any depth. Besides, card numbers are looked for in free
text and in bytes, and whatever the spec masks in a message is hidden in the rest of that message too.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from protocol.message import Message, Value
from protocol.presentation.card_numbers import (
    LONGEST,
    hide_in_identifier,
    hide_in_nibbles,
    hide_in_text,
    keep_ends,
    plain_digits,
    stand_in,
)
from protocol.presentation.spans import Element, Reading

STAR = "*"

_TEXT_KINDS = ("an", "ans", "text", "z")
_SHORTEST_SECRET = 4
_SHORTEST_SECRET_AMONG_NUMBERS = 6
# Six balances at most, none of ten digits or more, so that no amount can be taken for a card number.
_BALANCES = re.compile(r"(?:\d{7}[CD]00\d{10})+", re.ASCII)
_SEPARATOR = re.compile(r"[=^Dd]")
_EBCDIC = "cp037"
_DIGITS = "0123456789"


class Masking:
    """Masks of one message. With `unsafe` nothing is hidden."""

    def __init__(self, reading: Reading, *, unsafe: bool = False) -> None:
        self._unsafe = unsafe
        # Behind a fault fields may be cut in the wrong places, so that numbers are not what they seem.
        self._is_sound = not reading.faults
        self._leaves = [leaf for element in reading.elements for leaf in element.leaves()]
        self._secrets = _secrets(self._leaves)

    def shown(self, element: Element) -> str:
        """Value of an element without parts as text to look at; bytes as hexadecimal digits."""
        text = text_of(element.value)
        hidden = self._hidden(element)
        return "".join(STAR if place in hidden else char for place, char in enumerate(text))

    def hides(self, element: Element) -> bool:
        """Whether anything of it is hidden."""
        return bool(self._hidden(element))

    def redacted(self, element: Element) -> Value:
        """The element's value with stand-ins of the same size for what is hidden."""
        if element.is_composite:
            return {part.key: self.redacted(part) for part in element.parts}
        value = element.value
        if not isinstance(value, str | bytes):
            raise TypeError(f"field {element.path} could not be read")
        hidden = self._hidden(element)
        if not hidden:
            return value
        if element.mask in ("pan", "track") and (number := _number_to_replace(element, hidden)):
            filled = _with_stand_in(element, number, hidden)
        else:
            filled = "".join(
                _filler(element, char) if place in hidden else char
                for place, char in enumerate(text_of(value))
            )
        return bytes.fromhex(filled) if isinstance(value, bytes) else filled

    def _hidden(self, element: Element) -> set[int]:
        """Places of the element's text to hide."""
        text = text_of(element.value)
        if self._unsafe or not text:
            return set()
        if element.mask == "wipe":
            return set(range(len(text)))
        if element.mask == "pan":
            return set(keep_ends(_number_places(text, isinstance(element.value, bytes))))
        if element.mask == "track":
            return _hidden_in_track(text, isinstance(element.value, bytes))
        return self._found(element, text)

    def _found(self, element: Element, text: str) -> set[int]:
        """What is hidden though the spec has no mask for it."""
        if isinstance(element.value, bytes):
            return hide_in_nibbles(text) | _hidden_in_bytes(element.value) | self._secret_bytes(text)
        if element.kind == "n" and text.isdecimal():
            hidden = set() if self._is_sound else hide_in_text(text)
            for secret in self._secrets:
                if len(secret.strip("0")) >= _SHORTEST_SECRET_AMONG_NUMBERS:
                    hidden |= _occurrences(secret, text)
            return hidden
        if element.path == "54" and self._is_sound and _BALANCES.fullmatch(text):
            return set()
        is_identifier = element.fixed_size is not None and element.fixed_size <= LONGEST
        hidden = hide_in_identifier(text) if is_identifier else hide_in_text(text)
        return hidden | self._secret_text(text)

    def _secret_text(self, text: str) -> set[int]:
        plain = plain_digits(text)
        # As the places of digits in grouped numbers.
        places = [place for place, char in enumerate(plain) if char not in " -"]
        dense = "".join(plain[place] for place in places)
        hidden: set[int] = set()
        for secret in self._secrets:
            hidden |= _occurrences(secret, plain)
            if secret.isdecimal():
                hidden |= {places[place] for place in _occurrences(secret, dense)}
        return hidden

    def _secret_bytes(self, hexadecimal: str) -> set[int]:
        hidden: set[int] = set()
        for secret in self._secrets:
            for written in _as_nibbles(secret):
                hidden |= _occurrences(written, hexadecimal)
        return hidden


def redact(reading: Reading) -> Message:
    """The same message, every value as long as it was, with stand-ins for all that is masked.

    The MAC is kept as it stands and so no longer fits. Raises the reading's first fault where it has any.
    """
    if reading.faults or reading.mti is None:
        raise reading.faults[0]
    masking = Masking(reading)
    return Message(reading.mti, {int(element.key): masking.redacted(element) for element in reading.elements})


def text_of(value: Value | None) -> str:
    """A scalar as text, bytes as hexadecimal digits; empty for anything else."""
    if isinstance(value, bytes):
        return value.hex().upper()
    return value if isinstance(value, str) else ""


def _number_places(text: str, is_bytes: bool) -> list[int]:
    """Places of a card number: all but spaces, and the nibbles that fill packed ones up."""
    return [place for place, char in enumerate(text) if not (char == " " or (is_bytes and char == "F"))]


def _hidden_in_track(text: str, is_bytes: bool) -> set[int]:
    separator = _SEPARATOR.search(text)
    end = separator.start() if separator else len(text)
    places = [place for place in range(end) if text[place].isdecimal()]
    # Without a separator nobody can tell where the number ends.
    number = keep_ends(places) if separator or len(places) <= LONGEST else places
    behind = [place for place in range(end + 1, len(text)) if not (is_bytes and text[place] == "F")]
    return {*number, *behind}


def _hidden_in_bytes(value: bytes) -> set[int]:
    """Nibbles of card numbers that are written as text inside bytes."""
    hidden: set[int] = set()
    for text, sizes in (_as_utf8(value), (value.decode(_EBCDIC), [1] * len(value))):
        starts = _starts(sizes)
        for place in hide_in_text(text):
            hidden.update(range(2 * starts[place], 2 * (starts[place] + sizes[place])))
    return hidden


def _as_utf8(value: bytes) -> tuple[str, list[int]]:
    text = value.decode("utf-8", "surrogateescape")
    return text, [len(char.encode("utf-8", "surrogateescape")) for char in text]


def _starts(sizes: Iterable[int]) -> list[int]:
    starts, position = [], 0
    for size in sizes:
        starts.append(position)
        position += size
    return starts


def _secrets(leaves: Iterable[Element]) -> tuple[str, ...]:
    found = {secret for leaf in leaves if leaf.mask for secret in _secrets_of(leaf)}
    return tuple(sorted(secret for secret in found if len(set(secret)) > 1))


def _secrets_of(leaf: Element) -> Iterator[str]:
    """What a masked element holds that must not be seen elsewhere; what is too short to tell is left out."""
    text = plain_digits(text_of(leaf.value))
    if isinstance(leaf.value, bytes):
        text = text.rstrip("F")
    if leaf.mask == "track" and (separator := _SEPARATOR.search(text)):
        number = "".join(char for char in text[: separator.start()] if char.isdecimal())
        pieces = [number, text[separator.end() :], text]
    else:
        pieces = [text, text.strip()]
    yield from (piece for piece in pieces if len(piece) >= _SHORTEST_SECRET)


def _as_nibbles(secret: str) -> Iterator[str]:
    """A secret as it may stand in bytes: packed, as text, or as the bytes that it was."""
    packed = secret.replace("=", "D")
    if not packed.strip("0123456789ABCDEF"):
        yield packed
    for text in {secret, secret.lower(), secret.upper()}:
        for encoding in ("utf-8", _EBCDIC):
            with suppress(UnicodeEncodeError):
                yield text.encode(encoding).hex().upper()


def _occurrences(secret: str, text: str) -> set[int]:
    """Places of a secret in a text, in whichever case it is written, overlapping ones too."""
    hidden: set[int] = set()
    for found in re.finditer(f"(?={re.escape(secret)})", text, re.IGNORECASE):
        hidden.update(range(found.start(), found.start() + len(secret)))
    return hidden


def _number_to_replace(element: Element, hidden: set[int]) -> list[int]:
    """Places of the card number in a masked card number or track, all of them ASCII digits; else none."""
    text = text_of(element.value)
    is_bytes = isinstance(element.value, bytes)
    separator = _SEPARATOR.search(text) if element.mask == "track" else None
    head = text[: separator.start()] if separator else text
    places = [place for place in _number_places(head, is_bytes) if head[place].isdecimal()]
    whole = all(head[place] in _DIGITS for place in places)
    return places if whole and not hidden.isdisjoint(places) else []


def _with_stand_in(element: Element, places: list[int], hidden: set[int]) -> str:
    text = text_of(element.value)
    chars = [
        char if place not in hidden else "0" if char in _DIGITS else _filler(element, char)
        for place, char in enumerate(text)
    ]
    if not hidden.issuperset(places):
        for place, digit in zip(places, stand_in("".join(text[place] for place in places)), strict=True):
            chars[place] = digit
    return "".join(chars)


def _filler(element: Element, char: str) -> str:
    """A character that the element's form allows and that no number goes on through, where it allows one."""
    if isinstance(element.value, bytes):
        return "0" if element.mask == "wipe" else "F"
    if element.kind in ("n", "z"):
        return "0"
    if element.kind == "an":
        return "0" if element.mask == "wipe" else "X"
    # UTF-8 counts bytes: as many stars as the character had.
    size = len(char.encode("utf-8")) if element.encoding in (None, "utf8") else 1
    return STAR * size
