# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What rules want to give, and what is granted of it.

See `discounts`, `earn` and `stacking` in `switch.rules.evaluator`.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memmove

from switch.rules.flat.amounts cimport (
    CEIL,
    FLOOR,
    HALF_UP,
    MODE_BANDED,
    MODE_FIXED,
    MODE_MULTIPLIER,
    MODE_RATE,
    TOO_MUCH,
    amount_of,
    level_amount,
)
from switch.rules.flat.capping cimport (
    FlatAllowed,
    allow,
    count_granted,
    count_occasion,
    is_within_caps,
    purse_of,
    worth,
    write_funding,
)
from switch.rules.flat.decision cimport GRANTS_MAX, FlatFacts, FlatGrant, FlatLine, FlatOutcome
from switch.rules.flat.image cimport (
    NOTHING,
    PARTS_MAX,
    FlatBand,
    FlatBasis,
    FlatCost,
    FlatEffect,
    FlatRule,
    FlatSpan,
)
from switch.rules.flat.conditions cimport FlatItems
from switch.rules.flat.moments cimport FlatTerms
from switch.rules.flat.run cimport NET_AMOUNT, FlatRun, int128
from switch.rules.flat.work cimport FlatPart, FlatProposal, FlatRival, Work

from switch.rules.outcome import EffectType, GrantReason, Party
from switch.rules.table import BasisOf, CalcMode, Rounding, StackMode

assert (CalcMode.FIXED, CalcMode.RATE) == (MODE_FIXED, MODE_RATE)
assert (CalcMode.BANDED, CalcMode.MULTIPLIER) == (MODE_BANDED, MODE_MULTIPLIER)
assert (Rounding.FLOOR, Rounding.HALF_UP, Rounding.CEIL) == (FLOOR, HALF_UP, CEIL)

cdef int _OF_NET = BasisOf.NET_AFTER_BURN
cdef int _OF_QUANTITY = BasisOf.QUANTITY
cdef int _OF_METRIC = BasisOf.METRIC
cdef int _OF_VISITS = BasisOf.VISITS
cdef int _MEMBER = Party.MEMBER
cdef int _HOUSEHOLD = Party.HOUSEHOLD
cdef int _MERCHANT = Party.MERCHANT
cdef int _GRANTED = GrantReason.GRANTED
cdef int _BILL = GrantReason.BILL
cdef int _BEST_FOR_MEMBER = StackMode.BEST_FOR_MEMBER
cdef int _BEST_FOR_OWNER = StackMode.BEST_FOR_OWNER
cdef int _COST = EffectType.COST


cdef int propose(Work work, int32_t place, bint is_discount, int base) except -1:
    """Adds a proposal where it comes to anything."""
    cdef FlatRule* rule = <FlatRule*> work.image.rules.items + place
    cdef FlatEffect* effect = <FlatEffect*> work.image.effects.items + rule.effects.first
    cdef FlatBand* bands = <FlatBand*> work.image.bands.items
    cdef FlatFacts* facts = work.run.facts
    cdef FlatProposal* proposal
    cdef uint64_t lines = 0
    cdef int64_t basis = _basis_of(work, &rule.basis, &lines)
    cdef int first = work.part_count, index
    if rule.has_early_caps and not is_within_caps(work, rule, &basis):
        return 0
    if basis <= 0:
        return 0
    for index in range(rule.effects.count):
        if facts.at_s < effect.ends_at_s:
            if is_discount or effect.is_plain:
                _add_part(work, effect, _MEMBER, facts.subject.member, amount_of(effect, bands, basis))
            else:
                _add_parts(work, effect, basis, base)
        effect += 1
    if work.part_count == first:
        return 0
    # There is room: a proposal has a part.
    proposal = &work.proposals[work.proposal_count]
    work.proposal_count += 1
    proposal.rule = place
    proposal.basis = basis
    proposal.lines = lines
    proposal.parts.first = first
    proposal.parts.count = work.part_count - first
    return 0


cdef void _add_part(Work work, FlatEffect* effect, int party, uint64_t number, int64_t desired) noexcept:
    cdef FlatPart* part
    if desired == 0:
        return
    if desired == TOO_MUCH or work.part_count == PARTS_MAX:
        work.run.is_not_mine = True
        return
    part = &work.parts[work.part_count]
    work.part_count += 1
    part.effect = effect
    part.party = party
    part.number = number
    part.desired = desired


cdef void _add_parts(Work work, FlatEffect* effect, int64_t basis, int base) noexcept:
    """The parts of an effect that isn't a plain earning of the member."""
    cdef FlatBand* bands = <FlatBand*> work.image.bands.items
    cdef FlatBand* level = bands + effect.levels.first
    cdef FlatFacts* facts = work.run.facts
    cdef int index
    if effect.levels.count:
        for index in range(min(effect.levels.count, facts.upline_count)):
            _add_part(work, effect, _MEMBER, facts.uplines[index], level_amount(effect, &level[index], basis))
        return
    if effect.is_multiplier:
        basis = _base_earning(work, effect.spent_code, base)
        if basis <= 0:
            return
    cdef int64_t desired = amount_of(effect, bands, basis)
    if effect.party == _HOUSEHOLD and facts.subject.household:
        _add_part(work, effect, _HOUSEHOLD, facts.subject.household, desired)
    elif effect.party == _MEMBER or effect.party == _HOUSEHOLD:
        _add_part(work, effect, _MEMBER, facts.subject.member, desired)
    elif effect.party == _MERCHANT:
        _add_part(work, effect, _MERCHANT, facts.subject.merchant, desired)
    else:
        _add_part(work, effect, effect.party, effect.to_number, desired)


cdef int64_t _base_earning(Work work, int purse, int base) noexcept:
    """What the member's own base earning of a purse comes to, before caps."""
    cdef int64_t total = 0
    cdef FlatPart* part
    cdef int index, place
    cdef FlatSpan parts
    for index in range(base):
        parts = work.proposals[index].parts
        for place in range(parts.first, parts.first + parts.count):
            part = &work.parts[place]
            if part.effect.spent_code == purse and part.party == _MEMBER:
                if part.number == work.run.facts.subject.member:
                    total += part.desired
    return total


cdef int64_t _basis_of(Work work, FlatBasis* basis, uint64_t* lines) noexcept:
    """The basis of a rule, and the bits of the lines it comes from."""
    cdef FlatRun* run = &work.run
    cdef FlatFacts* facts = run.facts
    cdef FlatItems* items = <FlatItems*> work.image.items.items
    cdef FlatLine* line = facts.lines
    cdef uint64_t bits = 0
    cdef int64_t amount = 0, quantity = 0
    cdef int place
    if basis.selects:
        bits = 0 if basis.included.count else run.all_lines
        for place in range(basis.included.first, basis.included.first + basis.included.count):
            bits |= work.conditions.lines_of(&items[place], run)
        for place in range(basis.excluded.first, basis.excluded.first + basis.excluded.count):
            bits &= ~work.conditions.lines_of(&items[place], run)
        lines[0] = bits
    if basis.of == _OF_METRIC:
        # As in a mapping, the last of a name counts.
        for place in range(facts.metric_count - 1, -1, -1):
            if facts.metric_names[place] == basis.metric:
                return facts.metric_values[place]
        return 0
    if basis.of == _OF_VISITS:
        return 1
    if not basis.selects:
        return run.numbers[NET_AMOUNT] if basis.of == _OF_NET else run.amount
    for place in range(facts.line_count):
        if bits >> place & 1:
            amount += line.amount
            quantity += line.quantity
        line += 1
    if basis.of == _OF_QUANTITY:
        return quantity
    if basis.takes_all and facts.line_count == 0:
        amount = run.amount
    if basis.of != _OF_NET:
        return amount
    if run.amount == 0:
        return 0
    return <int64_t> (<int128> run.numbers[NET_AMOUNT] * min(run.amount, amount) // run.amount)


cdef int resolve(Work work, int first) except -1:
    """See `switch.rules.evaluator.stacking`: the first of equals wins."""
    cdef FlatRule* rules = <FlatRule*> work.image.rules.items
    cdef FlatRule* rule
    cdef FlatRival* rival
    cdef int64_t value
    cdef int index, kept
    cdef bint competing = False
    work.phase += 1
    for index in range(first, work.proposal_count):
        rule = &rules[work.proposals[index].rule]
        if not rule.competes:
            continue
        competing = True
        rival = &work.rivals[rule.group]
        value = _worth_of(work, &work.proposals[index])
        if rival.phase != work.phase or (
            value > rival.worth
            if rule.mode == _BEST_FOR_MEMBER
            else rule.mode == _BEST_FOR_OWNER and value < rival.worth
        ):
            rival.phase = work.phase
            rival.proposal = index
            rival.worth = value
    if not competing:
        return 0
    kept = first
    for index in range(first, work.proposal_count):
        rule = &rules[work.proposals[index].rule]
        if not rule.competes or work.rivals[rule.group].proposal == index:
            work.proposals[kept] = work.proposals[index]
            kept += 1
    work.proposal_count = kept
    return 0


cdef int64_t _worth_of(Work work, FlatProposal* proposal) noexcept:
    cdef FlatPart* part = work.parts + proposal.parts.first
    cdef int64_t total = 0
    cdef int index
    for index in range(proposal.parts.count):
        total += worth(work, purse_of(work, part[index].effect), part[index].desired)
    return total


cdef int _grant(
    Work work, FlatOutcome* outcome, FlatProposal* proposal, int64_t* bill, int64_t* total
) except -1:
    """Grants what caps leave of a proposal, and of a discount the bill (else NULL); sums it up."""
    cdef FlatRule* rule = <FlatRule*> work.image.rules.items + proposal.rule
    cdef FlatPart* part = work.parts + proposal.parts.first
    cdef FlatEffect* effect
    cdef FlatAllowed allowed
    cdef FlatGrant* grant
    cdef FlatTerms* terms
    cdef int index
    total[0] = 0
    for index in range(proposal.parts.count):
        effect = part.effect
        grant = work.add_grant(outcome, proposal.rule, effect)
        if grant == NULL:
            return 0
        if effect.is_bounded:
            allow(work, rule, effect, part.desired, &allowed)
        else:
            allowed.granted = allowed.funded = part.desired
            allowed.reason = _GRANTED
        if bill != NULL and allowed.granted > bill[0]:
            allowed.granted = bill[0]
            allowed.reason = _BILL
            allowed.funded = min(allowed.funded, allowed.granted)
        if effect.is_bounded:
            count_granted(work, rule, effect, allowed.granted, allowed.funded)
        if bill != NULL:
            bill[0] -= allowed.granted
        total[0] += allowed.granted
        grant.party = part.party
        grant.number = part.number
        grant.desired = part.desired
        grant.granted = allowed.granted
        grant.reason = allowed.reason
        grant.basis = proposal.basis
        grant.lines = proposal.lines
        if effect.terms == NOTHING:
            grant.available_from_s = effect.available_from_s
            grant.expires_at_s = effect.expires_at_s
        else:
            terms = work.moments.terms(effect.terms)
            grant.available_from_s = terms.available_from_s
            grant.expires_at_s = terms.expires_at_s
        write_funding(work, rule, allowed.granted, allowed.funded, grant)
        part += 1
    return 0


cdef int _settle(Work work, FlatProposal* proposal) except -1:
    """What follows from a rule that granted something."""
    cdef FlatRule* rule = <FlatRule*> work.image.rules.items + proposal.rule
    if rule.has_early_caps:
        count_occasion(work, rule, proposal.basis)
    if rule.costs.count:
        # There is room: rules that pay have proposals.
        work.paying[work.paying_count] = proposal.rule
        work.paying_count += 1
    work.add_text(proposal.rule)
    return 0


cdef int grant_discounts(Work work, FlatOutcome* outcome) except -1:
    """Grants all proposals as discounts, and what they cost. They are done with then."""
    cdef int64_t bill = outcome.amount, total
    cdef int index
    for index in range(work.proposal_count):
        _grant(work, outcome, &work.proposals[index], &bill, &total)
        if total:
            _settle(work, &work.proposals[index])
    outcome.discount = outcome.amount - bill
    outcome.discount_count = outcome.grant_count
    _add_costs(work, outcome)
    work.proposal_count = work.part_count = 0
    return 0


cdef int grant_earnings(Work work, FlatOutcome* outcome) except -1:
    """Grants all proposals as earnings; what gifts cost stands before the tender."""
    cdef int64_t total
    cdef int index
    for index in range(work.proposal_count):
        _grant(work, outcome, &work.proposals[index], NULL, &total)
        if total:
            _settle(work, &work.proposals[index])
    _add_costs(work, outcome)
    return 0


cdef int _add_costs(Work work, FlatOutcome* outcome) except -1:
    """Puts in the costs that are due, behind those that stand there already."""
    cdef FlatRule* rules = <FlatRule*> work.image.rules.items
    cdef FlatCost* costs = <FlatCost*> work.image.costs.items
    cdef FlatCost* cost
    cdef FlatGrant* grant
    cdef int place, index, count = 0, at = outcome.discount_count + outcome.cost_count, behind
    for index in range(work.paying_count):
        count += rules[work.paying[index]].costs.count
    if count == 0:
        return 0
    behind = outcome.grant_count - at
    if outcome.grant_count + count > GRANTS_MAX:
        work.run.is_not_mine = True
        return 0
    memmove(&outcome.grants[at + count], &outcome.grants[at], behind * sizeof(FlatGrant))
    outcome.grant_count = at
    for index in range(work.paying_count):
        cost = costs + rules[work.paying[index]].costs.first
        for place in range(rules[work.paying[index]].costs.count):
            grant = work.add_grant(outcome, work.paying[index], NULL)
            grant.effect = cost[place].effect
            grant.type = _COST
            grant.purse = cost[place].purse
            grant.party = _MEMBER
            grant.number = work.run.facts.subject.member
            grant.desired = grant.granted = grant.basis = cost[place].units
    outcome.grant_count += behind
    outcome.cost_count += count
    work.paying_count = 0
    return 0
