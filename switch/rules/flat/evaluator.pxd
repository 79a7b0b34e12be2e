from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t

from switch.rules.flat.candidates cimport Candidates
from switch.rules.flat.counter_source cimport CounterSource
from switch.rules.flat.decision cimport (
    DECIDED,
    FUNDERS_MAX,
    GRANTS_MAX,
    LABELS_MAX,
    LINES_MAX,
    METRICS_MAX,
    MOVES_MAX,
    NOT_MINE,
    NUMBERS_MAX,
    PURSES_MAX,
    REFUSED,
    SET_WORDS,
    SETS_MAX,
    TEXTS_MAX,
    UPLINES_MAX,
    FlatFacts,
    FlatFunding,
    FlatGrant,
    FlatLine,
    FlatMove,
    FlatOutcome,
    FlatSubject,
)
from switch.rules.flat.image cimport Image
from switch.rules.flat.work cimport Work


cdef class FlatEvaluator:
    """One table made ready. For one thread at a time."""

    cdef Image image
    cdef Work work
    cdef Candidates candidates
    cdef bytes _names  # of each effect: its rule's id and what it refers to, as entries have them
    cdef uint32_t* _name_starts
    cdef uint32_t* _rule_firsts
    cdef FlatFacts* facts  # of `evaluate`
    cdef FlatOutcome* outcome

    cdef int decide(self, FlatFacts* facts, CounterSource counters, FlatOutcome* outcome) except -1
    # For entries and replies, by a rule's place and an effect's index: the rule's id and what the effect refers
    # to, each in UTF-8 behind one byte with its length.
    cdef const uint8_t* names_packed(self, int rule, int effect, int* size) noexcept
    cdef int rule_version(self, int rule) noexcept
    cdef int on_return(self, int rule) noexcept
    cdef int flags(self, int rule) noexcept  # 1: allow_negative, 2: restore_budget
    cdef tuple member_texts(self, int rule)  # Persian and English
    # What the gate says that refused the last request, Persian and English; empty where it says nothing.
    cdef tuple refusal_texts(self)
    cdef int _make(self, object table) except -1
    cdef int _pack_names(self) except -1
    cdef int _stages(self, FlatOutcome* outcome) except -1
    cdef int _propose(self, int32_t* found, int index, int count, int stage, int base) except -1
    cdef int _count_declared(self) except -1
