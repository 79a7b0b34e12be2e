from libc.stdint cimport int64_t, uint32_t, uint64_t


cdef struct LotTimes:
    uint64_t expires_at_s
    uint64_t available_from_s


cdef class LotKeys:
    """Numbers of bucket keys; see the implementation."""

    cdef LotTimes* times  # by number
    cdef uint32_t* _cells
    cdef uint64_t _mask
    cdef uint32_t _used
    cdef uint32_t _room
    cdef uint32_t _newest

    cdef int64_t number(self, uint64_t available_from_s, uint64_t expires_at_s) except -1
    cdef int _grow(self) except -1


cdef inline bint is_before(const LotTimes* one, const LotTimes* other) noexcept nogil:
    """Order of buckets: by expiry, then by availability. Debt has no times, so it is first."""
    if one.expires_at_s != other.expires_at_s:
        return one.expires_at_s < other.expires_at_s
    return one.available_from_s < other.available_from_s


cdef inline bint is_spendable(const LotTimes* times, uint64_t now_s) noexcept nogil:
    """Whether a bucket counts at a time; debt always does."""
    if times.expires_at_s == 0 and times.available_from_s == 0:
        return True
    return times.available_from_s <= now_s < times.expires_at_s
