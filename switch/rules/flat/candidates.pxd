from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from switch.memory.hash_table cimport NumberTable
from switch.rules.flat.decision cimport SET_WORDS, FlatFacts
from switch.rules.flat.moments cimport FlatQuarter
from switch.rules.flat.pool cimport Pool
from switch.rules.flat.postings cimport FlatPostings
from switch.rules.flat.run cimport FlatRun

cdef enum:
    KEY_MAX = 22  # epoch, purse, and a value for each text
    PLANS_MAX = 8192
    PLAN_CELLS = 32768
    PLAN_WORDS_MAX = 1048576


# The sixty-four rules of one word of a set.
cdef struct FlatWord:
    uint32_t place
    uint64_t bits


# Candidates of one key among the rules that nothing else leads to.
cdef struct FlatPlan:
    uint64_t hash
    int32_t first_word
    int32_t word_count
    int32_t rule_count
    uint32_t key[KEY_MAX]


cdef class Candidates:
    """Finds the rules that may match a request; `found` are their places in order."""

    cdef int words
    cdef int _dimension_count
    cdef int _dimensions[KEY_MAX]
    cdef list _texts
    cdef FlatPostings _segments
    cdef FlatPostings _agreements
    cdef FlatPostings _items
    cdef uint64_t _segments_used[SET_WORDS]
    cdef uint64_t _agreements_used[SET_WORDS]
    cdef NumberTable _purses
    cdef Pool _purse_sets
    cdef Pool _edges
    cdef Pool _steps
    cdef uint64_t* _planned  # rules that plans lead to
    cdef uint64_t* _set  # at work
    cdef uint64_t* _full  # words of that set that aren't empty
    cdef int32_t* _cells
    cdef Pool _plans
    cdef Pool _plan_words
    cdef uint32_t* found

    # Whether only plans lead to a rule, so that its texts are known to suit.
    cdef bint is_planned(self, int rule) noexcept
    cdef int find(self, FlatRun* run, FlatQuarter* quarter) except -1
    cdef FlatPlan* _plan(self, FlatFacts* facts, FlatQuarter* quarter) except NULL
    cdef int _work_out(self, FlatPlan* plan, FlatQuarter* quarter) except -1
    cdef void _put_bits(
        self, FlatPostings postings, uint64_t* held, uint64_t* used, FlatQuarter* quarter
    ) noexcept
    cdef void _put_lines(self, FlatFacts* facts, FlatQuarter* quarter) noexcept
    cdef void _put(self, FlatPostings postings, int64_t place, FlatQuarter* quarter) noexcept
    cdef uint64_t* _step(self, FlatRun* run) noexcept
    cdef int _taken_out(self) noexcept
