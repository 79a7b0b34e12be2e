"""Finds the rules that may match a request, at a cost that hardly depends on how many rules there are.

What a table compares for equality (trigger, texts, time) is a key; for each key the candidates are remembered
as a plan. Few candidates are taken as they are. Where many are left, as with rules for single articles or for
segments, sets of bits narrow them by segments, agreements, the amount and the articles of the basket. All of
this finds too many rules rather than too few: each candidate keeps the tests that aren't certain yet.
"""

from bisect import bisect_right
from collections.abc import Iterable

from switch.rules.evaluator.compiled import CompiledRule, Stage
from switch.rules.evaluator.demands import (
    AGREEMENTS,
    SEGMENTS,
    ItemKey,
    Triggers,
    demands_of,
    inert_ids,
    text_dimensions,
    thresholds,
)
from switch.rules.evaluator.matching import Check, all_of
from switch.rules.evaluator.postings import Postings, bits_of, positions_of
from switch.rules.evaluator.run import Run
from switch.rules.evaluator.schedule import Schedule
from switch.rules.evaluator.selection import Entry
from switch.rules.local_time import LocalClock

# Up to so many candidates are tested one by one rather than narrowed.
FEW_CANDIDATES = 24
PLANS_MAX = 8_192
NARROWED_MAX = 64
# Bound of what all plans together hold.
ENTRIES_MAX = 500_000

# Stands for all known texts that no rule names.
_OTHER = "\0"

Stages = tuple[tuple[Entry, ...], ...]
_NarrowKey = tuple[int, int, int]


class _Narrowed:
    """Candidates of a plan for one member and amount: those that need no article, and all."""

    __slots__ = ("bits", "flags", "free", "stages")

    def __init__(self, free: list[int], bits: int, stages: Stages) -> None:
        self.free = free
        self.bits = bits
        self.stages = stages
        self.flags = bits.to_bytes(bits.bit_length() // 8 + 1, "little")


class _Plan:
    """Candidates of one key: `stages` where they are few, else the set of them."""

    __slots__ = ("bits", "narrowed", "stages")

    def __init__(self, stages: Stages | None, bits: int) -> None:
        self.stages = stages
        self.bits = bits
        self.narrowed: dict[_NarrowKey, _Narrowed] = {}


class Index:
    """The index of one table. Not for use by several threads at once."""

    __slots__ = (
        "_agreements",
        "_agreements_used",
        "_amount_bits",
        "_amount_breaks",
        "_entries",
        "_full_checks",
        "_held",
        "_items",
        "_more_segments",
        "_plans",
        "_rules",
        "_schedule",
        "_segments",
        "_segments_used",
        "_texts",
        "_triggers",
    )

    def __init__(self, rules: tuple[CompiledRule, ...], clock: LocalClock) -> None:
        self._rules = rules
        self._schedule = Schedule(rules, clock)
        self._triggers = Triggers(rules)
        inert = inert_ids(rules)
        demands = [demands_of(rule, rule.rule_id in inert) for rule in rules]
        # For each text: its place, what its values are taken for in a key, and who asks for them.
        self._texts = tuple(
            (
                dimension,
                {"": "", **{value: value for value in values}}.get,
                Postings([demand.texts.get(dimension) for demand in demands]),
            )
            for dimension, values in text_dimensions(rules)
        )
        self._segments = Postings([demand.segments for demand in demands])
        self._more_segments = Postings([demand.more_segments for demand in demands])
        self._agreements = Postings([demand.agreements for demand in demands])
        self._segments_used = bits_of(
            {*self._segments.few, *self._segments.many}.union(
                self._more_segments.few, self._more_segments.many
            )
        )
        self._agreements_used = bits_of((*self._agreements.few, *self._agreements.many))
        self._items: Postings[ItemKey] = Postings([demand.items for demand in demands])
        self._amount_breaks, self._amount_bits = thresholds([demand.amount for demand in demands])
        # Of candidates found by sets of bits only the equality of texts and the trigger are certain.
        self._full_checks: tuple[Check | None, ...] = tuple(
            _together(rule.text_parts, rule.time_parts, rule.other_parts) for rule in rules
        )
        self._plans: dict[tuple[object, ...], _Plan] = {}
        self._held = 0

    def candidates(self, run: Run) -> Stages:
        """The rules that may match, stage by stage, each with the test that is left."""
        facts = run.facts
        texts = facts.texts
        epoch, possible, certain = self._schedule.quarter(facts.at_s)
        key = (
            epoch,
            self._triggers.key(facts),
            *[name(texts[place], _OTHER) for place, name, _ in self._texts],
        )
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plan(run, possible, certain)
            if len(self._plans) >= PLANS_MAX:
                self._forget()
            self._plans[key] = plan
        return plan.stages if plan.stages is not None else self._narrow(run, plan)

    def _plan(self, run: Run, possible: int, certain: int) -> _Plan:
        if self._held >= ENTRIES_MAX:
            self._forget()
        bits = possible & self._triggers.bits(run.facts)
        for place, _, postings in self._texts:
            bits &= postings.passing(run.texts[place])
            if not bits:
                break
        if bits.bit_count() > FEW_CANDIDATES:
            self._held += bits.bit_length() // 64
            return _Plan(None, bits)
        entries: list[Entry] = []
        for position in positions_of(bits):
            rule = self._rules[position]
            if rule.text_parts is not None and not rule.text_parts(run):
                continue
            check = rule.other_parts
            if rule.time_parts is not None and not certain >> position & 1:
                check = _together(rule.time_parts, check)
            entries.append((rule, check))
        self._held += len(entries) + 1
        return _Plan(_by_stage(entries), bits)

    def _forget(self) -> None:
        """Begins again with nothing remembered."""
        self._plans.clear()
        self._held = 0

    def _narrow(self, run: Run, plan: _Plan) -> Stages:
        amount = run.numbers[0]
        key = (
            run.sets[SEGMENTS] & self._segments_used,
            run.sets[AGREEMENTS] & self._agreements_used,
            -1 if amount is None else bisect_right(self._amount_breaks, amount),
        )
        narrowed = plan.narrowed.get(key)
        if narrowed is None:
            narrowed = self._narrowed(plan, key)
        if not run.lines or not self._items:
            return narrowed.stages
        found = self._of_lines(run, narrowed)
        if not found:
            return narrowed.stages
        return self._stages(sorted((*narrowed.free, *found)))

    def _narrowed(self, plan: _Plan, key: _NarrowKey) -> _Narrowed:
        segments, agreements, interval = key
        bits = plan.bits & self._amount_bits[interval]
        bits &= _passing(self._segments, segments) & _passing(self._more_segments, segments)
        bits &= _passing(self._agreements, agreements)
        free = positions_of(bits & self._items.free)
        narrowed = _Narrowed(free, bits, self._stages(free))
        if self._held >= ENTRIES_MAX:
            self._forget()
        if len(plan.narrowed) >= NARROWED_MAX:
            plan.narrowed.clear()
        plan.narrowed[key] = narrowed
        self._held += len(free) + bits.bit_length() // 64 + 1
        return narrowed

    def _of_lines(self, run: Run, narrowed: _Narrowed) -> set[int]:
        """Candidates that need one of the articles, categories or labels of the basket."""
        few, many = self._items.few, self._items.many
        flags = narrowed.flags
        last = len(flags) * 8
        found: set[int] = set()
        bits = 0
        for dimension, values in enumerate(run.articles()):
            for value in values:
                positions = few.get((dimension, value))
                if positions is None:
                    bits |= many.get((dimension, value), 0)
                    continue
                for position in positions:
                    if position < last and flags[position >> 3] >> (position & 7) & 1:
                        found.add(position)
        bits &= narrowed.bits
        if bits:
            found.update(positions_of(bits))
        return found

    def _stages(self, positions: list[int]) -> Stages:
        rules, checks = self._rules, self._full_checks
        return _by_stage([(rules[position], checks[position]) for position in positions])


def _passing(postings: Postings[int], bits: int) -> int:
    """The rules that ask for none of a dimension's bits, or for one of these."""
    passing = postings.free
    for bit in positions_of(bits):
        passing |= postings.keyed(bit)
    return passing


def _together(*checks: Check | None) -> Check | None:
    return all_of([check for check in checks if check is not None])


def _by_stage(entries: Iterable[Entry]) -> Stages:
    stages: list[list[Entry]] = [[] for _ in Stage]
    for entry in entries:
        stages[entry[0].stage].append(entry)
    return tuple(tuple(stage) for stage in stages)
