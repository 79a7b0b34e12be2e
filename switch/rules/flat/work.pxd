from libc.stdint cimport int32_t, int64_t, uint64_t

from switch.rules.flat.conditions cimport Conditions
from switch.rules.flat.counter_source cimport CounterSource
from switch.rules.flat.counting cimport Counting
from switch.rules.flat.decision cimport FlatFacts, FlatGrant, FlatOutcome
from switch.rules.flat.image cimport PARTS_MAX, FlatEffect, FlatRule, FlatSpan, Image
from switch.rules.flat.moments cimport Moments
from switch.rules.flat.run cimport FlatRun


# What one effect wants to give: to whom, and how much above 0.
cdef struct FlatPart:
    FlatEffect* effect
    int32_t party
    uint64_t number
    int64_t desired


# What one rule wants to give: at least one part.
cdef struct FlatProposal:
    int32_t rule
    int64_t basis
    uint64_t lines
    FlatSpan parts


# Of a rule's id: the decisions in which it was kept and in which another rule excluded it.
cdef struct FlatSelected:
    uint64_t kept_in
    uint64_t excluded_in


# The best proposal of a group so far, in one phase of one decision.
cdef struct FlatRival:
    uint64_t phase
    int32_t proposal
    int64_t worth


cdef class Work:
    """What a decision under way has come to; the arrays last from one to the next."""

    cdef Image image
    cdef Conditions conditions
    cdef Counting counting
    cdef Moments moments
    cdef FlatRun run
    cdef uint64_t decision
    cdef uint64_t phase
    cdef bint is_stopped
    cdef FlatSelected* selected
    cdef FlatRival* rivals
    cdef FlatProposal proposals[PARTS_MAX]
    cdef int proposal_count
    cdef FlatPart parts[PARTS_MAX]
    cdef int part_count
    cdef int32_t paying[PARTS_MAX]  # rules whose costs are due, in order
    cdef int paying_count
    cdef int32_t texts[PARTS_MAX]  # rules with member texts that granted something, in order
    cdef int text_count
    cdef bint is_refused
    cdef int refusing_rule
    cdef int refusing_effect

    cdef int begin(self, FlatFacts* facts, CounterSource counters, FlatOutcome* outcome) except -1
    cdef bint keeps(self, int32_t place) except -1
    cdef bint _admits(self, FlatRule* rule) noexcept
    cdef FlatGrant* add_grant(self, FlatOutcome* outcome, int32_t rule, FlatEffect* effect) noexcept
    cdef void add_text(self, int32_t place) noexcept
    cdef bint refuse(self, FlatOutcome* outcome, int32_t rule, const char* code) noexcept
    cdef tuple refusal_texts(self)
