# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Caps of rules, limits of purses and budgets, and who pays; see `switch.rules.evaluator.capping`."""

from libc.stdint cimport int64_t, uint64_t

from switch.rules.flat.amounts cimport TOO_MUCH, value_of
from switch.rules.flat.decision cimport FUNDERS_MAX, FlatGrant
from switch.rules.flat.image cimport (
    NOTHING,
    FlatBudget,
    FlatCap,
    FlatEffect,
    FlatFunder,
    FlatPurse,
    FlatRule,
    FlatSpan,
)
from switch.rules.flat.run cimport COUNTER_MAX, int128
from switch.rules.flat.work cimport Work

from switch.rules.evaluator.grants import PROGRAMME_NUMBER
from switch.rules.outcome import GrantReason, Party
from switch.rules.packing.bounds import SHARE_WHOLE
from switch.rules.caps import CapOf
from switch.rules.table import OnEmpty

cdef int _OF_USES = CapOf.USES
cdef int _OF_LIABILITY = CapOf.LIABILITY
cdef int _BY_RULE = GrantReason.RULE_CAP
cdef int _BY_LIMIT = GrantReason.LIMIT
cdef int _BY_BUDGET = GrantReason.BUDGET
cdef int _OVER_BUDGET = GrantReason.OVER_BUDGET
cdef int _GRANTED = GrantReason.GRANTED
cdef int _STOP = OnEmpty.STOP
cdef int _NOTIFY = OnEmpty.NOTIFY
cdef int _PROGRAMME = Party.PROGRAMME
cdef int _MERCHANT = Party.MERCHANT
cdef uint64_t _PROGRAMME_NUMBER = PROGRAMME_NUMBER
cdef int64_t _SHARE_WHOLE = SHARE_WHOLE


cdef FlatPurse* purse_of(Work work, FlatEffect* effect) noexcept:
    """The purse of an effect's units; NULL where they are minor units of the bill."""
    if effect.purse == NOTHING:
        return NULL
    return <FlatPurse*> work.image.purses.items + effect.purse


cdef int64_t worth(Work work, FlatPurse* purse, int64_t amount) noexcept:
    """Rial value; 0 for one that is too large, with which the decision isn't ours any more."""
    cdef int64_t value = value_of(purse, amount)
    if value == TOO_MUCH:
        work.run.is_not_mine = True
        return 0
    return value


cdef bint is_within_caps(Work work, FlatRule* rule, int64_t* basis) except -1:
    """Cuts the basis to what the caps of occasions and amounts let count; false where the rule is skipped."""
    cdef FlatCap* cap = <FlatCap*> work.image.caps.items + rule.caps.first
    cdef int64_t left
    cdef int place
    for place in range(rule.caps.count):
        if cap.is_early:
            left = cap.limit - work.counting.counted(cap.slot)
            if cap.of == _OF_USES:
                if left < 1:
                    return False
            else:
                if left <= 0 if cap.clips else basis[0] > left:
                    return False
                basis[0] = min(basis[0], left)
        cap += 1
    return True


cdef bint is_broken(Work work, FlatRule* rule, int64_t amount) except -1:
    """Whether one more occasion of this amount would break one of the rule's caps."""
    cdef FlatCap* cap = <FlatCap*> work.image.caps.items + rule.caps.first
    cdef int place
    for place in range(rule.caps.count):
        if cap.is_early:
            if work.counting.counted(cap.slot) + (1 if cap.of == _OF_USES else amount) > cap.limit:
                return True
        cap += 1
    return False


cdef int allow(Work work, FlatRule* rule, FlatEffect* effect, int64_t desired, FlatAllowed* found) except -1:
    """How much rule caps, purse limits and the budget leave. Counts nothing yet."""
    cdef FlatCap* caps = <FlatCap*> work.image.caps.items
    cdef FlatPurse* purse = purse_of(work, effect)
    cdef int64_t fitting
    cdef int place
    found.granted = desired
    found.reason = _GRANTED
    for place in range(rule.caps.first, rule.caps.first + rule.caps.count):
        if not caps[place].is_early:
            fitting = _fitting(work, &caps[place], purse, found.granted)
            if fitting < found.granted:
                found.granted = fitting
                found.reason = _BY_RULE
    for place in range(effect.limits.first, effect.limits.first + effect.limits.count):
        fitting = _fitting(work, &caps[place], purse, found.granted)
        if fitting < found.granted:
            found.granted = fitting
            found.reason = _BY_LIMIT
    found.funded = found.granted
    if rule.budget != NOTHING:
        _spare_budget(work, <FlatBudget*> work.image.budgets.items + rule.budget, purse, found)
    return 0


cdef int _spare_budget(Work work, FlatBudget* budget, FlatPurse* purse, FlatAllowed* found) except -1:
    cdef int64_t left = budget.amount - work.counting.counted(budget.slot) - work.counting.used(budget.slot)
    if not budget.in_rial:
        purse = NULL
    if found.granted == 0 or worth(work, purse, found.granted) <= left:
        return 0
    found.reason = _OVER_BUDGET
    if budget.on_empty == _NOTIFY:
        return 0
    found.funded = _greatest(work, purse, left)
    if budget.on_empty == _STOP:
        found.granted = found.funded
        found.reason = _BY_BUDGET
    return 0


cdef int64_t _fitting(Work work, FlatCap* cap, FlatPurse* purse, int64_t amount) except? -1:
    """The part of an amount that a cap lets through."""
    cdef int64_t left = cap.limit - work.counting.counted(cap.slot) - work.counting.used(cap.slot)
    if cap.of != _OF_LIABILITY:
        purse = NULL
    if worth(work, purse, amount) <= left:
        return amount
    return _greatest(work, purse, left) if cap.clips else 0


cdef int64_t _greatest(Work work, FlatPurse* purse, int64_t left) noexcept:
    """The greatest amount that is worth no more than what is left."""
    cdef int128 amount
    if left <= 0:
        return 0
    if purse == NULL:
        return left
    # What is worth nothing always fits.
    amount = <int128> left * purse.value_per // max(purse.value_give, 1)
    if amount > COUNTER_MAX:
        work.run.is_not_mine = True
        return 0
    return <int64_t> amount


cdef int count_granted(
    Work work, FlatRule* rule, FlatEffect* effect, int64_t granted, int64_t funded
) except -1:
    """Counts what is granted on the rule's caps and the purse's limits, and what is funded on the budget."""
    cdef FlatCap* caps = <FlatCap*> work.image.caps.items
    cdef FlatPurse* purse = purse_of(work, effect)
    cdef FlatBudget* budget
    cdef int place
    for place in range(rule.caps.first, rule.caps.first + rule.caps.count):
        if not caps[place].is_early:
            _count_on(work, &caps[place], purse, granted)
    for place in range(effect.limits.first, effect.limits.first + effect.limits.count):
        _count_on(work, &caps[place], purse, granted)
    if rule.budget != NOTHING:
        budget = <FlatBudget*> work.image.budgets.items + rule.budget
        if not budget.in_rial:
            purse = NULL
        work.counting.count(budget.slot, worth(work, purse, funded), rule.flags & 2 != 0, False)
    return 0


cdef void _count_on(Work work, FlatCap* cap, FlatPurse* purse, int64_t granted) noexcept:
    if cap.of != _OF_LIABILITY:
        purse = NULL
    work.counting.count(cap.slot, worth(work, purse, granted), True, False)


cdef int count_occasion(Work work, FlatRule* rule, int64_t basis) except -1:
    """Counts one use and its basis on the rule's caps."""
    cdef FlatCap* cap = <FlatCap*> work.image.caps.items + rule.caps.first
    cdef int place
    for place in range(rule.caps.count):
        if cap.is_early:
            if cap.of == _OF_USES:
                work.counting.count(cap.slot, 1, True, True)
            else:
                work.counting.count(cap.slot, basis, True, False)
        cap += 1
    return 0


cdef void write_funding(
    Work work, FlatRule* rule, int64_t granted, int64_t funded, FlatGrant* grant
) noexcept:
    """Who pays; see `switch.rules.evaluator.grants.funding_of`."""
    cdef FlatFunder* funder
    cdef FlatSpan* funders
    cdef int place
    cdef int64_t first = funded, amount
    grant.funding_count = 0
    if granted == 0:
        return
    funders = NULL
    if rule.budget != NOTHING:
        funders = &(<FlatBudget*> work.image.budgets.items)[rule.budget].funders
    if funders == NULL or funders.count == 0:
        _fund(work, grant, _PROGRAMME, _PROGRAMME_NUMBER, granted)
        return
    funder = <FlatFunder*> work.image.funders.items + funders.first
    for place in range(1, funders.count):
        first -= <int64_t> (<int128> funded * funder[place].share // _SHARE_WHOLE)
    for place in range(funders.count):
        amount = first
        if place:
            amount = <int64_t> (<int128> funded * funder[place].share // _SHARE_WHOLE)
        if amount == 0:
            continue
        if funder[place].party == _MERCHANT:
            _fund(work, grant, _MERCHANT, work.run.facts.subject.merchant, amount)
        elif funder[place].party == _PROGRAMME:
            _fund(work, grant, _PROGRAMME, _PROGRAMME_NUMBER, amount)
        else:
            _fund(work, grant, funder[place].party, funder[place].number, amount)
    if granted > funded:
        _fund(work, grant, _PROGRAMME, _PROGRAMME_NUMBER, granted - funded)


cdef void _fund(Work work, FlatGrant* grant, int party, uint64_t number, int64_t amount) noexcept:
    if grant.funding_count == FUNDERS_MAX:
        work.run.is_not_mine = True
        return
    grant.funding[grant.funding_count].party = party
    grant.funding[grant.funding_count].number = number
    grant.funding[grant.funding_count].amount = amount
    grant.funding_count += 1
