# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""One decision under way: its facts, which rules it keeps, what it grants.

Keeping is what `switch.rules.evaluator.selection` does.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

from switch.rules.flat.conditions cimport HOLDS
from switch.rules.flat.counter_source cimport CounterSource
from switch.rules.flat.decision cimport (
    GRANTS_MAX,
    LINES_MAX,
    METRICS_MAX,
    NUMBERS_MAX,
    TEXTS_MAX,
    UPLINES_MAX,
    FlatFacts,
    FlatGrant,
    FlatOutcome,
)
from switch.rules.flat.image cimport NOTHING, PARTS_MAX, FlatCost, FlatEffect, FlatRule, Image
from switch.rules.flat.moments cimport DAY_NUMBERS
from switch.rules.flat.run cimport (
    AMOUNT,
    FIRST_OF_DAY,
    ITEM_QUANTITY,
    LINE_COUNT,
    MINUTE,
    NET_AMOUNT,
    POINTS_PAID,
    VALUE_MAX,
)

from switch.rules.facts import NumberDimension, TextDimension
from switch.rules.outcome import NEVER_S, GrantReason

assert len(TextDimension) == TEXTS_MAX
assert len(NumberDimension) == NUMBERS_MAX
assert (NumberDimension.AMOUNT, NumberDimension.NET_AMOUNT) == (AMOUNT, NET_AMOUNT)
assert (NumberDimension.POINTS_PAID, NumberDimension.LINE_COUNT) == (POINTS_PAID, LINE_COUNT)
assert (NumberDimension.ITEM_QUANTITY, NumberDimension.DATE) == (ITEM_QUANTITY, FIRST_OF_DAY)
assert NumberDimension.MINUTE == MINUTE

cdef uint64_t _NEVER_S = NEVER_S
cdef int _GRANTED = GrantReason.GRANTED


cdef class Work:
    """For one decision after the other, on one image."""

    def __cinit__(self, Image image):
        self.image = image
        self.conditions = image.conditions
        self.counting = image.counting
        self.moments = image.counting.moments
        self.selected = <FlatSelected*> calloc(image.id_count + 1, sizeof(FlatSelected))
        self.rivals = <FlatRival*> calloc(image.group_count + 1, sizeof(FlatRival))
        if self.selected == NULL or self.rivals == NULL:
            raise MemoryError
        self.decision = 0
        self.phase = 0

    def __dealloc__(self):
        free(self.selected)
        free(self.rivals)

    cdef int begin(self, FlatFacts* facts, CounterSource counters, FlatOutcome* outcome) except -1:
        """Makes everything ready for a request."""
        cdef FlatRun* run = &self.run
        cdef int64_t quantity = 0
        cdef int place
        self.decision += 1
        self.is_stopped = self.is_refused = False
        self.proposal_count = self.part_count = self.paying_count = self.text_count = 0
        self.refusing_rule = self.refusing_effect = NOTHING
        run.facts = facts
        run.is_not_mine = False
        self.counting.begin(run, counters)
        if not 0 <= facts.line_count <= LINES_MAX or not 0 <= facts.metric_count <= METRICS_MAX:
            run.is_not_mine = True
            return 0
        self.moments.look_at(facts.at_s)
        memcpy(run.numbers, facts.numbers, sizeof(run.numbers))
        memcpy(run.known, facts.known, sizeof(run.known))
        run.amount = facts.numbers[AMOUNT] if facts.known[AMOUNT] else 0
        run.is_not_mine = not 0 <= run.amount <= VALUE_MAX or not 0 <= facts.upline_count <= UPLINES_MAX
        for place in range(facts.line_count):
            if not 0 <= facts.lines[place].amount <= VALUE_MAX:
                run.is_not_mine = True
            if not 0 <= facts.lines[place].quantity <= VALUE_MAX:
                run.is_not_mine = True
            quantity += facts.lines[place].quantity
        for place in range(facts.metric_count):
            if not -VALUE_MAX <= facts.metric_values[place] <= VALUE_MAX:
                run.is_not_mine = True
        if facts.tender_amount > VALUE_MAX or facts.tender_units > VALUE_MAX:
            run.is_not_mine = True
        run.all_lines = 0
        if facts.line_count:
            run.all_lines = ~(<uint64_t> 0) >> (LINES_MAX - facts.line_count)
        memcpy(run.numbers + FIRST_OF_DAY, self.moments.day.numbers, DAY_NUMBERS * sizeof(int64_t))
        run.numbers[MINUTE] = self.moments.minute
        for place in range(FIRST_OF_DAY, NUMBERS_MAX):
            run.known[place] = True
        run.numbers[LINE_COUNT] = facts.line_count
        run.numbers[ITEM_QUANTITY] = quantity
        run.known[LINE_COUNT] = run.known[ITEM_QUANTITY] = facts.line_count > 0
        run.numbers[NET_AMOUNT] = run.amount
        run.numbers[POINTS_PAID] = 0
        run.known[NET_AMOUNT] = run.known[POINTS_PAID] = True
        outcome.refusal_rule = NOTHING
        outcome.refusal_code[0] = outcome.refusal_code[1] = 48
        outcome.amount = outcome.net_amount = run.amount
        outcome.discount = outcome.tendered = 0
        outcome.discount_count = outcome.cost_count = outcome.has_tender = 0
        outcome.grant_count = outcome.move_count = 0
        outcome.text_rule = NOTHING
        return 0

    cdef bint keeps(self, int32_t place) except -1:
        """Whether a candidate holds and is kept beside the rules that were kept before."""
        cdef FlatRule* rule = <FlatRule*> self.image.rules.items + place
        if rule.bounds_amount:
            if not (self.run.known[AMOUNT] and rule.amount_from <= self.run.amount <= rule.amount_to):
                return False
        if rule.entry != HOLDS and not self.conditions.holds(rule.entry, &self.run):
            return False
        if rule.is_strange:
            self.run.is_not_mine = True
            return False
        return not (rule.is_linked or self.is_stopped) or self._admits(rule)

    cdef bint _admits(self, FlatRule* rule) noexcept:
        cdef int32_t* ids = <int32_t*> self.image.ids.items
        cdef FlatCost* cost = <FlatCost*> self.image.costs.items + rule.cost_sums.first
        cdef int place
        cdef int32_t other
        if self.selected[rule.id_place].excluded_in == self.decision or self.is_stopped:
            return False
        for place in range(rule.requires.first, rule.requires.first + rule.requires.count):
            other = ids[place]
            if other == NOTHING or self.selected[other].kept_in != self.decision:
                return False
        for place in range(rule.cost_sums.count):
            if self.run.facts.balances[cost[place].purse] < cost[place].units:
                return False
        self.selected[rule.id_place].kept_in = self.decision
        for place in range(rule.excludes.first, rule.excludes.first + rule.excludes.count):
            if ids[place] != NOTHING:
                self.selected[ids[place]].excluded_in = self.decision
        self.is_stopped = rule.stop_after
        return True

    cdef FlatGrant* add_grant(self, FlatOutcome* outcome, int32_t rule, FlatEffect* effect) noexcept:
        """A grant of nothing to nobody, for ever; NULL where there are too many."""
        cdef FlatGrant* grant
        if outcome.grant_count == GRANTS_MAX:
            self.run.is_not_mine = True
            return NULL
        grant = &outcome.grants[outcome.grant_count]
        outcome.grant_count += 1
        grant.rule = rule
        grant.reason = _GRANTED
        grant.lines = grant.available_from_s = 0
        grant.expires_at_s = _NEVER_S
        grant.funding_count = 0
        if effect != NULL:
            grant.effect = effect.index
            grant.type = effect.type
            grant.purse = effect.code
        return grant

    cdef void add_text(self, int32_t place) noexcept:
        """What the member reads of a rule that granted something."""
        cdef FlatRule* rule = <FlatRule*> self.image.rules.items + place
        if not rule.has_text:
            return
        if self.text_count == PARTS_MAX:
            self.run.is_not_mine = True
            return
        self.texts[self.text_count] = place
        self.text_count += 1

    cdef bint refuse(self, FlatOutcome* outcome, int32_t rule, const char* code) noexcept:
        """Ends the decision in the name of a rule, or of none."""
        self.is_refused = True
        self.refusing_rule = outcome.refusal_rule = rule
        outcome.refusal_code[0] = code[0]
        outcome.refusal_code[1] = code[1]
        outcome.discount = outcome.tendered = 0
        outcome.net_amount = outcome.amount
        outcome.discount_count = outcome.cost_count = outcome.has_tender = 0
        outcome.grant_count = outcome.move_count = 0
        return False

    cdef tuple refusal_texts(self):
        """What the gate says that refused, Persian and English; both empty where it says nothing."""
        if self.refusing_effect == NOTHING:
            return "", ""
        effect = self.image.plain[self.refusing_rule].effects[self.refusing_effect]
        return effect.text_fa, effect.text_en
