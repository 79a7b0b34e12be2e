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

# First letter (2 bytes), its first form (2), number of letters, and how many forms each of them has: its
# joining type. Bytes, not tuples: those would lie on the heap.
_RUNS = (
    b"\x06\x21\xfe\x80"
    b"\x12"
    b"\x01\x02\x02\x02\x02\x04\x02\x04\x02\x04\x04\x04\x04\x04\x02\x02\x02\x02"
    b"\x06\x33\xfe\xb1"
    b"\x08"
    b"\x04\x04\x04\x04\x04\x04\x04\x04"
    b"\x06\x41\xfe\xd1"
    b"\x08"
    b"\x04\x04\x04\x04\x04\x04\x04\x02"
    b"\x06\x4a\xfe\xf1"
    b"\x01"
    b"\x04"
    b"\x06\x7e\xfb\x56"
    b"\x01"
    b"\x04"
    b"\x06\x86\xfb\x7a"
    b"\x01"
    b"\x04"
    b"\x06\x98\xfb\x8a"
    b"\x01"
    b"\x02"
    b"\x06\xa9\xfb\x8e"
    b"\x01"
    b"\x04"
    b"\x06\xaf\xfb\x92"
    b"\x01"
    b"\x04"
    b"\x06\xc0\xfb\xa4"
    b"\x01"
    b"\x02"
    b"\x06\xcc\xfb\xfc"
    b"\x01"
    b"\x04"
)
# Alef maksura has the shapes of the Persian yeh.
_ALEF_MAKSURA = const(0x649)
_FARSI_YEH = const(0x6CC)
# Alef with madda, hamza above, hamza below, none; each has a ligature with lam, isolated and final.
_ALEFS = "\u0622\u0623\u0625\u0627"
_LAM_ALEF_FORM = const(0xFEF5)
# Marks that belong to the spelling: letter, mark, and the letter that they are.
_COMPOSED = (
    "\u0627\u0653\u0622"
    "\u0627\u0654\u0623"
    "\u0627\u0655\u0625"
    "\u0648\u0654\u0624"
    "\u064a\u0654\u0626"
    "\u06cc\u0654\u0626"
    "\u0647\u0654\u06c0"
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
            composed = _composed(letter, character)
            if composed:
                in_ligature = form == _lam_alef(_ALEF)
                form, kind = _first_form(composed)
                if in_ligature:
                    form = _lam_alef(composed)
                letter = composed
            continue
        if letter == _LAM and character in _ALEFS:
            form, kind, letter = _lam_alef(value), _RIGHT, value
            continue
        joins = kind in (_DUAL, _CAUSING) and next_kind in (_RIGHT, _DUAL, _CAUSING)
        out += _written(form, kind, joined, joins, tanvin)
        form, kind, letter, joined, tanvin = next_form, next_kind, value, joins, False
    return out + _written(form, kind, joined, False, tanvin)


def _is_plain(text: str) -> bool:
    return all(ord(character) < 0x300 for character in text)


def _lam_alef(alef: int) -> int:
    """The isolated form of lam with this alef."""
    return _LAM_ALEF_FORM + 2 * _ALEFS.find(chr(alef))


def _composed(letter: int, mark: str) -> int:
    """The letter that these two spell; 0 where they spell none."""
    for at in range(0, len(_COMPOSED), 3):
        if letter == ord(_COMPOSED[at]) and mark == _COMPOSED[at + 1]:
            return ord(_COMPOSED[at + 2])
    return 0


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
    at = 0
    while at < len(_RUNS):
        place = letter - (_RUNS[at] << 8 | _RUNS[at + 1])
        if 0 <= place < _RUNS[at + 4]:
            counts = at + 5
            form = _RUNS[at + 2] << 8 | _RUNS[at + 3]
            return (form + sum(_RUNS[counts : counts + place]), _RUNS[counts + place])
        at += 5 + _RUNS[at + 4]
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
