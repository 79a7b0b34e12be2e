# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What may refuse a request: gates, and paying from a purse; `switch.rules.evaluator.gates` and `burn`."""

from libc.stdint cimport int32_t, int64_t

from switch.rules.flat.capping cimport is_broken, purse_of, worth
from switch.rules.flat.decision cimport FlatFacts, FlatGrant, FlatOutcome
from switch.rules.flat.image cimport NOTHING, FlatCap, FlatEffect, FlatRefusing, FlatRule
from switch.rules.flat.run cimport VALUE_MAX, int128
from switch.rules.flat.work cimport Work

from switch.rules.evaluator import burn
from switch.rules.outcome import EffectType, Party
from switch.rules.packing.bounds import SHARE_WHOLE
from switch.rules.caps import CapOf

cdef bytes _INVALID_AMOUNT = burn.INVALID_AMOUNT.encode()
cdef bytes _NOT_PERMITTED = burn.NOT_PERMITTED.encode()
cdef bytes _EXCEEDS_AMOUNT = burn.EXCEEDS_AMOUNT.encode()
cdef bytes _EXCEEDS_FREQUENCY = burn.EXCEEDS_FREQUENCY.encode()
cdef int _TENDER = EffectType.TENDER
cdef int _MEMBER = Party.MEMBER
cdef int64_t _SHARE_WHOLE = SHARE_WHOLE
cdef int _OF_USES = CapOf.USES
cdef int _OF_AMOUNT = CapOf.AMOUNT
cdef int _OF_UNITS = CapOf.UNITS


cdef bint passes_gate(Work work, int32_t place, FlatOutcome* outcome) except -1:
    """A gate with caps refuses only what would break one of them."""
    cdef FlatRule* rule = <FlatRule*> work.image.rules.items + place
    cdef FlatRefusing* refusing = <FlatRefusing*> work.image.refusing.items + rule.refusing.first
    cdef int index
    if rule.has_early_caps and not is_broken(work, rule, work.run.amount):
        return True
    for index in range(rule.refusing.count):
        if not refusing[index].needs_pin or not work.run.facts.has_pin:
            work.refusing_effect = refusing[index].effect
            return work.refuse(outcome, place, refusing[index].code)
    return True


cdef bint pays(Work work, const int32_t* rules, int count, int64_t payable, FlatOutcome* outcome) except -1:
    """Pays what the request asks for by the first of some burn rules that suits, or refuses it."""
    cdef FlatRule* rule
    cdef FlatEffect* effect = NULL
    cdef FlatGrant* grant
    cdef FlatCap* cap
    cdef int64_t part = 0, units = 0, measured
    cdef int index, place = NOTHING
    work.is_stopped = False
    for index in range(count):
        if work.keeps(rules[index]):
            effect = _tender_of(work, rules[index])
            if effect != NULL:
                place = rules[index]
                break
    if effect == NULL:
        return work.refuse(outcome, NOTHING, _NOT_PERMITTED)
    rule = <FlatRule*> work.image.rules.items + place
    if not _shares(work, effect, payable, &part, &units):
        return work.refuse(outcome, place, _INVALID_AMOUNT)
    if effect.step > 0 and units % effect.step != 0 and part != payable:
        return work.refuse(outcome, place, _INVALID_AMOUNT)
    if 0 < effect.maximum < units or units < effect.minimum:
        return work.refuse(outcome, place, _EXCEEDS_AMOUNT)
    if <int128> part * 1000 > <int128> (effect.share_max or 1000) * payable:
        return work.refuse(outcome, place, _EXCEEDS_AMOUNT)
    cap = <FlatCap*> work.image.caps.items + rule.caps.first
    for index in range(rule.caps.count):
        measured = _measured(work, &cap[index], effect, part, units)
        if work.counting.counted(cap[index].slot) + measured > cap[index].limit:
            return work.refuse(
                outcome, place, _EXCEEDS_FREQUENCY if cap[index].of == _OF_USES else _EXCEEDS_AMOUNT
            )
    for index in range(rule.caps.count):
        measured = _measured(work, &cap[index], effect, part, units)
        work.counting.count(cap[index].slot, measured, True, cap[index].of == _OF_USES)
    grant = work.add_grant(outcome, place, effect)
    if grant == NULL:
        return True
    grant.party = _MEMBER
    grant.number = work.run.facts.subject.member
    grant.desired = grant.granted = units
    grant.basis = part
    outcome.has_tender = 1
    outcome.tendered = part
    work.add_text(place)
    return True


cdef FlatEffect* _tender_of(Work work, int32_t place) noexcept:
    """The first effect of a rule that takes the purse of the request; NULL where none does."""
    cdef FlatRule* rule = <FlatRule*> work.image.rules.items + place
    cdef FlatEffect* effect = <FlatEffect*> work.image.effects.items + rule.effects.first
    cdef int index
    for index in range(rule.effects.count):
        if effect[index].type == _TENDER and effect[index].spent_code == work.run.facts.tender_purse:
            return &effect[index]
    return NULL


cdef bint _shares(Work work, FlatEffect* effect, int64_t payable, int64_t* part, int64_t* units) noexcept:
    """The part of the bill and the units that pay it; false for an amount that makes no sense."""
    cdef FlatFacts* facts = work.run.facts
    cdef int128 found
    if facts.tender_amount < 0 and facts.tender_units < 0:
        part[0] = payable
    elif facts.tender_amount >= 0:
        if not 0 < facts.tender_amount <= payable:
            return False
        part[0] = facts.tender_amount
    else:
        if facts.tender_units == 0:
            return False
        found = <int128> facts.tender_units * effect.per // effect.give
        if found < payable:
            part[0] = <int64_t> found
            units[0] = facts.tender_units
            return found > 0
        part[0] = payable
    # Rounded up, or the last of it would be free.
    found = (<int128> part[0] * effect.give + effect.per - 1) // effect.per
    if found > VALUE_MAX:
        work.run.is_not_mine = True
        found = 1
    units[0] = <int64_t> found
    return True


cdef int64_t _measured(Work work, FlatCap* cap, FlatEffect* effect, int64_t part, int64_t units) noexcept:
    """What a tender counts on a cap."""
    if cap.of == _OF_USES:
        return 1
    if cap.of == _OF_AMOUNT:
        return part
    return units if cap.of == _OF_UNITS else worth(work, purse_of(work, effect), units)
