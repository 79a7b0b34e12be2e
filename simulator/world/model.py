"""The programme once more, as plainly as can be: balances in dicts, some arithmetic, no lots, no rules.

It follows the journal and decides each request by itself; what it decides must be what the switch decided.
It knows only the rules of `rule_book`, whose earnings never expire.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.world.chronicle import Asked
from simulator.world.rule_book import HOLD_MINUTES, POINTS_PER, RIAL_PER_POINT, RuleBook

POINTS, CREDIT = 91, 92
_TEHRAN_S = 12_600
_DAY_S = 86_400
_KEPT_DAYS = 46
_RETURN_DAYS = 30
_TABLES_KEPT = 8

Key = tuple[str, int, int]


class Verdict(NamedTuple):
    """What the model decides: the code, and the member's balances after it."""

    code: str
    points: int
    credit: int


class Request(NamedTuple):
    """One journaled request as the model takes it. Times are UTC seconds."""

    position: int
    identity: int
    terminal_id: str
    merchant_id: str
    member: int
    now_s: int
    transmitted_s: int
    asked: Asked


@dataclass(slots=True)
class Held:
    """A hold that is open."""

    member: int
    purse: int
    units: int
    tendered: int
    merchant_id: str
    expires_s: int


@dataclass(slots=True)
class Done:
    """Something that was approved and could be undone."""

    kind: str
    request: Request
    looked_at_s: int = 0
    moved: dict[tuple[int, int], int] = field(default_factory=dict)
    counted: list[tuple[Key, int, bool]] = field(default_factory=list)
    spent: int = 0
    purse: int = 0
    earned: dict[int, int] = field(default_factory=dict)
    returned: int = 0
    settled: dict[str, int] = field(default_factory=dict)
    settled_now: dict[str, int] = field(default_factory=dict)
    is_undone: bool = False
    sale: int = 0


class Model:
    """Balances, holds, counters and what was done, by plain keys."""

    def __init__(self) -> None:
        self.balances: dict[tuple[int, int], int] = {}
        self.holds: dict[int, Held] = {}
        self.blocked: set[int] = set()
        self.done: dict[int, Done] = {}
        self.known: dict[tuple[str, int], int] = {}
        self.undone: set[tuple[str, int]] = set()
        self.counters: dict[Key, int] = {}
        self.books: list[tuple[int, RuleBook]] = []
        self.day = 0
        self.broken: list[str] = []

    def adopt(self, at_ms: int, book: RuleBook) -> None:
        """A rule table came into force."""
        self.books = [*self.books, (at_ms, book)][-_TABLES_KEPT:]

    def note_day(self, at_ms: int) -> None:
        """Take note of an entry's day: old counters are forgotten."""
        day = at_ms // 1000 // _DAY_S
        if day > self.day:
            self.day = day
            self.counters = {key: value for key, value in self.counters.items() if not self._is_old(key)}

    def release(self, position: int) -> None:
        """A hold ran out."""
        held = self.holds.pop(position)
        self._move(held.member, held.purse, held.units)

    def verdict(self, code: str, member: int) -> Verdict:
        """A code and the balances as they stand."""
        return Verdict(code, self.balances.get((member, POINTS), 0), self.balances.get((member, CREDIT), 0))

    def decide(self, request: Request) -> Verdict:
        """Decide a request of class 1 or 2 and take its consequences."""
        key = (request.terminal_id, request.identity)
        if key in self.known:
            self.broken.append(f"position {request.position}: decided twice")
        if key in self.undone:
            self.broken.append(f"position {request.position}: decided after it had been reversed")
        self.known[key] = request.position
        asked = request.asked
        type_ = asked.processing_code[:2]
        if asked.card != str(request.member) and request.member in self.blocked:
            code = "62"
        elif type_ == "00":
            code = self._purchase(request)
        elif type_ == "20":
            code = self._return(request)
        else:
            code = self._movement(request, type_)
        return self.verdict(code, request.member)

    def reverse(self, terminal_id: str, original: int) -> tuple[str, int]:
        """Decide a reversal; the code, and the position of what it undid or 0."""
        key = (terminal_id, original)
        position = self.known.get(key, 0)
        was_undone = key in self.undone
        self.undone.add(key)
        done = self.done.get(position)
        if done is None or was_undone:
            return "00", position
        code = self._undo(position, done)
        if code != "00":
            self.undone.discard(key)
        return code, position

    # Purchases

    def _purchase(self, request: Request) -> str:
        asked = request.asked
        purse = int(asked.processing_code[2:4])
        looked_at_s = min(request.transmitted_s, request.now_s) if asked.mti == "0220" else request.now_s
        held: Held | None = None
        tender = asked.tender
        if asked.original_rrn:
            held = self.holds.get(asked.original_rrn)
            if held is None or held.expires_s <= request.now_s:
                return "25"
            if held.merchant_id != request.merchant_id or (purse and purse != held.purse):
                return "03"
            if not purse or held.member != request.member:
                return "57"
            tender = min(held.tendered, asked.amount) if tender is None else tender
        part = units = 0
        if purse:
            part = asked.amount if tender is None else tender
            if not 0 < part <= asked.amount:
                return "13"
            units = -(-part // RIAL_PER_POINT) if purse == POINTS else part
        available = self.balances.get((request.member, purse), 0)
        if asked.mti == "0100":
            if units > available:
                return "51"
            self._move(request.member, purse, -units)
            self.holds[request.position] = Held(
                request.member,
                purse,
                units,
                part,
                request.merchant_id,
                request.now_s + HOLD_MINUTES * 60,
            )
            self.done[request.position] = Done("hold", request)
            return "00"
        if held is not None and units > held.units:
            return "61"
        if held is None and units > available:
            return "51"
        done = self.done[request.position] = Done("sale", request, looked_at_s, purse=purse, spent=units)
        if held is not None:
            del self.holds[asked.original_rrn]
            self._move(request.member, purse, held.units)
        if units:
            self._post(done, request.member, purse, -units)
        self._earn(done, request.member, asked.amount - part)
        return "00"

    def _earn(self, done: Done, member: int, net: int) -> None:
        book = self._book_at(done.looked_at_s)
        day = (done.looked_at_s + _TEHRAN_S) // _DAY_S
        points_key, pot_key = ("points", member, day), ("pot", 0, 0)
        used = self.counters.get(points_key, 0)
        points = min(net * book.points_give // POINTS_PER, max(book.points_per_day - used, 0))
        points = min(points, max(book.points_budget - self.counters.get(pot_key, 0), 0))
        if points:
            self._post(done, member, POINTS, points)
            done.earned[POINTS] = points
            self._count(done, points_key, points, False)
            self._count(done, pot_key, points, False)
        uses_key = ("credit", member, day)
        credit = net * book.credit_percent // 100
        if credit and self.counters.get(uses_key, 0) < book.credit_uses_per_day:
            self._post(done, member, CREDIT, credit)
            done.earned[CREDIT] = credit
            self._count(done, uses_key, 1, True)

    # Returns

    def _return(self, request: Request) -> str:
        position = request.asked.original_rrn
        held = self.holds.get(position)
        if held is not None:
            if held.merchant_id != request.merchant_id:
                return "03"
            if held.member != request.member:
                return "57"
            self.release(position)
            self.done[request.position] = Done("void", request)
            return "00"
        sale = self.done.get(position)
        if sale is None or sale.kind != "sale":
            return "25"
        if sale.request.merchant_id != request.merchant_id:
            return "03"
        if sale.request.member != request.member:
            return "57"
        amount, whole = request.asked.amount, sale.request.asked.amount
        too_late = request.now_s > sale.looked_at_s + _RETURN_DAYS * _DAY_S
        if too_late or sale.is_undone or sale.returned + amount > whole:
            return "61"
        done = self.done[request.position] = Done("return", request, sale=position)
        sale.returned += amount
        if sale.spent:
            back = self._due(done, sale, "spent", sale.spent * sale.returned // whole)
            self._post(done, request.member, sale.purse, back)
        for purse, earned in sale.earned.items():
            kept = earned * (whole - sale.returned) // whole
            back = self._due(done, sale, f"earned {purse}", earned - kept)
            self._post(done, request.member, purse, -back)
        for index, (key, delta, is_use) in enumerate(sale.counted):
            is_whole = sale.returned == whole
            target = (delta if is_whole else 0) if is_use else delta * sale.returned // whole
            back = self._due(done, sale, f"counted {index}", target)
            self._count(done, key, -back, is_use)
        return "00"

    def _due(self, done: Done, sale: Done, part: str, target: int) -> int:
        """What is still to be settled of a part."""
        due = max(target - sale.settled.get(part, 0), 0)
        sale.settled[part] = sale.settled.get(part, 0) + due
        done.settled_now[part] = due
        return due

    # Others

    def _movement(self, request: Request, type_: str) -> str:
        asked = request.asked
        purse = int(asked.processing_code[2:4]) or int(asked.processing_code[4:])
        done = Done("movement", request)
        if type_ == "22":
            self._post(done, request.member, purse, asked.amount)
        else:
            if type_ == "40":
                if purse != POINTS:
                    return "57"
                if asked.other_member == request.member:
                    return "12"
            if self.balances.get((request.member, purse), 0) < asked.amount:
                return "51"
            self._post(done, request.member, purse, -asked.amount)
            if type_ == "40":
                self._post(done, asked.other_member, purse, asked.amount)
        self.done[request.position] = done
        return "00"

    def _undo(self, position: int, done: Done) -> str:
        if done.kind == "void" or (done.kind == "sale" and done.returned):
            return "21"
        if done.kind == "hold":
            if position not in self.holds:
                return "21"
            self.release(position)
            return "00"
        for (member, purse), amount in done.moved.items():
            self._move(member, purse, -amount)
        for key, delta, _ in done.counted:
            self._add(key, -delta)
        done.is_undone = True
        if done.kind == "return":
            sale = self.done[done.sale]
            sale.returned -= done.request.asked.amount
            for part, amount in done.settled_now.items():
                sale.settled[part] -= amount
        return "00"

    def _book_at(self, at_s: int) -> RuleBook:
        at_ms = at_s * 1000 + 999
        return next((book for since_ms, book in reversed(self.books) if since_ms <= at_ms), self.books[0][1])

    def _post(self, done: Done, member: int, purse: int, amount: int) -> None:
        if amount:
            done.moved[member, purse] = done.moved.get((member, purse), 0) + amount
            self._move(member, purse, amount)

    def _move(self, member: int, purse: int, amount: int) -> None:
        self.balances[member, purse] = self.balances.get((member, purse), 0) + amount

    def _count(self, done: Done, key: Key, delta: int, is_use: bool) -> None:
        if delta:
            done.counted.append((key, delta, is_use))
            self._add(key, delta)

    def _add(self, key: Key, delta: int) -> None:
        if not self._is_old(key):
            self.counters[key] = self.counters.get(key, 0) + delta

    def _is_old(self, key: Key) -> bool:
        return key[2] > 0 and key[2] + _KEPT_DAYS <= self.day
