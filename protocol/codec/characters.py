"""Character sets and character classes of text fields."""

from collections.abc import Callable

_LATIN_1 = bytes(range(256))


def _from_ebcdic(swaps: tuple[tuple[int, int], ...] = ()) -> bytes:
    table = bytearray(_LATIN_1.decode("cp037").encode("latin-1"))
    for one, other in swaps:
        table[one], table[other] = table[other], table[one]
    return bytes(table)


def _inverse(table: bytes) -> bytes:
    inverse = bytearray(256)
    for code, character in enumerate(table):
        inverse[character] = code
    return bytes(inverse)


# IBM-1047 is IBM-037 with brackets, circumflex and not-sign exchanged for what stands in their places.
TO_LATIN_1 = {
    "ebcdic": _from_ebcdic(),
    "ebcdic1047": _from_ebcdic(((0x5F, 0xB0), (0xAD, 0xBA), (0xBD, 0xBB))),
}
FROM_LATIN_1 = {name: _inverse(table) for name, table in TO_LATIN_1.items()}


def _is_digits(text: str) -> bool:
    return text.isascii() and (text.isdecimal() or not text)


def _is_track(text: str) -> bool:
    return _is_digits(text.replace("=", ""))


def _is_alphanumeric(text: str) -> bool:
    return text.isascii() and (text.isalnum() or not text)


def _is_printable(text: str) -> bool:
    return text.isascii() and text.isprintable()


def is_anything(text: str) -> bool:
    """The class of `text` fields, and of every field whose spec leaves judging to `validate`."""
    return True


CLASSES: dict[str, Callable[[str], bool]] = {
    "n": _is_digits,
    "z": _is_track,
    "an": _is_alphanumeric,
    "ans": _is_printable,
    "text": is_anything,
}
