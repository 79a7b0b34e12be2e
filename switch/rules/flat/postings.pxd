from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from switch.memory.hash_table cimport NumberTable
from switch.rules.flat.pool cimport Pool

cdef enum:
    FEW = 64  # rules of a value that are kept as they are


# The rules that ask for one value; `dense` is the set of those and of the free rules where they are many.
cdef struct FlatPosting:
    int32_t first
    int32_t count
    int32_t dense


cdef class FlatPostings:
    """See `switch.rules.evaluator.postings.Postings`; values are numbers."""

    cdef int words
    cdef NumberTable values
    cdef Pool _postings
    cdef Pool _rules
    cdef Pool _sets
    cdef uint64_t* free

    cdef int64_t find(self, uint64_t value) noexcept nogil
    cdef FlatPosting* posting(self, int64_t place) noexcept nogil
    cdef uint32_t* rules_of(self, FlatPosting* posting) noexcept nogil
    # Keeps of a set what a value suits; NO_PLACE is a value for which no rule asks.
    cdef void keep(self, int64_t place, uint64_t* bits) noexcept nogil
