"""From glyphs as they stand on paper to text as it is written: the way back of shaping and bidi."""

import re
import unicodedata

_LAM_ALEF_FATHATAN = "\ue000\ue001"
_ALONE_WITH_FATHATAN = "\ufd3d\ue000"
_MIRRORED = str.maketrans("()<>[]{}«»‹›", ")(><][}{»«›‹")
# What keeps its own order within right-to-left text: numbers, codes, Latin words.
_LEFT_TO_RIGHT = re.compile(
    r"[0-9A-Za-z۰-۹*](?:[0-9A-Za-z۰-۹*]|[-/:.,٬+_@#&]+(?=[0-9A-Za-z۰-۹*])|(?<=[A-Za-z]) (?=[A-Za-z]))*"
)
_ARABIC = r"\u0600-\u06ef\u06fa-\u06ff\ufb50-\ufdff\ufe70-\ufefe\ue000\ue001"
_RIGHT_TO_LEFT = re.compile(f"[{_ARABIC}](?:[ {_ARABIC}]*[{_ARABIC}])?")


def has_right_to_left(text: str) -> bool:
    """Whether there is an Arabic letter in it, in whatever form."""
    return any(
        unicodedata.bidirectional(character) == "AL" or character in _LAM_ALEF_FATHATAN for character in text
    )


def logical(glyphs: str, rightwards: bool) -> str:
    """The text of glyphs from left to right, in a line that is read `rightwards` or the other way."""
    if not has_right_to_left(glyphs):
        return glyphs
    if rightwards:
        return _RIGHT_TO_LEFT.sub(lambda found: _turned(found[0]), glyphs)
    return _turned(glyphs)


def _turned(glyphs: str) -> str:
    turned = glyphs[::-1].translate(_MIRRORED)
    # Runs are found by what they look like once turned, so both ends of a run are judged alike.
    turned = _LEFT_TO_RIGHT.sub(lambda found: found[0][::-1], turned)
    return "".join(
        _letters(character) + ("\u200c" if _parts(character, following) else "")
        for character, following in zip(turned, turned[1:] + " ", strict=True)
    )


def _letters(glyph: str) -> str:
    if glyph in _LAM_ALEF_FATHATAN:
        return "\u0644\u0627\u064b"
    return unicodedata.normalize("NFKC", glyph).replace("\u0640\u064b", "\u064b")


def _form(glyph: str) -> str:
    """The kind of a presentation form: `<initial>`, `<medial>`, `<final>`, `<isolated>`, or nothing."""
    return unicodedata.decomposition(glyph).partition(" ")[0]


def _parts(glyph: str, following: str) -> bool:
    """Whether only a ZWNJ can have kept these two from joining."""
    if _form(glyph) == "<final>":
        first = ord(glyph) - 1
    elif _form(glyph) == "<isolated>":
        first = ord(glyph)
    else:
        return False
    # Of a letter that joins what follows, the initial form comes two places after the isolated one.
    if _form(chr(first + 2)) != "<initial>" or _letters(chr(first + 2)) != _letters(glyph):
        return False
    if following in _ALONE_WITH_FATHATAN or _form(following) == "<initial>":
        return True
    final = chr(ord(following) + 1)
    return (
        _form(following) == "<isolated>"
        and _form(final) == "<final>"
        and _letters(final) == _letters(following)
    )
