"""Persian and Arabic writing in one form: for keeping, for comparing and for searching.

The same word reaches us from Arabic and Persian keyboards, from print files and from other databases, so one
look has several spellings in Unicode. What is kept looks as it was written; what is compared doesn't: see
`fold_name` and `name_key`. Sources: normalisation forms of UAX #15; joining types of ArabicShaping.txt; the
Unicode Standard, section 9.2 (Arabic letters, Persian yeh and kaf) and 23.2 (zero width non-joiner).
"""

import re
import unicodedata
from typing import Final

_PERSIAN_DIGITS: Final = "۰۱۲۳۴۵۶۷۸۹"
_ARABIC_DIGITS: Final = "٠١٢٣٤٥٦٧٨٩"
_TO_ASCII_DIGITS: Final = {
    ord(digit): str(value)
    for digits in (_PERSIAN_DIGITS, _ARABIC_DIGITS)
    for value, digit in enumerate(digits)
}
_TO_PERSIAN_DIGITS: Final = {
    **{ord("0") + value: digit for value, digit in enumerate(_PERSIAN_DIGITS)},
    **{ord(digit): _PERSIAN_DIGITS[value] for value, digit in enumerate(_ARABIC_DIGITS)},
}

_ZWNJ: Final = "\u200c"
_TATWEEL: Final = "\u0640"
_HAMZA_ABOVE: Final = "\u0654"

# Arabic yeh, alef maksura and kaf come from Arabic keyboard layouts; Persian has its own letters for them.
_PERSIAN_LETTERS: Final = {
    ord("ي"): "ی",
    ord("ى"): "ی",
    ord("ك"): "ک",
    ord("ۀ"): "ه" + _HAMZA_ABOVE,  # two spellings of one letter; this is what keyboards of today give
    ord(_TATWEEL): "",  # stretches a word and means nothing
}
# Isolated, initial, medial and final shapes and ligatures, from print files and old programs.
_PRESENTATION_FORMS: Final = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]+")
_ZWNJ_RUN: Final = re.compile(f"{_ZWNJ}+")
# After a letter that never joins to its left (joining types R and U) a ZWNJ changes nothing to be seen.
_IDLE_ZWNJ: Final = re.compile(
    f"(?<=[\u0621-\u0625\u0627\u0629\u062f-\u0632\u0648\u0671-\u0673\u0675-\u0677\u0688-\u0699\u06c0\u06c3-\u06cb"
    f"\u06cd\u06cf\u06d2\u06d3\u06d5]){_ZWNJ}"
)

# Letters that people take for one another in names; hamzas and vowel marks have been taken off before.
_SAME_IN_KEYS: Final = {
    **{ord(letter): "ه" for letter in "ةۃہھە"},
    **{ord(letter): "ی" for letter in "ےېۍێ"},
    **{ord(letter): "ک" for letter in "ڪګ"},
    **{ord(letter): "ا" for letter in "ٱٵ"},
    ord("ء"): "",
}


def fold_digits(text: str) -> str:
    """Replace Persian and Arabic digits by ASCII digits."""
    return text.translate(_TO_ASCII_DIGITS)


def persian_digits(text: str) -> str:
    """Replace ASCII and Arabic digits by Persian digits."""
    return text.translate(_TO_PERSIAN_DIGITS)


def fold_name(text: str) -> str:
    """A name as it is kept: it looks as written, in one spelling.

    Unicode NFC with Persian letters and no shapes or tatweel, single spaces, a zero width non-joiner only
    where it parts letters that would join, no control and no direction characters. Vowel marks and hamzas
    stay.
    """
    plain = _PRESENTATION_FORMS.sub(lambda shapes: unicodedata.normalize("NFKC", shapes[0]), text)
    kept = "".join(
        character
        for character in plain
        if character == _ZWNJ or character.isspace() or unicodedata.category(character)[0] != "C"
    )
    letters = unicodedata.normalize("NFC", kept).translate(_PERSIAN_LETTERS)
    letters = letters.replace("ی" + _HAMZA_ABOVE, "ئ")
    joined = _IDLE_ZWNJ.sub("", _ZWNJ_RUN.sub(_ZWNJ, letters))
    return unicodedata.normalize("NFC", " ".join(word.strip(_ZWNJ) for word in joined.split()).strip())


def name_key(text: str) -> str:
    """What two writings of a name have in common: names with equal keys are the same to a reader.

    Beyond `fold_name`: no spaces, half spaces and punctuation (میر حسینی, میرحسینی), no vowel marks, hamzas
    and accents (مؤمن, مومن), آ as ا, ة as ه, Latin letters small, digits ASCII. Empty for a text without a
    letter or a digit.
    """
    return "".join(search_words(text))


def search_words(text: str) -> tuple[str, ...]:
    """The words of a query, each folded like `name_key`: a name fits when its key contains all of them."""
    words = (_word_key(word) for word in fold_name(text).split())
    return tuple(word for word in words if word)


def shorten_to_bytes(text: str, limit_bytes: int) -> str:
    """The longest prefix of `text`, in whole characters, of at most `limit_bytes` bytes in UTF-8."""
    return text.encode()[:limit_bytes].decode(errors="ignore")


def _word_key(word: str) -> str:
    # Caseless matching of compatibility characters takes two rounds (Unicode Standard, 3.13, D146).
    caseless = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word.casefold()).casefold())
    bare = "".join(character for character in caseless if unicodedata.category(character)[0] in "LN")
    return fold_digits(bare).translate(_PERSIAN_LETTERS).translate(_SAME_IN_KEYS)
