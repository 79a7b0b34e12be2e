# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Which rules ask for which value of one dimension, as sets of bits and as places."""

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

from switch.memory.hash_table cimport NO_PLACE, NumberTable
from switch.rules.flat.pool cimport Pool


cdef class FlatPostings:
    """Made from the numbers that each rule asks for in order of place, None for a rule that asks for none.

    `words` is the length of sets; `with_sets` is needed for `keep`.
    """

    def __cinit__(self, wanted, int words, bint with_sets):
        cdef uint32_t* rule
        cdef FlatPosting* posting
        cdef int place
        self.words = words
        self.values = NumberTable()
        self._postings = Pool(sizeof(FlatPosting))
        self._rules = Pool(sizeof(uint32_t))
        self._sets = Pool(words * sizeof(uint64_t))
        self.free = <uint64_t*> calloc(words, sizeof(uint64_t))
        if self.free == NULL:
            raise MemoryError
        by_value = {}
        for place, values in enumerate(wanted):
            if values is None:
                self.free[place >> 6] |= (<uint64_t> 1) << (place & 63)
                continue
            for value in values:
                by_value.setdefault(value, []).append(place)
        for value, places in by_value.items():
            self.values.place(value)
            posting = <FlatPosting*> self._postings.add()
            posting.first, posting.count, posting.dense = self._rules.count, len(places), -1
            for place in places:
                rule = <uint32_t*> self._rules.add()
                rule[0] = place
            if with_sets and len(places) > FEW:
                posting.dense = self._sets.count
                self._add_set(places)

    def __dealloc__(self):
        free(self.free)

    def _add_set(self, places):
        cdef uint64_t* bits = <uint64_t*> self._sets.add()
        cdef int place
        memcpy(bits, self.free, self.words * sizeof(uint64_t))
        for place in places:
            bits[place >> 6] |= (<uint64_t> 1) << (place & 63)

    cdef int64_t find(self, uint64_t value) noexcept nogil:
        """Place of a value, NO_PLACE where no rule asks for it."""
        return self.values.find(value)

    cdef FlatPosting* posting(self, int64_t place) noexcept nogil:
        return <FlatPosting*> self._postings.items + place

    cdef uint32_t* rules_of(self, FlatPosting* posting) noexcept nogil:
        return <uint32_t*> self._rules.items + posting.first

    cdef void keep(self, int64_t place, uint64_t* bits) noexcept nogil:
        cdef uint64_t* passing = self.free
        cdef uint32_t kept[FEW]
        cdef FlatPosting* posting
        cdef uint32_t* rules
        cdef int word, index, kept_count = 0
        cdef uint32_t rule
        if place != NO_PLACE:
            posting = self.posting(place)
            if posting.dense >= 0:
                passing = <uint64_t*> self._sets.items + posting.dense * self.words
            else:
                rules = self.rules_of(posting)
                for index in range(posting.count):
                    rule = rules[index]
                    if bits[rule >> 6] >> (rule & 63) & 1:
                        kept[kept_count] = rule
                        kept_count += 1
        for word in range(self.words):
            bits[word] &= passing[word]
        for index in range(kept_count):
            bits[kept[index] >> 6] |= (<uint64_t> 1) << (kept[index] & 63)
