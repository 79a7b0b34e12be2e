from libc.stdint cimport int64_t

from switch.rules.flat.decision cimport FlatGrant
from switch.rules.flat.image cimport FlatEffect, FlatPurse, FlatRule
from switch.rules.flat.work cimport Work


# Granted, why it is less than desired, and how much of it the budget's funders pay.
cdef struct FlatAllowed:
    int64_t granted
    int reason
    int64_t funded


cdef bint is_within_caps(Work work, FlatRule* rule, int64_t* basis) except -1
cdef bint is_broken(Work work, FlatRule* rule, int64_t amount) except -1
cdef int allow(Work work, FlatRule* rule, FlatEffect* effect, int64_t desired, FlatAllowed* found) except -1
cdef int count_granted(
    Work work, FlatRule* rule, FlatEffect* effect, int64_t granted, int64_t funded
) except -1
cdef int count_occasion(Work work, FlatRule* rule, int64_t basis) except -1
cdef void write_funding(
    Work work, FlatRule* rule, int64_t granted, int64_t funded, FlatGrant* grant
) noexcept
cdef FlatPurse* purse_of(Work work, FlatEffect* effect) noexcept
cdef int64_t worth(Work work, FlatPurse* purse, int64_t amount) noexcept
