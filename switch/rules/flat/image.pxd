from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

from switch.rules.flat.conditions cimport Conditions
from switch.rules.flat.counting cimport Counting
from switch.rules.flat.pool cimport Pool

cdef enum:
    NOTHING = -1  # no purse, no budget, no terms, no rule


# Neighbours in a pool.
cdef struct FlatSpan:
    int32_t first
    int32_t count


cdef struct FlatBand:
    int64_t from_basis
    int64_t give
    int64_t per


# `is_early`: it counts occasions or the basis.
cdef struct FlatCap:
    int32_t slot
    uint8_t of
    uint8_t is_early
    uint8_t clips
    int64_t limit


cdef struct FlatFunder:
    int32_t party
    uint64_t number
    int64_t share


cdef struct FlatBudget:
    int32_t slot
    uint8_t in_rial
    uint8_t on_empty
    int64_t amount
    FlatSpan funders


# Where `is_strange` its value can't be computed here.
cdef struct FlatPurse:
    int32_t code
    uint8_t is_strange
    int64_t value_give
    int64_t value_per


# What has to be in a purse, or what one COST effect takes from it.
cdef struct FlatCost:
    int32_t purse
    int32_t effect
    int64_t units


# One DENY or REQUIRE_PIN of a gate.
cdef struct FlatRefusing:
    uint8_t needs_pin
    char code[2]
    int32_t effect


# See `CompiledEffect`. `index` is its place in the rule, `purse` that in the image's purses; `levels`
# and `bands` are in the pool of bands, bands from the highest to the lowest.
cdef struct FlatEffect:
    # What every decision looks at comes first, or more memory has to be fetched.
    uint64_t ends_at_s
    uint8_t mode
    uint8_t rounding
    uint8_t is_plain
    uint8_t is_bounded
    uint8_t is_multiplier
    int32_t type
    int64_t give
    int64_t per
    int64_t minimum
    int64_t maximum
    int32_t index
    int32_t code
    int32_t terms  # place among the times, NOTHING where they are fixed
    int32_t purse
    uint64_t available_from_s
    uint64_t expires_at_s
    FlatSpan bands
    FlatSpan levels
    FlatSpan limits
    int32_t spent_code  # of the effect itself: what a multiplier multiplies, a tender takes
    int32_t party
    uint64_t to_number
    int64_t step
    int64_t share_max


# See `switch.rules.evaluator.amounts.basis_reader`.
cdef struct FlatBasis:
    uint8_t of
    uint8_t selects
    uint8_t takes_all
    uint32_t metric
    FlatSpan included
    FlatSpan excluded


# See `CompiledRule`. Names of rules are places among the table's ids.
cdef struct FlatRule:
    int64_t amount_from
    int64_t amount_to
    int32_t entry  # of its tests
    int32_t id_place
    uint8_t bounds_amount
    uint8_t is_strange  # not done here
    uint8_t is_linked
    uint8_t competes
    uint8_t mode
    uint8_t stop_after
    uint8_t has_text
    uint8_t has_early_caps
    uint8_t on_return
    uint8_t flags  # 1: allow_negative, 2: restore_budget
    int32_t budget
    FlatSpan effects
    FlatBasis basis
    FlatSpan caps
    FlatSpan costs
    FlatSpan cost_sums
    FlatSpan refusing
    FlatSpan excludes
    FlatSpan requires
    int32_t group
    int32_t version


# A declared counter; see `DeclaredCounter`.
cdef struct FlatDeclared:
    int32_t entry
    int32_t slot
    uint8_t of
    uint32_t metric


cdef class Image:
    """All rules of a table, stage by stage, on flat memory."""

    cdef tuple plain  # the `TableRule`s of the same places
    cdef Conditions conditions
    cdef Counting counting
    cdef dict _id_places
    cdef dict _purse_places
    cdef bint _is_strange
    cdef int id_count
    cdef int group_count
    cdef int stage_ends[7]
    cdef Pool rules
    cdef Pool effects
    cdef Pool caps
    cdef Pool bands
    cdef Pool budgets
    cdef Pool funders
    cdef Pool purses
    cdef Pool costs
    cdef Pool refusing
    cdef Pool items
    cdef Pool ids
    cdef Pool declared

    cdef int _add_rule(self, object compiled, bint is_planned) except -1
    cdef int _add_effect(self, object compiled) except -1
    cdef int _add_basis(self, object compiled, FlatBasis* basis) except -1
    cdef int _add_refusals(self, object rule, FlatSpan* span) except -1
    cdef int _add_items(self, object tests, FlatSpan* span) except -1
    cdef int _add_caps(self, object caps, FlatSpan* span) except -1
    cdef int _add_ids(self, object names, FlatSpan* span) except -1
    cdef int _add_costs(self, object compiled, FlatRule* rule) except -1
    cdef int _add_bands(self, object bands, FlatSpan* span) except -1
    cdef int _add_budgets(self, object table) except -1
    cdef int _add_declared(self, object table) except -1
    cdef int64_t _value(self, object number) except? -1
    cdef int64_t _limit(self, object number) except? -1


# Greatest numbers of what runs while a request is decided.
cdef enum:
    PARTS_MAX = 1024
