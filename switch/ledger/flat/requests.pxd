from libc.stdint cimport uint32_t, uint64_t


cdef struct KeyValue:
    uint64_t key
    uint64_t value


cdef struct KeyQueue:
    # Sorted by key; those before `first` are forgotten.
    KeyValue* pairs
    uint32_t first
    uint32_t end
    uint32_t room


cdef class FlatWindow:
    """See `switch.ledger.requests.RequestWindow`."""

    cdef readonly uint64_t floor
    cdef KeyQueue _requests  # position << 1 | is_counted, 0 for those that only a reversal named
    cdef KeyQueue _undone

    # Position of the remembered request, 0 where it isn't remembered; the same of the reversal that named it.
    cdef uint64_t position_of(self, uint64_t key) noexcept nogil
    cdef uint64_t undone_position(self, uint64_t key) noexcept nogil
    cdef bint counted(self, uint64_t key) noexcept nogil
    cdef int take(self, uint64_t key, uint64_t position, bint is_counted=*) except -1
    cdef int undo_one(self, uint64_t key, uint64_t position) except -1
    cdef int _put(self, uint64_t key, uint64_t value) except -1
