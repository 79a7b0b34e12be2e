from libc.stdint cimport int32_t, int64_t

from switch.rules.flat.decision cimport FlatOutcome
from switch.rules.flat.work cimport Work

# Both tell whether the request may go on.
cdef bint passes_gate(Work work, int32_t place, FlatOutcome* outcome) except -1
cdef bint pays(Work work, const int32_t* rules, int count, int64_t payable, FlatOutcome* outcome) except -1
