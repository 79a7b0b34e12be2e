"""The grammar of simple rules: what is given, then any number of clauses that restrict it.

    given   = N purse per MONEY | per MONEY N purse | P% purse | N purse for|per EVENT | xN purse
            | P% off | MONEY off, both with `for N purse` where they cost something
    clauses = at PLACES, for TIERS, on DAYS, from DATE, until DATE, from CLOCK until CLOCK, above MONEY,
              at least MONEY, once [per PERIOD], N times per PERIOD, max N [purse|rial] per PERIOD|purchase

Persian words stand in their own order (`هر ۱۰۰ هزار تومان ۱۰۰ امتیاز`); the tokens are the same.
"""

from fractions import Fraction
from typing import Final, NamedTuple

from switch.rules.simple.lexicon import DAY_WORD, Kind, Lexicon, SimpleFault, Token

_CLAUSES: Final = (
    Kind.AT,
    Kind.FOR,
    Kind.ON,
    Kind.FROM,
    Kind.UNTIL,
    Kind.ABOVE,
    Kind.LEAST,
    Kind.ONCE,
    Kind.MAX,
)


class Cap(NamedTuple):
    """A bound: `of` units or uses; window `transaction` is one purchase."""

    of: str
    window: str
    limit: int


class Given(NamedTuple):
    """What a rule gives. `purse` is empty for a discount; `per` is rial, 0 for a fixed amount.

    A percent and a factor are fractions. `event` is empty where only purchases make sense.
    """

    form: str
    purse: str
    amount: Fraction
    per: int
    event: str


class Line:
    """What a line says; every part but `given` may be missing."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.cost: tuple[str, int] | None = None
        self.branches: list[str] = []
        self.merchants: list[str] = []
        self.tiers: list[str] = []
        self.days: list[str] = []
        self.clocks: tuple[str, str] | None = None
        self.first_day = ""
        self.last_day = ""
        self.above: int | None = None
        self.at_least: int | None = None
        self.caps: list[Cap] = []


class Parser:
    """Reads one line."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.tokens = lexicon.tokens(text)
        self.position = 0

    def line(self) -> Line:
        """The whole line. Raises SimpleFault at the first word that isn't understood."""
        line = Line(self._given())
        while not self._accept(Kind.END):
            if not (self._accept(Kind.COMMA) or self._accept(Kind.AND)):
                self._clause(line)
        return line

    # What is given

    def _given(self) -> Given:
        if self._accept(Kind.EVERY):
            return self._given_after_every()
        if self._accept(Kind.FOR) or self._peek().kind == Kind.EVENT:
            event = self._expect(Kind.EVENT).value
            self._accept(Kind.COMMA)
            units = self._whole()
            return self._fixed(units, self._expect(Kind.PURSE).value, event)
        multiplier = self._accept(Kind.MULTIPLY)
        if multiplier is not None:
            factor = Fraction(multiplier.value or self._expect(Kind.NUMBER).value)
            return self._multiplied(factor, self._expect(Kind.PURSE).value)
        purse = self._accept(Kind.PURSE)
        if purse is not None:
            # Persian also says the factor last.
            number = self._accept(Kind.NUMBER)
            multiplier = self._expect(Kind.MULTIPLY)
            factor = Fraction(multiplier.value or (number.value if number else "0"))
            return self._multiplied(factor, purse.value)
        number = self._peek()
        amount = self._amount()
        if self._accept(Kind.PERCENT):
            if not 0 < amount <= 100:
                raise self._fault(number, "more than 0 and at most 100 percent")
            self._skip_purchase()
            if self._accept(Kind.OFF):
                return Given("percent", "", amount, 0, "")
            return Given("percent", self._expect(Kind.PURSE, Kind.OFF).value, amount, 0, "")
        if self._accept(Kind.MULTIPLY):
            return self._multiplied(amount, self._expect(Kind.PURSE).value)
        money = self._accept(Kind.MONEY)
        if money is not None:
            units = self._integer(number, amount * int(money.value))
            if self._accept(Kind.OFF):
                return Given("fixed", "", Fraction(units), 0, "")
            # 10,000 rial credit
            purse = self._expect(Kind.OFF, Kind.PURSE)
            return self._given_units(units, purse.value)
        units = self._integer(number, amount)
        return self._given_units(units, self._expect(Kind.PURSE, Kind.PERCENT, Kind.MONEY).value)

    def _given_units(self, units: int, purse: str) -> Given:
        if self._accept(Kind.EVERY):
            event = self._accept(Kind.EVENT)
            if event is not None:
                return self._fixed(units, purse, event.value)
            per = self._money()
            self._skip_purchase()
            return Given("rate", purse, Fraction(units), per, "")
        self._accept(Kind.FOR)
        return self._fixed(units, purse, self._expect(Kind.EVENT, Kind.EVERY).value)

    def _given_after_every(self) -> Given:
        event = self._accept(Kind.EVENT)
        if event is not None:
            self._accept(Kind.COMMA)
            units = self._whole()
            return self._fixed(units, self._expect(Kind.PURSE).value, event.value)
        per = self._money()
        self._skip_purchase()
        units = self._whole()
        return Given("rate", self._expect(Kind.PURSE).value, Fraction(units), per, "")

    def _skip_purchase(self) -> None:
        token = self._peek()
        if token.kind == Kind.EVENT and token.value == "purchase":
            self._take()
        self._accept(Kind.COMMA)

    def _fixed(self, units: int, purse: str, event: str) -> Given:
        return Given("fixed", purse, Fraction(units), 0, event)

    def _multiplied(self, factor: Fraction, purse: str) -> Given:
        if not 1 < factor <= 1000:
            raise self._fault(self.tokens[self.position - 1], "a factor above 1")
        return Given("multiplier", purse, factor, 0, "")

    # Clauses

    def _clause(self, line: Line) -> None:
        token = self._take()
        if token.kind in (Kind.ON, Kind.WEEKDAY):
            if token.kind == Kind.WEEKDAY:
                self.position -= 1
            line.days += self._values(Kind.WEEKDAY)
        elif token.kind == Kind.AT:
            self._at(line)
        elif token.kind in (Kind.FOR, Kind.WITH):
            self._for(line, token)
        elif token.kind == Kind.FROM:
            self._from(line)
        elif token.kind == Kind.UNTIL:
            line.last_day = self._expect(Kind.DATE).value
        elif token.kind == Kind.DATE:
            line.first_day = token.value
            self._expect(Kind.UNTIL)
            line.last_day = self._expect(Kind.DATE).value
        elif token.kind == Kind.ABOVE:
            line.above = self._money()
        elif token.kind == Kind.LEAST:
            line.at_least = self._money()
        elif token.kind == Kind.ONCE:
            line.caps.append(Cap("uses", self._window("lifetime"), 1))
        elif token.kind == Kind.NUMBER:
            self.position -= 1
            line.caps.append(self._times())
        elif token.kind == Kind.MAX:
            line.caps.append(self._max(line))
        elif token.kind == Kind.PERIOD:
            # Persian also says the period first: `روزی یک بار`, `روزانه حداکثر ۵۰۰ امتیاز`.
            if self._accept(Kind.MAX):
                line.caps.append(self._max(line, token.value))
            else:
                limit = 1 if self._accept(Kind.ONCE) else self._times_without_window()
                line.caps.append(Cap("uses", token.value, limit))
        else:
            raise self._fault(token, "a clause", kinds=_CLAUSES)

    def _at(self, line: Line) -> None:
        # Persian says `در روز شنبه` for a day, `در شعبه` for a place.
        day = self._accept(Kind.ON)
        if day is not None or self._peek().kind == Kind.WEEKDAY:
            line.days += self._values(Kind.WEEKDAY)
            return
        place = self._accept(Kind.PLACE)
        for name in self._values(Kind.NAME):
            is_branch = "/" in name if place is None else place.value == "branch"
            (line.branches if is_branch else line.merchants).append(name)

    def _for(self, line: Line, token: Token) -> None:
        if self._peek().kind == Kind.NUMBER:
            if line.given.purse or line.given.form == "multiplier":
                raise self._fault(token, "the rule gives a purse: only a discount can cost something")
            units = self._whole()
            line.cost = (self._expect(Kind.PURSE).value, units)
            return
        self._accept(Kind.TIER)
        for name in self._list(Kind.NAME):
            if self.lexicon.tiers and name.value not in self.lexicon.tiers:
                wanted = f"one of the tiers {', '.join(self.lexicon.tiers)}"
                raise self._fault(name, wanted, kinds=(Kind.NAME,))
            line.tiers.append(name.value)
        self._accept(Kind.TIER)

    def _from(self, line: Line) -> None:
        token = self._expect(Kind.DATE, Kind.CLOCK)
        if token.kind == Kind.CLOCK:
            self._expect(Kind.UNTIL)
            line.clocks = (token.value, self._expect(Kind.CLOCK).value)
            return
        line.first_day = token.value
        if self._accept(Kind.UNTIL):
            line.last_day = self._expect(Kind.DATE).value

    def _times(self) -> Cap:
        limit = self._times_without_window()
        return Cap("uses", self._window("", uses=True), limit)

    def _times_without_window(self) -> int:
        limit = self._whole()
        self._expect(Kind.TIMES)
        return limit

    def _max(self, line: Line, window: str = "") -> Cap:
        if self._accept(Kind.ONCE):
            return Cap("uses", window or self._window("lifetime"), 1)
        number = self._peek()
        amount = self._amount()
        if self._accept(Kind.TIMES):
            return Cap("uses", window or self._window("", uses=True), self._integer(number, amount))
        money = self._accept(Kind.MONEY)
        purse = self._accept(Kind.PURSE)
        if purse is not None and purse.value != line.given.purse:
            raise self._fault(purse, f"{line.given.purse or 'rial'}, as the rule gives that")
        factor = int(money.value) if money is not None else 1
        return Cap("units", window or self._window(""), self._integer(number, amount * factor))

    def _window(self, default: str, *, uses: bool = False) -> str:
        """Over what a cap counts; `transaction` for `per purchase`."""
        if not (self._accept(Kind.EVERY) or (self._peek().kind == Kind.AT and self._accept_before_period())):
            token = self._accept(Kind.PERIOD)
            if token is not None:
                return token.value
            if default:
                return default
            raise self._fault(self._peek(), "per day, week, month, year, lifetime or purchase")
        token = self._take()
        if token.kind == Kind.PERIOD:
            return token.value
        if token.kind == Kind.ON and token.text == DAY_WORD:
            return "day"
        if token.kind == Kind.EVENT and token.value == "purchase" and not (uses or default):
            return "transaction"
        raise self._fault(token, "day, week, month, year, lifetime or purchase", kinds=(Kind.PERIOD,))

    def _accept_before_period(self) -> bool:
        following = self.tokens[self.position + 1]
        is_period = following.kind in (Kind.PERIOD, Kind.EVENT, Kind.EVERY) or following.text == DAY_WORD
        if is_period:
            self.position += 1
            self._accept(Kind.EVERY)
        return is_period

    # Small parts

    def _values(self, kind: Kind) -> list[str]:
        return [token.value for token in self._list(kind)]

    def _list(self, kind: Kind) -> list[Token]:
        found = [self._expect(kind)]
        # A comma also stands before the next clause.
        while self._peek().kind in (Kind.COMMA, Kind.AND) and self.tokens[self.position + 1].kind == kind:
            self._take()
            found.append(self._take())
        return found

    def _amount(self) -> Fraction:
        amount = Fraction(self._expect(Kind.NUMBER).value)
        while True:
            scale = self._accept(Kind.SCALE)
            if scale is None:
                return amount
            amount *= int(scale.value)

    def _whole(self) -> int:
        token = self._peek()
        return self._integer(token, self._amount())

    def _integer(self, token: Token, amount: Fraction) -> int:
        if amount.denominator != 1 or amount <= 0:
            raise self._fault(token, "a whole number above 0")
        return amount.numerator

    def _money(self) -> int:
        token = self._peek()
        amount = self._amount()
        return self._integer(token, amount * int(self._expect(Kind.MONEY).value))

    def _peek(self) -> Token:
        return self.tokens[self.position]

    def _take(self) -> Token:
        token = self.tokens[self.position]
        self.position = min(self.position + 1, len(self.tokens) - 1)
        return token

    def _accept(self, kind: Kind) -> Token | None:
        return self._take() if self._peek().kind == kind else None

    def _expect(self, *kinds: Kind) -> Token:
        token = self._peek()
        if token.kind not in kinds:
            raise self._fault(token, *(kind.value for kind in kinds), kinds=kinds)
        return self._take()

    def _fault(self, token: Token, *wanted: str, kinds: tuple[Kind, ...] = ()) -> SimpleFault:
        expected = " or ".join(wanted)
        if token.kind == Kind.END:
            return SimpleFault(f"the line ends where {expected} should follow")
        near = self.lexicon.suggestion(token, kinds) if token.kind == Kind.NAME else ""
        return SimpleFault(
            f"“{token.text}” at character {token.start + 1} is not understood: expected {expected}{near}"
        )
