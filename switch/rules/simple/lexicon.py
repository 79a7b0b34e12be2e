"""Words of simple rules in English and Persian, and how a line becomes tokens.

Every character of a line keeps its place, so that a fault can point at the word it means.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from enum import Enum
from typing import Final, NamedTuple


class Kind(Enum):
    """What a token is; the value is what a fault calls it."""

    NUMBER = "a number"
    SCALE = "thousand or million"
    PERCENT = "percent"
    MONEY = "rial or toman"
    PURSE = "a purse"
    EVENT = "an event"
    EVERY = "per"
    FOR = "for"
    WITH = "with"
    AT = "at"
    PLACE = "branch or merchant"
    ON = "on"
    WEEKDAY = "a day of the week"
    FROM = "from"
    UNTIL = "until"
    ABOVE = "above"
    LEAST = "at least"
    MAX = "max"
    ONCE = "once"
    TIMES = "times"
    PERIOD = "a period"
    OFF = "off"
    MULTIPLY = "x2"
    TIER = "tier"
    AND = "and"
    FILLER = "a small word"
    COMMA = "a comma"
    DATE = "a date"
    CLOCK = "a time"
    NAME = "a name"
    END = "the end"


class Token(NamedTuple):
    """One word or number; `start` is its place in the line, `value` what it means."""

    kind: Kind
    text: str
    start: int
    value: str


class Piece(NamedTuple):
    """A run of characters of one group: as written, and in plain characters."""

    group: str
    plain: str
    text: str
    start: int


class SimpleFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A line isn't understood; the text points at the word."""


_SCALES: Final = {
    "1000": "thousand k هزار",
    "1000000": "million millions میلیون",
    "1000000000": "billion billions میلیارد",
}
_WORDS: Final[dict[Kind, dict[str, str]]] = {
    Kind.SCALE: _SCALES,
    Kind.PERCENT: {"": "% percent درصد"},
    Kind.MONEY: {"1": "rial rials irr ریال", "10": "toman tomans تومان تومن"},
    Kind.EVENT: {
        "purchase": "purchase purchases sale خرید",
        "review": "review reviews comment نظر دیدگاه نوشتن_نظر",
        "referral": "referral referrals friend introduction معرفی معرفی_دوست معرفی_هر_دوست",
        "visit": "visit visits check-in مراجعه بازدید",
        "enrol": "enrolment enrollment enrol signup joining عضویت ثبت_نام",
        "survey": "survey surveys نظرسنجی نظر_سنجی",
        "trade": "trade trades معامله",
        "festival": "festival جشنواره",
        "birthday": "birthday birthdays تولد",
    },
    Kind.EVERY: {"": "per every each for_every for_each هر به_ازای_هر برای_هر بابت_هر"},
    Kind.FOR: {"": "for برای"},
    Kind.WITH: {"": "with costing با در_ازای"},
    Kind.AT: {"": "at in در"},
    Kind.PLACE: {
        "branch": "branch branches شعبه شعب شعبه_های",
        "merchant": "merchant merchants shop shops پذیرنده پذیرنده_های فروشگاه فروشگاه_های",
    },
    Kind.ON: {"": "on روز روزهای روز_های"},
    Kind.WEEKDAY: {
        "SAT": "sat saturday saturdays شنبه شنبه_ها",
        "SUN": "sun sunday sundays یکشنبه یک_شنبه یکشنبه_ها",
        "MON": "mon monday mondays دوشنبه دو_شنبه دوشنبه_ها",
        "TUE": "tue tuesday tuesdays سه_شنبه سه_شنبه_ها",
        "WED": "wed wednesday wednesdays چهارشنبه چهار_شنبه چهارشنبه_ها",
        "THU": "thu thursday thursdays پنجشنبه پنج_شنبه پنجشنبه_ها پنج_شنبه_ها",
        "FRI": "fri friday fridays جمعه جمعه_ها",
    },
    Kind.FROM: {"": "from since از"},
    Kind.UNTIL: {"": "until till to .. تا"},
    Kind.ABOVE: {"": "above over more_than بالای بیش_از بیشتر_از"},
    Kind.LEAST: {"": "at_least حداقل دست_کم"},
    Kind.MAX: {"": "max maximum at_most up_to حداکثر سقف"},
    Kind.ONCE: {"": "once one-time یکبار یک_بار"},
    Kind.TIMES: {"": "times time بار مرتبه"},
    Kind.PERIOD: {
        "hour": "hour ساعت",
        "day": "day daily روزانه روزی",
        "week": "week weekly هفته هفتگی",
        "month": "month monthly ماه ماهانه",
        "year": "year yearly سال سالانه",
        "lifetime": "lifetime life کل_عضویت همیشه",
    },
    Kind.OFF: {"": "off discount تخفیف"},
    Kind.MULTIPLY: {"": "x برابر", "2": "double دوبرابر دو_برابر", "3": "triple سه_برابر"},
    Kind.TIER: {"": "tier tiers members level levels سطح سطوح اعضای"},
    Kind.AND: {"": "and or و یا"},
    # Say nothing and are left out.
    Kind.FILLER: {"": "the a an of as به به_عنوان است می_شود دارد"},
}
# روز is both the day of "in a day" and the word before the name of a day; the grammar tells them apart.
DAY_WORD: Final = "روز"

_LINE: Final = re.compile(
    r"(?P<date>[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2})"
    r"|(?P<clock>[0-9]{1,2}:[0-9]{2})"
    r"|(?P<multiply>[x×](?=[0-9])|(?<=[0-9])[x×](?![a-z]))"
    r"|(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<percent>%)"
    r"|(?P<range>\.\.)"
    r"|(?P<comma>[,;.:=](?!\.))"
    r'|"(?P<quoted>[^"]+)"'
    r"|(?P<word>[^\s,;%\".][^\s,;%\"]*?)(?=[\s,;%\"]|\.\.|\.\s|\.?$)"
    r"|(?P<space>\s+)",
    re.IGNORECASE,
)
_DIGITS: Final = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
# Joins parts of a Persian word that could as well be written apart.
_JOINER: Final = "\u200c"
_SAME_CHARACTERS: Final = _DIGITS | str.maketrans(
    {
        "ي": "ی",
        "ك": "ک",
        "ى": "ی",
        "\u066c": ",",  # thousands
        "\u066b": ".",  # decimals
        "،": ",",
        "؛": ";",
        "٪": "%",
        "«": '"',
        "»": '"',
        "“": '"',
        "”": '"',
    }
)


class Lexicon:
    """All words a line may hold: those of the languages, and the names of a document's purses and tiers.

    Without tiers any name can be one.
    """

    def __init__(self, purses: Mapping[str, Iterable[str]], tiers: Iterable[str]) -> None:
        self.tiers = tuple(tiers)
        self.meanings: dict[tuple[str, ...], tuple[Kind, str]] = {}
        for kind, words in _WORDS.items():
            for value, written in words.items():
                for phrase in written.split(" "):
                    self._add(phrase.replace("_", " "), kind, value)
        for purse, names in purses.items():
            for name in (purse, *names):
                self._add(name, Kind.PURSE, purse)
        self.longest = max(map(len, self.meanings))

    def _add(self, phrase: str, kind: Kind, value: str) -> None:
        words = tuple(_plain(phrase).split())
        self.meanings.setdefault(words, (kind, value))
        if kind == Kind.PURSE and len(words) == 1 and words[0].endswith("s"):
            self.meanings.setdefault((words[0][:-1],), (kind, value))

    def tokens(self, line: str) -> list[Token]:
        """The line's tokens, the last of them END. Raises SimpleFault for a character that is no word."""
        pieces = _pieces(line)
        tokens: list[Token] = []
        index = 0
        while index < len(pieces):
            if pieces[index].group == "word":
                token, taken = self._phrase(pieces, index)
                if token.kind != Kind.FILLER:
                    tokens.append(token)
                index += taken
                continue
            tokens.append(_token(pieces[index]))
            index += 1
        tokens.append(Token(Kind.END, "", len(line), ""))
        return tokens

    def _phrase(self, pieces: list[Piece], index: int) -> tuple[Token, int]:
        """The longest known phrase that begins here, with the number of pieces it takes."""
        words: list[str] = []
        phrases: list[tuple[int, tuple[str, ...]]] = []
        for count, piece in enumerate(pieces[index : index + self.longest], start=1):
            if piece.group != "word":
                break
            words += piece.plain.lower().split(_JOINER)
            phrases.append((count, tuple(words)))
        first = pieces[index]
        for count, phrase in reversed(phrases):
            meaning = self.meanings.get(phrase)
            if meaning is not None:
                return Token(meaning[0], " ".join(phrase), first.start, meaning[1]), count
        return Token(Kind.NAME, first.text, first.start, first.text.translate(_DIGITS)), 1

    def suggestion(self, token: Token, kinds: Iterable[Kind]) -> str:
        """Known words near to one that isn't understood, the expected kinds first."""
        wanted = set(kinds)
        first = {" ".join(words) for words, (kind, _) in self.meanings.items() if kind in wanted}
        every = {" ".join(words) for words in self.meanings}
        word = token.text.lower()
        if Kind.NAME in wanted:
            first.update(self.tiers)
        near = get_close_matches(word, sorted(first), 2, 0.6) or get_close_matches(
            word, sorted(every), 2, 0.7
        )
        return f"; did you mean {' or '.join(near)}?" if near else ""


def _plain(text: str) -> str:
    return text.translate(_SAME_CHARACTERS).replace(_JOINER, " ").lower()


def _pieces(line: str) -> list[Piece]:
    # Replaces character by character, so that places stay.
    plain = line.translate(_SAME_CHARACTERS)
    pieces = []
    offset = 0
    while offset < len(plain):
        found = _LINE.match(plain, offset)
        if found is None:
            raise SimpleFault(f"{line[offset]!r} at character {offset + 1} is not understood")
        group = found.lastgroup or ""
        if group != "space":
            start, end = found.span(group)
            pieces.append(Piece(group, plain[start:end], line[start:end], start))
        offset = found.end()
    return pieces


def _token(piece: Piece) -> Token:
    group, plain, text, start = piece
    if group == "number":
        return Token(Kind.NUMBER, text, start, plain.replace(",", ""))
    if group == "date":
        year, month, day = re.split("[-/]", plain)
        return Token(Kind.DATE, text, start, f"{year}-{month:0>2}-{day:0>2}")
    if group == "clock":
        return Token(Kind.CLOCK, text, start, f"{plain:0>5}")
    if group == "quoted":
        return Token(Kind.NAME, text, start, text.translate(_DIGITS))
    kind = {
        "multiply": Kind.MULTIPLY,
        "percent": Kind.PERCENT,
        "range": Kind.UNTIL,
        "comma": Kind.COMMA,
    }[group]
    return Token(kind, text, start, "")
