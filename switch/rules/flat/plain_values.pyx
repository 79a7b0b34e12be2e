# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Facts, counters and outcomes of the plain evaluator as those of the flat one, and back."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from switch.memory.texts cimport TEXTS
from switch.rules.flat.counter_source cimport CounterSource
from switch.rules.flat.decision cimport (
    LABELS_MAX,
    LINES_MAX,
    METRICS_MAX,
    NUMBERS_MAX,
    PURSES_MAX,
    SET_WORDS,
    SETS_MAX,
    TEXTS_MAX,
    UPLINES_MAX,
    FlatFacts,
    FlatFunding,
    FlatGrant,
    FlatLine,
    FlatMove,
    FlatOutcome,
)
from switch.rules.flat.image cimport NOTHING
from switch.rules.flat.work cimport Work

from switch.rules.evaluator.matching import PURCHASE
from switch.rules.outcome import (
    CounterKey,
    CounterMove,
    EffectType,
    Funding,
    Grant,
    GrantReason,
    Outcome,
    Party,
    Refusal,
)

_MOST = (1 << 63) - 1


cdef class PlainCounters(CounterSource):
    """Made from a `CounterView`. What it raises is kept for `check`."""

    def __cinit__(self, view):
        self._view = view

    cdef int64_t read(
        self, uint32_t name, uint64_t subject, int64_t window, uint32_t drop_day
    ) noexcept nogil:
        cdef int64_t found = 0
        with gil:
            try:
                value = self._view.value(CounterKey(TEXTS.text(name), subject, window, drop_day))
                # Beyond what counters are computed with it makes no difference how far.
                found = min(max(value, -_MOST), _MOST)
            except Exception as fault:
                self._fault = fault
        return found

    cdef int check(self) except -1:
        if self._fault is not None:
            raise self._fault
        return 0


cdef uint32_t _number_of(str text) except? 0xFFFFFFFE:
    cdef bytes raw = text.encode()
    return TEXTS.find(<const uint8_t*> <const char*> raw, len(raw))


cdef bint fill_facts(object facts, FlatFacts* into) except -1:
    """Of a purchase without reward that fits."""
    try:
        return _filled(facts, into)
    except OverflowError:
        return False


cdef bint _filled(object facts, FlatFacts* into) except -1:
    cdef int place
    cdef bytes written
    if facts.trigger != PURCHASE or facts.reward:
        return False
    if len(facts.lines) > LINES_MAX or len(facts.metrics) > METRICS_MAX or len(facts.uplines) > UPLINES_MAX:
        return False
    memset(into, 0, sizeof(FlatFacts))
    into.at_s = facts.at_s
    for place in range(TEXTS_MAX):
        into.texts[place] = _number_of(facts.texts[place])
    for place in range(NUMBERS_MAX):
        number = facts.numbers[place]
        if number is not None:
            into.numbers[place] = number
            into.known[place] = 1
    for place in range(SETS_MAX):
        written = facts.sets[place].to_bytes(SET_WORDS * 8, "little")
        memcpy(into.sets[place], <const char*> written, SET_WORDS * 8)
    for code, balance in facts.balances.items():
        if not 0 <= code < PURSES_MAX:
            return False
        into.balances[code] = balance
    for place, (name, number) in enumerate(facts.metrics.items()):
        into.metric_names[place] = _number_of(name)
        into.metric_values[place] = number
    into.metric_count = len(facts.metrics)
    for place, line in enumerate(facts.lines):
        if not _line_filled(line, &into.lines[place]):
            return False
    into.line_count = len(facts.lines)
    subject = facts.subject
    into.subject.member, into.subject.card = subject.member, subject.card
    into.subject.household, into.subject.merchant = subject.household, subject.merchant
    into.subject.branch, into.subject.terminal = subject.branch, subject.terminal
    into.subject.operator = subject.operator
    for place, upline in enumerate(facts.uplines):
        into.uplines[place] = upline
    into.upline_count = len(facts.uplines)
    into.has_pin = facts.has_pin
    into.tender_purse = facts.tender_purse
    # An amount below 0 makes as little sense as 0.
    into.tender_amount = -1 if facts.tender_amount is None else max(facts.tender_amount, 0)
    into.tender_units = -1 if facts.tender_units is None else max(facts.tender_units, 0)
    return True


cdef bint _line_filled(object line, FlatLine* into) except -1:
    cdef int place
    if len(line.labels) > LABELS_MAX:
        return False
    into.sku, into.category = _number_of(line.sku), _number_of(line.category)
    for place, label in enumerate(line.labels):
        into.labels[place] = _number_of(label)
    into.label_count = len(line.labels)
    into.quantity, into.amount = line.quantity, line.amount
    return True


cdef object outcome_of(Work work, FlatOutcome* outcome):
    """The `Outcome` of what `work` has just decided."""
    cdef int place
    refusal = None
    if work.is_refused:
        refusal = _refusal_of(work, outcome)
    grants = [_grant_of(work, &outcome.grants[place]) for place in range(outcome.grant_count)]
    costs_end = outcome.discount_count + outcome.cost_count
    told = [work.image.plain[work.texts[place]] for place in range(work.text_count)]
    texts = [(rule.member_text_fa, rule.member_text_en) for rule in told]
    return Outcome(
        refusal,
        outcome.amount,
        outcome.discount,
        outcome.tendered,
        outcome.net_amount,
        tuple(grants[: outcome.discount_count]),
        tuple(grants[outcome.discount_count : costs_end]),
        grants[costs_end] if outcome.has_tender else None,
        tuple(grants[costs_end + outcome.has_tender :]),
        tuple([_move_of(&outcome.moves[place]) for place in range(outcome.move_count)]),
        () if refusal is not None else tuple(dict.fromkeys(texts)),
    )


cdef object _refusal_of(Work work, FlatOutcome* outcome):
    code = outcome.refusal_code[:2].decode()
    if outcome.refusal_rule == NOTHING:
        return Refusal("", 0, code, "", "")
    rule = work.image.plain[outcome.refusal_rule]
    return Refusal(rule.rule_id, rule.version, code, *work.refusal_texts())


cdef object _grant_of(Work work, FlatGrant* grant):
    cdef FlatFunding* paid
    cdef int place
    rule = work.image.plain[grant.rule]
    funding = []
    for place in range(grant.funding_count):
        paid = &grant.funding[place]
        funding.append(Funding(Party(paid.party), paid.number, paid.amount))
    return Grant(
        rule.rule_id,
        rule.version,
        grant.effect,
        EffectType(grant.type),
        grant.purse,
        Party(grant.party),
        grant.number,
        grant.desired,
        grant.granted,
        GrantReason(grant.reason),
        grant.basis,
        grant.lines,
        grant.available_from_s,
        grant.expires_at_s,
        rule.effects[grant.effect].reference,
        rule.on_return,
        rule.allow_negative,
        rule.restore_budget,
        tuple(funding),
    )


cdef object _move_of(FlatMove* move):
    key = CounterKey(TEXTS.text(move.counter), move.subject, move.window, move.drop_day)
    return CounterMove(key, move.delta, move.restore != 0, move.is_use != 0)
