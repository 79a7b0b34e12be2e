# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""A rule table as flat memory, made from the compiled rules of the plain evaluator.

What can't be said here makes its rule strange: a request that such a rule matches is the plain evaluator's.
"""

from libc.stdint cimport int32_t, int64_t

from switch.memory.texts cimport TEXTS
from switch.rules.flat.candidates cimport Candidates
from switch.rules.flat.conditions cimport Conditions, FlatItems
from switch.rules.flat.counting cimport NO_SLOT, Counting
from switch.rules.flat.decision cimport FUNDERS_MAX, PURSES_MAX
from switch.rules.flat.pool cimport Pool
from switch.rules.flat.run cimport COUNTER_MAX, VALUE_MAX

from switch.rules.evaluator.compiled import Stage
from switch.rules.flat.conditions import amount_bounds
from switch.rules.outcome import EffectType
from switch.rules.caps import CapOf, CapPer, CapWindow, WindowKind
from switch.rules.table import BasisOf, CalcMode, Kind

_EARLY = (CapOf.USES, CapOf.AMOUNT)
_BY_LINES = (BasisOf.LINES, BasisOf.QUANTITY)
_FOR_EVER = CapWindow(WindowKind.LIFETIME, 0)


cdef class Image:
    """Made from a table, its `CompiledRule`s, how they are found and the counters of its `Counting`."""

    def __cinit__(self, table, tuple compiled, Candidates candidates, Counting counting):
        cdef int place
        cdef FlatPurse* purse
        self.plain = tuple([rule.rule for rule in compiled])
        self.counting = counting
        self.conditions = Conditions(counting, table.counters)
        self.rules, self.effects = Pool(sizeof(FlatRule)), Pool(sizeof(FlatEffect))
        self.caps, self.bands = Pool(sizeof(FlatCap)), Pool(sizeof(FlatBand))
        self.budgets, self.funders = Pool(sizeof(FlatBudget)), Pool(sizeof(FlatFunder))
        self.purses, self.costs = Pool(sizeof(FlatPurse)), Pool(sizeof(FlatCost))
        self.refusing, self.items = Pool(sizeof(FlatRefusing)), Pool(sizeof(FlatItems))
        self.ids, self.declared = Pool(sizeof(int32_t)), Pool(sizeof(FlatDeclared))
        self._id_places = {}
        for rule in compiled:
            self._id_places.setdefault(rule.rule_id, len(self._id_places))
        self.id_count = len(self._id_places)
        self.group_count = len(table.groups)
        self._purse_places = {}
        for code, found in table.purses.items():
            self._purse_places[code] = self.purses.count
            self._is_strange = False
            purse = <FlatPurse*> self.purses.add()
            purse.code = code
            purse.value_give, purse.value_per = self._value(found.value_give), self._value(found.value_per)
            purse.is_strange = self._is_strange or purse.value_per == 0
        self._add_budgets(table)
        for place, rule in enumerate(compiled):
            self._add_rule(rule, candidates.is_planned(place))
        stages = [rule.stage for rule in compiled]
        for place in range(len(Stage)):
            self.stage_ends[place] = sum(stage <= place for stage in stages)
        self._add_declared(table)

    cdef int _add_rule(self, object compiled, bint is_planned) except -1:
        cdef FlatRule* rule = <FlatRule*> self.rules.add()
        plain = compiled.rule
        self._is_strange = not compiled.rule_id
        rule.id_place = self._id_places[compiled.rule_id]
        rule.is_linked, rule.competes = compiled.is_linked, compiled.competes
        rule.mode, rule.stop_after = compiled.mode, plain.stop_after
        rule.on_return, rule.version = plain.on_return, plain.version
        rule.flags = plain.allow_negative + 2 * plain.restore_budget
        rule.has_text = bool(compiled.member_texts)
        rule.has_early_caps = bool(compiled.early_caps)
        rule.group = compiled.group
        rule.budget = NOTHING if plain.budget is None else plain.budget
        if rule.budget != NOTHING:
            self._is_strange |= (<FlatBudget*> self.budgets.items)[rule.budget].slot == NO_SLOT
        bounds = amount_bounds(plain)
        if bounds is not None:
            rule.bounds_amount = True
            rule.amount_from, rule.amount_to = bounds
        rule.entry = self.conditions.entry_of_rule(plain, is_planned)
        rule.effects.first = self.effects.count
        for effect in compiled.effects:
            self._add_effect(effect)
        rule.effects.count = len(compiled.effects)
        self._add_caps(plain.caps, &rule.caps)
        if compiled.stage == Stage.GATES:
            self._add_refusals(plain, &rule.refusing)
        self._add_ids(plain.excludes, &rule.excludes)
        self._add_ids(plain.requires, &rule.requires)
        self._add_costs(compiled, rule)
        self._add_basis(compiled, &rule.basis)
        rule.is_strange = self._is_strange
        return 0

    cdef int _add_effect(self, object compiled) except -1:
        cdef FlatEffect* effect = <FlatEffect*> self.effects.add()
        plain = compiled.effect
        effect.index, effect.type, effect.code = compiled.head[2], plain.type, compiled.head[4]
        effect.spent_code = plain.purse
        effect.purse = self._purse_places.get(effect.code, NOTHING)
        if effect.purse != NOTHING:
            self._is_strange |= (<FlatPurse*> self.purses.items)[effect.purse].is_strange
        effect.party, effect.to_number = compiled.party, plain.to_number
        effect.mode, effect.rounding = plain.mode, plain.rounding
        effect.is_plain, effect.is_bounded = compiled.is_plain, compiled.is_bounded
        effect.is_multiplier = compiled.is_multiplier
        effect.give, effect.per = self._value(plain.give), self._value(plain.per)
        effect.minimum, effect.maximum = self._value(plain.minimum), self._value(plain.maximum)
        effect.step, effect.share_max = self._value(plain.step), self._value(plain.share_max)
        by_rate = plain.mode in (CalcMode.RATE, CalcMode.MULTIPLIER) and not compiled.levels
        if by_rate and plain.per == 0 or plain.type == EffectType.TENDER and 0 in (plain.per, plain.give):
            self._is_strange = True
        self._add_bands([(band.from_basis, band.give, band.per) for band in plain.bands], &effect.bands)
        # Discounts have no levels, whatever their effect says.
        self._add_bands([(0, *level) for level in plain.levels if compiled.levels][::-1], &effect.levels)
        self._add_caps(compiled.limits, &effect.limits)
        effect.ends_at_s = compiled.ends_at_s
        effect.terms = NOTHING
        if compiled.fixed_terms is None:
            effect.terms = self.counting.moments.terms_place(plain)
        else:
            effect.available_from_s, effect.expires_at_s = compiled.fixed_terms
        return 0

    cdef int _add_basis(self, object compiled, FlatBasis* basis) except -1:
        of, metric, included, excluded = compiled.rule.basis
        basis.of = of
        if compiled.rule.kind == Kind.DISCOUNT and of == BasisOf.NET_AFTER_BURN:
            basis.of = BasisOf.AMOUNT
        basis.metric = TEXTS.number(metric)
        basis.selects = bool(included or excluded or of in _BY_LINES)
        basis.takes_all = not included and of != BasisOf.LINES
        self._add_items(included, &basis.included)
        self._add_items(excluded, &basis.excluded)
        return 0

    cdef int _add_refusals(self, object rule, FlatSpan* span) except -1:
        cdef FlatRefusing* refusing
        span.first = self.refusing.count
        for index, effect in enumerate(rule.effects):
            if effect.type not in (EffectType.DENY, EffectType.REQUIRE_PIN):
                continue
            code = effect.response_code.encode()
            if len(code) != 2:
                self._is_strange = True
                continue
            refusing = <FlatRefusing*> self.refusing.add()
            refusing.needs_pin = effect.type == EffectType.REQUIRE_PIN
            refusing.code[0], refusing.code[1] = code
            refusing.effect = index
        span.count = self.refusing.count - span.first
        return 0

    cdef int _add_items(self, object tests, FlatSpan* span) except -1:
        span.first, span.count = self.items.count, len(tests)
        for test in tests:
            self.conditions.items_of(test, <FlatItems*> self.items.add())
        return 0

    cdef int _add_caps(self, object caps, FlatSpan* span) except -1:
        cdef FlatCap* cap
        span.first, span.count = self.caps.count, len(caps)
        for plain in caps:
            cap = <FlatCap*> self.caps.add()
            cap.slot = self.counting.slot_of(plain.counter, plain.per, plain.window)
            self._is_strange |= cap.slot == NO_SLOT
            cap.of, cap.is_early, cap.clips = plain.of, plain.of in _EARLY, plain.clips
            cap.limit = self._limit(plain.limit)
        return 0

    cdef int _add_ids(self, object names, FlatSpan* span) except -1:
        """A name that no rule has is NOTHING."""
        cdef int32_t* place
        span.first, span.count = self.ids.count, len(names)
        for name in names:
            place = <int32_t*> self.ids.add()
            place[0] = self._id_places.get(name, NOTHING)
        return 0

    cdef int _add_costs(self, object compiled, FlatRule* rule) except -1:
        cdef FlatCost* cost
        rule.cost_sums.first, rule.cost_sums.count = self.costs.count, len(compiled.costs)
        taken = [(0, code, units) for code, units, _ in compiled.costs]
        rule.costs.first, rule.costs.count = self.costs.count + len(taken), len(compiled.cost_effects)
        for index, code, units in taken + [
            (index, effect.purse, effect.give) for index, effect in compiled.cost_effects
        ]:
            self._is_strange |= not 0 <= code < PURSES_MAX
            cost = <FlatCost*> self.costs.add()
            cost.effect, cost.purse, cost.units = index, code, self._value(units)
        return 0

    cdef int _add_bands(self, object bands, FlatSpan* span) except -1:
        """Bands from the last to the first."""
        cdef FlatBand* band
        span.first, span.count = self.bands.count, len(bands)
        for from_basis, give, per in reversed(bands):
            band = <FlatBand*> self.bands.add()
            band.from_basis, band.give = self._value(from_basis), self._value(give)
            band.per = self._value(per)
        return 0

    cdef int _add_budgets(self, object table) except -1:
        cdef FlatBudget* budget
        cdef FlatFunder* funder
        for plain in table.budgets:
            self._is_strange = len(plain.funders) > FUNDERS_MAX
            budget = <FlatBudget*> self.budgets.add()
            budget.amount = self._limit(plain.amount)
            budget.in_rial, budget.on_empty = plain.in_rial, plain.on_empty
            budget.funders.first, budget.funders.count = self.funders.count, len(plain.funders)
            for party, number, share in plain.funders:
                funder = <FlatFunder*> self.funders.add()
                funder.party, funder.number, funder.share = party, number, self._value(share)
            budget.slot = NO_SLOT
            if not self._is_strange:
                budget.slot = self.counting.slot_of(plain.counter, CapPer.GLOBAL, _FOR_EVER)
        return 0

    cdef int _add_declared(self, object table) except -1:
        """A counter that can't be kept here has no slot."""
        cdef FlatDeclared* declared
        for plain in table.counters:
            declared = <FlatDeclared*> self.declared.add()
            declared.entry = self.conditions.entry_of(plain.condition)
            declared.slot = self.counting.slot_of(plain.counter, plain.per, plain.window)
            declared.of = plain.of
            declared.metric = TEXTS.number(plain.metric)
        return 0

    cdef int64_t _value(self, object number) except? -1:
        """A number that can be computed with, or its rule is strange."""
        if 0 <= number <= VALUE_MAX:
            return number
        self._is_strange = True
        return 0

    cdef int64_t _limit(self, object number) except? -1:
        if 0 <= number <= COUNTER_MAX:
            return number
        self._is_strange = True
        return 0
