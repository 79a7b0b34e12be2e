"""Sums of a replay: what was given and taken then, and what would have been."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from switch.journal.entries import GrantRecord, TransactionEntry
from switch.rules.local_time import LocalDay
from switch.rules.outcome import EffectType, Party
from switch.rules.purses import Purse
from switch.rules.table import RuleTable

CHANGES_KEPT = 50
_APPROVED = "00"
_TAKING = (EffectType.COST, EffectType.TENDER)
_DEBTS = (Party.MEMBER, Party.HOUSEHOLD, Party.GIFT_CARD)


class Part(NamedTuple):
    """What one rule gave (or took: below zero) in one purchase; `purse` is empty for a discount.

    `rial` is what it is worth to the member; what pays the bill is worth what it pays, and so nothing.
    `liability` is what the club owes its members more for it, in rial.
    """

    rule_id: str
    member: int
    purse: str
    units: int
    rial: int
    liability: int


@dataclass
class Pair:
    """The same figure then and otherwise."""

    then: int = 0
    otherwise: int = 0

    @property
    def difference(self) -> int:
        """How much more it would be."""
        return self.otherwise - self.then


class PurchaseChange(NamedTuple):
    """A purchase that would have gone otherwise: response codes, and units and rial by purse."""

    position: int
    date: int
    member: int
    amount: int
    codes: tuple[str, str]
    units: dict[str, int]
    rial: int


@dataclass
class SliceSums:
    """Of one rule, member group or branch: purchases in which something was given or taken, what that is
    worth in rial, liability, and units by purse; "" counts discounts, in rial."""

    uses: Pair = field(default_factory=Pair)
    rial: Pair = field(default_factory=Pair)
    liability: Pair = field(default_factory=Pair)
    units: defaultdict[str, Pair] = field(default_factory=lambda: defaultdict(Pair))

    def count(self, part: Part, *, is_other: bool) -> None:
        """Add what a rule gave."""
        _count(self.rial, part.rial, is_other=is_other)
        _count(self.liability, part.liability, is_other=is_other)
        _count(self.units[part.purse], part.units, is_other=is_other)


@dataclass
class DaySums:
    """A local day: purchases that would differ, and the worth in rial of what rules gave."""

    purchases: int = 0
    different: int = 0
    rial: Pair = field(default_factory=Pair)


class ReplaySums:
    """Of all members, or of one."""

    def __init__(self, table: RuleTable, member: int) -> None:
        self._table = table
        self._purses: dict[int, Purse] = dict(table.purses)
        self._member = member
        self.purchases = 0
        self.different = 0
        self.left_out: Counter[str] = Counter()
        self.declined_now: Counter[str] = Counter()
        self.approved_now: Counter[str] = Counter()
        self.total = SliceSums()
        self.rules: defaultdict[str, SliceSums] = defaultdict(SliceSums)
        self.groups: defaultdict[str, SliceSums] = defaultdict(SliceSums)
        self.branches: defaultdict[str, SliceSums] = defaultdict(SliceSums)
        self.days: defaultdict[int, DaySums] = defaultdict(DaySums)
        self.member_rial: Counter[int] = Counter()
        self.member_units: defaultdict[int, Counter[str]] = defaultdict(Counter)
        self.changes: list[PurchaseChange] = []

    @property
    def rial(self) -> Pair:
        """What all of it is worth to members."""
        return self.total.rial

    @property
    def units(self) -> defaultdict[str, Pair]:
        """Units of everybody, by purse."""
        return self.total.units

    def know(self, table: RuleTable) -> None:
        """Learn purses that the other table no longer has."""
        self._purses = {**table.purses, **self._purses}

    def leave_out(self, entry: TransactionEntry) -> None:
        """A purchase that can't be judged: what it depended on isn't in the journal."""
        if self._concerns(entry):
            self.left_out["approved" if entry.response_code == _APPROVED else "declined"] += 1

    def add(
        self, position: int, day: LocalDay, group: str, entry: TransactionEntry, other: TransactionEntry
    ) -> None:
        """A purchase as it was decided, and as the other table would have decided it, of a member's group."""
        if not self._concerns(entry):
            return
        self.purchases += 1
        of_day = self.days[day.date]
        of_day.purchases += 1
        member = entry.member_number or 0
        then, otherwise = list(self._parts(entry)), list(self._parts(other))
        whole = (self.total, self.groups[group], self.branches[f"{entry.merchant_id}/{entry.branch_number}"])
        for parts, is_other in ((then, False), (otherwise, True)):
            rules = {part.rule_id: self.rules[part.rule_id] for part in parts}
            for touched in (*rules.values(), *(whole if parts else ())):
                _count(touched.uses, 1, is_other=is_other)
            for part in parts:
                _count(of_day.rial, part.rial, is_other=is_other)
                for touched in (rules[part.rule_id], *whole):
                    touched.count(part, is_other=is_other)
        codes = (entry.response_code, other.response_code)
        if codes[0] == codes[1] and sorted(then) == sorted(otherwise):
            return
        self.different += 1
        of_day.different += 1
        if codes[0] != codes[1]:
            (self.declined_now if codes[0] == _APPROVED else self.approved_now)[
                codes[1] if codes[0] == _APPROVED else codes[0]
            ] += 1
        self._note_members(then, otherwise)
        if len(self.changes) < CHANGES_KEPT:
            units: Counter[str] = Counter()
            for sign, parts in ((-1, then), (1, otherwise)):
                for part in parts:
                    units[part.purse] += sign * part.units
            rial = sum(part.rial for part in otherwise) - sum(part.rial for part in then)
            changed = {purse: delta for purse, delta in units.items() if delta}
            self.changes.append(
                PurchaseChange(position, day.date, member, entry.amount, codes, changed, rial)
            )

    def _note_members(self, then: list[Part], otherwise: list[Part]) -> None:
        for sign, parts in ((-1, then), (1, otherwise)):
            for part in parts:
                self.member_rial[part.member] += sign * part.rial
                self.member_units[part.member][part.purse] += sign * part.units

    def _concerns(self, entry: TransactionEntry) -> bool:
        return not self._member or entry.member_number == self._member

    def _parts(self, entry: TransactionEntry) -> Iterator[Part]:
        if entry.response_code == _APPROVED:
            for grant in entry.grants:
                if grant.granted:
                    yield self._part(grant, entry.member_number or 0)

    def _part(self, grant: GrantRecord, member: int) -> Part:
        if grant.type == EffectType.DISCOUNT:
            return Part(grant.rule_id, member, "", grant.granted, grant.granted, 0)
        purse = self._purses.get(grant.purse)
        name = f"purse-{grant.purse:02d}" if purse is None else purse.name
        rial = 0 if purse is None else purse.value(grant.granted)
        if grant.type in _TAKING:
            worth = -rial if grant.type == EffectType.COST else 0
            return Part(grant.rule_id, member, name, -grant.granted, worth, -rial)
        who = grant.number if grant.party == Party.MEMBER else member
        return Part(grant.rule_id, who, name, grant.granted, rial, rial if grant.party in _DEBTS else 0)


def _count(pair: Pair, amount: int, *, is_other: bool) -> None:
    if is_other:
        pair.otherwise += amount
    else:
        pair.then += amount
