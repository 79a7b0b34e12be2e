from libc.stdint cimport int32_t

from switch.rules.flat.decision cimport FlatOutcome
from switch.rules.flat.work cimport Work

# Adds what a kept rule wants to give; `base` proposals are what multipliers multiply.
cdef int propose(Work work, int32_t place, bint is_discount, int base) except -1
# Leaves of the proposals from the first on what the groups' modes leave.
cdef int resolve(Work work, int first) except -1
cdef int grant_discounts(Work work, FlatOutcome* outcome) except -1
cdef int grant_earnings(Work work, FlatOutcome* outcome) except -1
