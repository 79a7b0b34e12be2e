"""Arabic joining for Persian: letters become the presentation forms of their places (Unicode, section 9.2).

The fonts hold presentation forms, so a shaped text is drawn glyph by glyph. Shaping works on logical order
and comes before `bidi`. Letters that neither Persian nor Arabic uses stay as they are.
"""

from terminal.constant import const
from terminal.screens.bidi_classes import is_mark

_ALONE = const(1)  # never joins: hamza, and all that is no Arabic letter
_RIGHT = const(2)  # joins the letter before it only, as alef: isolated and final forms
_DUAL = const(4)  # joins on both sides: isolated, final, initial and medial forms
_CAUSING = const(5)  # tatweel and ZWJ: their neighbours join; no forms of their own
_TRANSPARENT = const(6)  # marks: joining looks through them

_FATHATAN = const(0x64B)
_TATWEEL = const(0x640)
_ALEF = const(0x627)
_LAM = const(0x644)
_ZWNJ = const(0x200C)
_ZWJ = const(0x200D)
_LONE_ALEF = const(0xFE8D)
_ALEF_FATHATAN = const(0xFD3C)  # final; the isolated form is the next one
# The same with lam, of which Unicode has no form: in our fonts' private area, isolated, then final.
_LAM_ALEF_FATHATAN = const(0xE000)

# First letter, its first form, and how many forms each letter from there on has: its joining type.
_RUNS = (
    (0x621, 0xFE80, b"\x01\x02\x02\x02\x02\x04\x02\x04\x02\x04\x04\x04\x04\x04\x02\x02\x02\x02"),
    (0x633, 0xFEB1, b"\x04\x04\x04\x04\x04\x04\x04\x04"),
    (0x641, 0xFED1, b"\x04\x04\x04\x04\x04\x04\x04\x02"),
    (0x64A, 0xFEF1, b"\x04"),
    (0x67E, 0xFB56, b"\x04"),
    (0x686, 0xFB7A, b"\x04"),
    (0x698, 0xFB8A, b"\x02"),
    (0x6A9, 0xFB8E, b"\x04"),
    (0x6AF, 0xFB92, b"\x04"),
    (0x6C0, 0xFBA4, b"\x02"),
    (0x6CC, 0xFBFC, b"\x04"),
)
# Alef maksura has the shapes of the Persian yeh.
_ALEF_MAKSURA = const(0x649)
_FARSI_YEH = const(0x6CC)
# Alef with madda, hamza above, hamza below, none: its ligature with lam; the final form is the next one.
_LAM_ALEF = {0x622: 0xFEF5, 0x623: 0xFEF7, 0x625: 0xFEF9, 0x627: 0xFEFB}
# Marks that belong to the spelling: letter, mark, and the letter that they are.
_COMPOSED = (
    (0x627, 0x653, 0x622),
    (0x627, 0x654, 0x623),
    (0x627, 0x655, 0x625),
    (0x648, 0x654, 0x624),
    (0x64A, 0x654, 0x626),
    (0x6CC, 0x654, 0x626),
    (0x647, 0x654, 0x6C0),
)


def shaped(text: str) -> str:
    """`text`, in logical order, with its letters in the forms in which they are written.

    Lam and alef become one character, and so do letters with the marks that belong to the spelling: madda,
    hamza, and fathatan on alef. Other marks are dropped, as print does; ZWNJ and ZWJ go when they have done
    their work.
    """
    if _is_plain(text):
        return text
    out = ""
    # A letter is written when it is known whether the next one joins it.
    form = letter = 0
    kind = _ALONE
    joined = tanvin = False
    for character in text:
        value = ord(character)
        next_form, next_kind = _first_form(value)
        if next_kind == _TRANSPARENT:
            if value == _FATHATAN and letter == _ALEF:
                tanvin = True
            for base, mark, composed in _COMPOSED:
                if base == letter and mark == value:
                    in_ligature = form == _LAM_ALEF[_ALEF]
                    form, kind = _first_form(composed)
                    if in_ligature:
                        form = _LAM_ALEF[composed]
                    letter = composed
                    break
            continue
        if letter == _LAM and value in _LAM_ALEF:
            form, kind, letter = _LAM_ALEF[value], _RIGHT, value
            continue
        joins = kind in (_DUAL, _CAUSING) and next_kind in (_RIGHT, _DUAL, _CAUSING)
        out += _written(form, kind, joined, joins, tanvin)
        form, kind, letter, joined, tanvin = next_form, next_kind, value, joins, False
    return out + _written(form, kind, joined, False, tanvin)


def _is_plain(text: str) -> bool:
    return all(ord(character) < 0x300 for character in text)


def _first_form(letter: int) -> "tuple[int, int]":
    """The isolated form and the joining type; 0 for what is never written."""
    if letter == _ALEF_MAKSURA:
        letter = _FARSI_YEH
    if letter < 0x300 or letter > 0x6FF:
        if letter == _ZWNJ:
            return (0, _ALONE)
        return (0, _CAUSING) if letter == _ZWJ else (letter, _ALONE)
    if is_mark(letter):
        return (0, _TRANSPARENT)
    if letter == _TATWEEL:
        return (letter, _CAUSING)
    for first, form, counts in _RUNS:
        if first <= letter < first + len(counts):
            return (form + sum(counts[: letter - first]), counts[letter - first])
    return (letter, _ALONE)


def _written(form: int, kind: int, joined: bool, joins: bool, tanvin: bool) -> str:
    """The character for a letter between its neighbours."""
    if form == 0:
        return ""
    if kind == _RIGHT:
        if tanvin:
            if form == _LONE_ALEF:
                return chr(_ALEF_FATHATAN if joined else _ALEF_FATHATAN + 1)
            form = _LAM_ALEF_FATHATAN
        return chr(form + 1 if joined else form)
    if kind == _DUAL:
        if joins:
            form += 2
        return chr(form + 1 if joined else form)
    return chr(form)
