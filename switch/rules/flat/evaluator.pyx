# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The evaluator on flat memory; `switch.rules.evaluator.core` is its definition.

It decides purchases that ask for no reward. What it can't do, as numbers that don't fit, is NOT_MINE: the
plain evaluator decides that, and nothing has been counted yet.
"""

from cpython.bytes cimport PyBytes_AS_STRING
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.stdlib cimport calloc, free, malloc

from switch.rules.flat.candidates cimport Candidates
from switch.rules.flat.capping cimport count_occasion
from switch.rules.flat.counter_source cimport CounterSource
from switch.rules.flat.counting cimport NO_SLOT, Counting
from switch.rules.flat.decision cimport DECIDED, NOT_MINE, REFUSED, FlatFacts, FlatOutcome
from switch.rules.flat.earning cimport grant_discounts, grant_earnings, propose, resolve
from switch.rules.flat.image cimport FlatDeclared, FlatEffect, FlatRule, Image
from switch.rules.flat.moments cimport Moments
from switch.rules.flat.paying cimport passes_gate, pays
from switch.rules.flat.plain_values cimport PlainCounters, fill_facts, outcome_of
from switch.rules.flat.run cimport NET_AMOUNT, POINTS_PAID
from switch.rules.flat.work cimport Work

import gc

from switch.rules.evaluator.compiled import Stage, compile_table
from switch.rules.evaluator.schedule import Schedule
from switch.rules.local_time import clock_of
from switch.rules.table import CounterOf

cdef extern from *:
    void prefetch "__builtin_prefetch" (const void* address) noexcept nogil

cdef int _GATES = Stage.GATES
cdef int _DISCOUNTS = Stage.DISCOUNTS
cdef int _BURN = Stage.BURN
cdef int _CONVERSION = Stage.CONVERSION
cdef int _BASE = Stage.BASE
cdef int _MULTIPLIER = Stage.MULTIPLIER
cdef int _BONUS = Stage.BONUS
cdef int _OF_VISITS = CounterOf.VISITS
cdef int _OF_AMOUNT = CounterOf.AMOUNT
cdef int _OF_QUANTITY = CounterOf.QUANTITY


cdef class FlatEvaluator:
    """Made from a `RuleTable`."""

    def __cinit__(self, table):
        collects = gc.isenabled()
        gc.disable()  # nothing of what is made here is garbage: looking for it would take most of the time
        try:
            self._make(table)
        finally:
            if collects:
                gc.enable()

    cdef int _make(self, object table) except -1:
        clock = clock_of(table.programme.time_zone)
        compiled = compile_table(table)
        self.candidates = Candidates(compiled)
        moments = Moments(Schedule(compiled, clock), clock, table.programme.calendar, self.candidates.words)
        self.image = Image(table, compiled, self.candidates, Counting(table, moments))
        self.work = Work(self.image)
        return self._pack_names()

    cdef int _pack_names(self) except -1:
        cdef int place, first = 0
        starts, names = [0], bytearray()
        self._rule_firsts = <uint32_t*> malloc((len(self.image.plain) + 1) * sizeof(uint32_t))
        if self._rule_firsts == NULL:
            raise MemoryError
        for place, rule in enumerate(self.image.plain):
            self._rule_firsts[place] = first
            for effect in rule.effects:
                names += _packed(rule.rule_id) + _packed(effect.reference)
                starts.append(len(names))
                first += 1
        self._name_starts = <uint32_t*> malloc(len(starts) * sizeof(uint32_t))
        if self._name_starts == NULL:
            raise MemoryError
        for place, start in enumerate(starts):
            self._name_starts[place] = start
        self._names = bytes(names)
        return 0

    def __dealloc__(self):
        free(self.facts)
        free(self.outcome)
        free(self._name_starts)
        free(self._rule_firsts)

    def evaluate(self, facts, counters):
        """What the rules decide, None where the plain evaluator must decide."""
        cdef PlainCounters source = PlainCounters(counters)
        if self.facts == NULL:
            self.facts = <FlatFacts*> calloc(1, sizeof(FlatFacts))
            self.outcome = <FlatOutcome*> calloc(1, sizeof(FlatOutcome))
            if self.facts == NULL or self.outcome == NULL:
                raise MemoryError
        if not fill_facts(facts, self.facts):
            return None
        decided = self.decide(self.facts, source, self.outcome)
        source.check()
        return None if decided == NOT_MINE else outcome_of(self.work, self.outcome)

    cdef int decide(self, FlatFacts* facts, CounterSource counters, FlatOutcome* outcome) except -1:
        """DECIDED, REFUSED or NOT_MINE."""
        cdef int decided
        self.work.begin(facts, counters, outcome)
        if self.work.run.is_not_mine:
            return NOT_MINE
        decided = self._stages(outcome)
        return NOT_MINE if self.work.run.is_not_mine else decided

    cdef int _stages(self, FlatOutcome* outcome) except -1:
        cdef Work work = self.work
        cdef FlatRule* rules = <FlatRule*> self.image.rules.items
        cdef FlatEffect* effects = <FlatEffect*> self.image.effects.items
        cdef const int* ends = self.image.stage_ends
        cdef int32_t* found = <int32_t*> self.candidates.found
        cdef int count = self.candidates.find(&work.run, work.moments.quarter)
        cdef int index = 0, first, kept = 0
        cdef int64_t payable

        for index in range(count):
            prefetch(&rules[found[index]])
        for index in range(count):
            prefetch(effects + rules[found[index]].effects.first)
        index = 0
        while index < count and found[index] < ends[_GATES]:
            if work.keeps(found[index]):
                if not passes_gate(work, found[index], outcome):
                    return REFUSED
                found[kept] = found[index]
                kept += 1
            index += 1
        for first in range(kept):
            if rules[found[first]].has_early_caps:
                count_occasion(work, &rules[found[first]], work.run.amount)

        first = index
        index = self._propose(found, index, count, _DISCOUNTS, 0)
        if index > first:
            resolve(work, 0)
            grant_discounts(work, outcome)
        payable = outcome.amount - outcome.discount
        first = index
        while index < count and found[index] < ends[_BURN]:
            index += 1
        if work.run.facts.tender_purse and payable:
            if not pays(work, &found[first], index - first, payable, outcome):
                return REFUSED
            work.run.numbers[POINTS_PAID] = outcome.tendered * 1000 // outcome.amount
        outcome.net_amount = work.run.numbers[NET_AMOUNT] = payable - outcome.tendered
        while index < count and found[index] < ends[_CONVERSION]:
            index += 1

        index = self._propose(found, index, count, _BASE, 0)
        resolve(work, 0)
        kept = first = work.proposal_count
        index = self._propose(found, index, count, _MULTIPLIER, kept)
        resolve(work, first)
        first = work.proposal_count
        self._propose(found, index, count, _BONUS, 0)
        resolve(work, first)
        grant_earnings(work, outcome)
        self._count_declared()
        work.counting.write_moves(outcome)
        if work.text_count:
            outcome.text_rule = work.texts[0]
        return DECIDED

    cdef int _propose(self, int32_t* found, int index, int count, int stage, int base) except -1:
        """Adds what the rules of a stage want to give; returns where the next stage's begin."""
        cdef int end = self.image.stage_ends[stage]
        self.work.is_stopped = False
        while index < count and found[index] < end:
            if self.work.keeps(found[index]):
                propose(self.work, found[index], stage == _DISCOUNTS, base)
            index += 1
        return index

    cdef int _count_declared(self) except -1:
        cdef Work work = self.work
        cdef FlatDeclared* declared = <FlatDeclared*> self.image.declared.items
        cdef FlatFacts* facts = work.run.facts
        cdef int64_t delta
        cdef int index, place
        for index in range(self.image.declared.count):
            if not work.conditions.holds(declared[index].entry, &work.run):
                continue
            if declared[index].slot == NO_SLOT:
                work.run.is_not_mine = True
                return 0
            delta = 0
            if declared[index].of == _OF_VISITS:
                delta = 1
            elif declared[index].of == _OF_AMOUNT:
                delta = work.run.amount
            elif declared[index].of == _OF_QUANTITY:
                for place in range(facts.line_count):
                    delta += facts.lines[place].quantity
            else:
                for place in range(facts.metric_count):
                    if facts.metric_names[place] == declared[index].metric:
                        delta = facts.metric_values[place]  # as in a mapping, the last of a name counts
            work.counting.count(declared[index].slot, delta, True, declared[index].of == _OF_VISITS)
        return 0

    cdef const uint8_t* names_packed(self, int rule, int effect, int* size) noexcept:
        """The id of a rule, then what its effect refers to, empty for nothing."""
        cdef uint32_t* starts = &self._name_starts[self._rule_firsts[rule] + effect]
        size[0] = starts[1] - starts[0]
        return <const uint8_t*> PyBytes_AS_STRING(self._names) + starts[0]

    cdef int rule_version(self, int rule) noexcept:
        return (<FlatRule*> self.image.rules.items)[rule].version

    cdef int on_return(self, int rule) noexcept:
        return (<FlatRule*> self.image.rules.items)[rule].on_return

    cdef int flags(self, int rule) noexcept:
        return (<FlatRule*> self.image.rules.items)[rule].flags

    cdef tuple member_texts(self, int rule):
        """Persian and English, both empty where the rule has none."""
        plain = self.image.plain[rule]
        return plain.member_text_fa, plain.member_text_en

    cdef tuple refusal_texts(self):
        return self.work.refusal_texts()


def _packed(text):
    """One length byte and UTF-8; empty where it is longer than any entry could have it."""
    raw = text.encode()
    return bytes((len(raw),)) + raw if len(raw) <= 0xFF else b""
