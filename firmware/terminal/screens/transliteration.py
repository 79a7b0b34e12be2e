"""Persian in Latin letters, for displays that have no others.

A character display has room for eight letters of one's own, and joined Persian needs over a hundred. So it
shows the English texts, and what exists in Persian only, such as names, letter by letter, without the vowels
that the script does not write.
"""

from terminal.screens.bidi_classes import is_mark

_LETTERS = "آاأإبپتثجچحخدذرزژسشصضطظعغفقکكگلمنوؤهةۀیيىئء،؛؟٪٫٬«»–—"
# A capital stands for the letter and h.
_LATIN = "aaaabptsjChKdzrzZsSsztz'GfGkkglmnvvhheiiiy',;?%.,\"\"--"


def transliterated(text: str) -> str:
    """`text` in printable ASCII: digits and letters in Latin, the unknown as `?`, controls and marks gone."""
    out = ""
    for character in text:
        value = ord(character)
        place = _LETTERS.find(character)
        if " " <= character <= "~":
            out += character
        elif place >= 0:
            latin = _LATIN[place]
            out += latin.lower() + "h" if "A" <= latin <= "Z" else latin
        elif 0x6F0 <= value <= 0x6F9:
            out += chr(value - 0x6C0)
        elif 0x660 <= value <= 0x669:
            out += chr(value - 0x630)
        elif not (is_mark(value) or 0x200B <= value <= 0x200F or 0x2066 <= value <= 0x2069 or value < 0x20):
            out += "?"
    return out
