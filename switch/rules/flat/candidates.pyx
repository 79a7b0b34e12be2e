# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Finds the rules that may match a purchase: too many rather than too few, but never one too few.

What rules ask for is said by `switch.rules.evaluator.demands`. Each rule is found in one way. One that asks
for an article, a segment or an agreement is led to from there, unless few rules ask for one of its texts:
then that is quicker. All others are in plans, one for each quarter-hour's rules, purse and values of texts
that rules look at; where a plan is long the amount thins it out.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp, memcpy, memset

from switch.memory.hash_table cimport NO_PLACE, NumberTable, mixed
from switch.memory.texts cimport TEXTS
from switch.rules.flat.decision cimport SET_WORDS, FlatFacts, FlatLine
from switch.rules.flat.moments cimport FlatQuarter
from switch.rules.flat.pool cimport Pool
from switch.rules.flat.postings cimport FlatPosting, FlatPostings
from switch.rules.flat.run cimport AMOUNT, FlatRun

from switch.rules.evaluator.compiled import Stage
from switch.rules.evaluator.demands import Triggers, demands_of, inert_ids, thresholds
from switch.rules.evaluator.matching import BURN_REQUEST, PURCHASE
from switch.rules.facts import SET_BITS, Facts, Subject
from switch.rules.outcome import EffectType

cdef extern from *:
    int ctz "__builtin_ctzll" (unsigned long long bits) noexcept nogil
    int popcount "__builtin_popcountll" (unsigned long long bits) noexcept nogil

cdef enum:
    # Rules of a value of a text that lead quickly to them.
    _SELECTIVE = 32
    # A plan of more rules is thinned out by the amount.
    _LONG_PLAN = 48
    _ITEM_BITS = 32

# Whether and how a rule is found.
_NOT_AT_ALL, _BY_PLAN, _BY_ITEM, _BY_SEGMENT, _BY_AGREEMENT = range(5)

_NOTHING = Facts(
    PURCHASE, 0, (), (), (), {}, {}, (), Subject(0, 0, 0, 0, 0, 0, 0), (), False, "", 0, None, None
)


def _ways(compiled, demands, looked_at):
    """How each rule is found; `looked_at` is the set of rules that look at a purchase."""
    asking = {}
    for demand in demands:
        for dimension, values in demand.texts.items():
            for value in values:
                asking[dimension, value] = asking.get((dimension, value), 0) + 1
    ways = []
    for rule, demand in zip(compiled, demands, strict=True):
        if not looked_at >> rule.position & 1 or rule.stage == Stage.CONVERSION:
            ways.append(_NOT_AT_ALL)
        elif BURN_REQUEST in rule.rule.triggers or rule.stage == Stage.BURN or any(
            all(asking[dimension, value] <= _SELECTIVE for value in values)
            for dimension, values in demand.texts.items()
        ):
            ways.append(_BY_PLAN)
        elif demand.items is not None:
            ways.append(_BY_ITEM)
        elif demand.segments is not None:
            ways.append(_BY_SEGMENT)
        else:
            ways.append(_BY_PLAN if demand.agreements is None else _BY_AGREEMENT)
    return ways


def _wanted(ways, way, wanted):
    """What rules that are found in one way ask for; the others ask for what nobody has."""
    return [values if own == way else () for own, values in zip(ways, wanted, strict=True)]


cdef int _copy_bits(object bits, uint64_t* into, size_t words) except -1:
    cdef bytes written = bits.to_bytes(words * 8, "little")
    memcpy(into, <const char*> written, words * 8)
    return 0


cdef class Candidates:
    """Made from the `CompiledRule`s of a table."""

    def __cinit__(self, tuple compiled):
        cdef uint64_t* bits
        cdef int64_t* edge
        self.words = (len(compiled) + 63) // 64 or 1
        words = self.words
        self._planned = <uint64_t*> calloc(words, 8)
        self._set = <uint64_t*> calloc(words, 8)
        self._full = <uint64_t*> calloc((words + 63) // 64, 8)
        self.found = <uint32_t*> calloc(len(compiled) + 1, sizeof(uint32_t))
        self._cells = <int32_t*> calloc(PLAN_CELLS, sizeof(int32_t))
        if not (self._planned and self._set and self._full and self.found and self._cells):
            raise MemoryError
        self._plans, self._plan_words = Pool(sizeof(FlatPlan)), Pool(sizeof(FlatWord))
        inert = inert_ids(compiled)
        demands = [demands_of(rule, rule.rule_id in inert) for rule in compiled]

        triggers = Triggers(compiled)
        self._purses, self._purse_sets = NumberTable(), Pool(words * 8)
        looked_at = 0
        taken = {
            effect.purse
            for rule in compiled
            for effect in rule.rule.effects
            if effect.type == EffectType.TENDER and effect.purse > 0
        }
        for purse in (0, *sorted(taken), max(taken, default=0) + 1):  # the last stands for all others
            of_purse = triggers.bits(_NOTHING._replace(tender_purse=purse))
            self._purses.place(purse)
            _copy_bits(of_purse, <uint64_t*> self._purse_sets.add(), words)
            looked_at |= of_purse

        ways = _ways(compiled, demands, looked_at)
        for place, way in enumerate(ways):
            if way == _BY_PLAN:
                self._planned[place >> 6] |= (<uint64_t> 1) << (<uint64_t> place & 63)
        self._texts = []
        for dimension in sorted({dimension for demand in demands for dimension in demand.texts}):
            self._dimensions[len(self._texts)] = dimension
            wanted = [_numbers(demand.texts.get(dimension)) for demand in demands]
            self._texts.append(FlatPostings(wanted, words, True))
        self._dimension_count = len(self._texts)
        items = [_item_numbers(demand.items) for demand in demands]
        self._items = FlatPostings(_wanted(ways, _BY_ITEM, items), words, False)
        segments = [demand.segments for demand in demands]
        self._segments = FlatPostings(_wanted(ways, _BY_SEGMENT, segments), words, False)
        agreements = [demand.agreements for demand in demands]
        self._agreements = FlatPostings(_wanted(ways, _BY_AGREEMENT, agreements), words, False)
        _copy_bits(_mask_of(self._segments.values), self._segments_used, SET_WORDS)
        _copy_bits(_mask_of(self._agreements.values), self._agreements_used, SET_WORDS)

        self._edges, self._steps = Pool(sizeof(int64_t)), Pool(words * 8)
        edges, steps = thresholds([demand.amount for demand in demands])
        # Beyond 63 bits no amount is, and none is below 0.
        for value in edges:
            edge = <int64_t*> self._edges.add()
            edge[0] = min(max(value, 0), (1 << 63) - 1)
        for step in steps:
            _copy_bits(step, <uint64_t*> self._steps.add(), words)

    def __dealloc__(self):
        free(self._planned)
        free(self._set)
        free(self._full)
        free(self.found)
        free(self._cells)

    cdef bint is_planned(self, int rule) noexcept:
        return self._planned[rule >> 6] >> (rule & 63) & 1

    cdef int find(self, FlatRun* run, FlatQuarter* quarter) except -1:
        """Fills `found`; returns how many there are."""
        cdef FlatPlan* plan = self._plan(run.facts, quarter)
        cdef FlatWord* word = <FlatWord*> self._plan_words.items + plan.first_word
        cdef uint64_t* step = self._step(run) if plan.rule_count > _LONG_PLAN else NULL
        cdef uint64_t bits
        cdef int index
        for index in range(plan.word_count):
            bits = word.bits
            if step != NULL:
                bits &= step[word.place]
            self._set[word.place] |= bits
            self._full[word.place >> 6] |= (<uint64_t> 1) << (word.place & 63)
            word += 1
        self._put_bits(self._segments, run.facts.sets[0], self._segments_used, quarter)
        self._put_bits(self._agreements, run.facts.sets[1], self._agreements_used, quarter)
        if run.facts.line_count and self._items.values.used:
            self._put_lines(run.facts, quarter)
        return self._taken_out()

    cdef int _taken_out(self) noexcept:
        """Empties the set at work into `found`."""
        cdef int full, word, count = 0
        cdef uint64_t words_left, bits
        for full in range((self.words + 63) // 64):
            words_left = self._full[full]
            self._full[full] = 0
            while words_left:
                word = full * 64 + ctz(words_left)
                words_left &= words_left - 1
                bits = self._set[word]
                self._set[word] = 0
                while bits:
                    self.found[count] = word * 64 + ctz(bits)
                    bits &= bits - 1
                    count += 1
        return count

    cdef FlatPlan* _plan(self, FlatFacts* facts, FlatQuarter* quarter) except NULL:
        cdef uint32_t key[KEY_MAX]
        cdef uint64_t hash = quarter.epoch
        cdef int index, count = 3 + self._dimension_count
        cdef int32_t cell
        cdef int64_t purse = 0
        cdef FlatPlan* plan
        if facts.tender_purse > 0:
            purse = self._purses.find(facts.tender_purse)
            if purse == NO_PLACE:
                purse = self._purse_sets.count - 1
        key[0], key[1], key[2] = <uint32_t> quarter.epoch, <uint32_t> (quarter.epoch >> 32), <uint32_t> purse
        hash = mixed(hash * 64 + purse)
        for index in range(self._dimension_count):
            # The next number is for all values that no rule asks for.
            key[3 + index] = <uint32_t> (
                (<FlatPostings> self._texts[index]).find(facts.texts[self._dimensions[index]]) + 1
            )
            hash = (hash ^ key[3 + index]) * <uint64_t> 0x9E3779B97F4A7C15
            hash ^= hash >> 29
        cell = hash & (PLAN_CELLS - 1)
        while self._cells[cell]:
            plan = <FlatPlan*> self._plans.items + (self._cells[cell] - 1)
            if plan.hash == hash and memcmp(plan.key, key, count * sizeof(uint32_t)) == 0:
                return plan
            cell = (cell + 1) & (PLAN_CELLS - 1)
        if self._plans.count >= PLANS_MAX or self._plan_words.count >= PLAN_WORDS_MAX:
            # Begins again with nothing remembered.
            self._plans.clear()
            self._plan_words.clear()
            memset(self._cells, 0, PLAN_CELLS * sizeof(int32_t))
            cell = hash & (PLAN_CELLS - 1)
        plan = <FlatPlan*> self._plans.add()
        plan.hash = hash
        memcpy(plan.key, key, count * sizeof(uint32_t))
        self._work_out(plan, quarter)
        self._cells[cell] = self._plans.count
        return plan

    cdef int _work_out(self, FlatPlan* plan, FlatQuarter* quarter) except -1:
        cdef uint64_t* bits = self._set
        cdef uint64_t* of_purse = <uint64_t*> self._purse_sets.items + plan.key[2] * self.words
        cdef FlatWord* word
        cdef int index
        for index in range(self.words):
            bits[index] = quarter.possible[index] & of_purse[index] & self._planned[index]
        for index in range(self._dimension_count):
            (<FlatPostings> self._texts[index]).keep(<int64_t> plan.key[3 + index] - 1, bits)
        plan.first_word = self._plan_words.count
        for index in range(self.words):
            if bits[index]:
                plan.rule_count += popcount(bits[index])
                word = <FlatWord*> self._plan_words.add()
                word.place = index
                word.bits = bits[index]
                bits[index] = 0
        plan.word_count = self._plan_words.count - plan.first_word
        return 0

    cdef void _put_bits(
        self, FlatPostings postings, uint64_t* held, uint64_t* used, FlatQuarter* quarter
    ) noexcept:
        """Adds the rules that ask for one of the bits of a set."""
        cdef int word
        cdef uint64_t bits
        for word in range(SET_WORDS):
            bits = held[word] & used[word]
            while bits:
                self._put(postings, postings.find(word * 64 + ctz(bits)), quarter)
                bits &= bits - 1

    cdef void _put_lines(self, FlatFacts* facts, FlatQuarter* quarter) noexcept:
        """Adds the rules that ask for something of the basket."""
        cdef FlatLine* line = facts.lines
        cdef int index, label
        for index in range(facts.line_count):
            self._put(self._items, self._items.find(line.sku), quarter)
            self._put(self._items, self._items.find((<uint64_t> 1) << _ITEM_BITS | line.category), quarter)
            for label in range(line.label_count):
                self._put(
                    self._items, self._items.find((<uint64_t> 2) << _ITEM_BITS | line.labels[label]), quarter
                )
            line += 1

    cdef void _put(self, FlatPostings postings, int64_t place, FlatQuarter* quarter) noexcept:
        cdef FlatPosting* posting
        cdef uint32_t* rules
        cdef uint32_t rule, word
        cdef uint64_t bit
        cdef int index
        if place == NO_PLACE:
            return
        posting = postings.posting(place)
        rules = postings.rules_of(posting)
        for index in range(posting.count):
            rule = rules[index]
            word = rule >> 6
            bit = (<uint64_t> 1) << (rule & 63)
            if quarter.possible[word] & bit:
                self._set[word] |= bit
                self._full[word >> 6] |= (<uint64_t> 1) << (word & 63)

    cdef uint64_t* _step(self, FlatRun* run) noexcept:
        """The rules that the amount suits."""
        cdef int64_t* edges = <int64_t*> self._edges.items
        cdef int low = 0, high = self._edges.count, middle
        cdef int64_t amount = run.facts.numbers[AMOUNT]
        if not run.known[AMOUNT]:
            return <uint64_t*> self._steps.items + (self._steps.count - 1) * self.words
        while low < high:
            middle = (low + high) >> 1
            if edges[middle] <= amount:
                low = middle + 1
            else:
                high = middle
        return <uint64_t*> self._steps.items + low * self.words


def _numbers(texts):
    return None if texts is None else [TEXTS.number(text) for text in texts]


def _item_numbers(items):
    return None if items is None else [kind << _ITEM_BITS | TEXTS.number(value) for kind, value in items]


def _mask_of(bits):
    """Bits as one integer, as far as members can have them."""
    return sum(1 << bit for bit in bits if bit < SET_BITS)
