# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The text that the digest of lots is taken of: for each account `number:(key, amount, key, amount);`."""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memcpy

cdef extern from *:
    """
    typedef unsigned __int128 uint128;
    """
    ctypedef unsigned long long uint128

cdef enum:
    _BUCKET_ROOM = 100  # three numbers and what is between them
    _TIME_BITS = 40

cdef uint64_t _TEN_TO_19 = 10_000_000_000_000_000_000ULL


cdef class LotText:
    """Writes buckets one after another and hashes them a page at a time."""

    def __cinit__(self, found):
        self._hash = found

    cdef int bucket(self, uint64_t account, LotTimes* times, int64_t amount, bint is_first) except -1:
        """One bucket; the first one of an account begins with its number."""
        if self._length > TEXT_ROOM - _BUCKET_ROOM:
            self._hash.update(PyBytes_FromStringAndSize(self._text, self._length))
            self._length = 0
        if is_first:
            self._decimal(account, 1)
            self._word(":(", 2)
        else:
            self._word(", ", 2)
        self._key(times)
        self._word(", ", 2)
        if amount < 0:
            self._word("-", 1)
            self._decimal(-<uint64_t> amount, 1)
        else:
            self._decimal(<uint64_t> amount, 1)
        return 0

    cdef int end(self) except -1:
        """The end of an account."""
        self._word(");", 2)
        return 0

    cdef bytes digest(self):
        """Hash over all that was written."""
        self._hash.update(PyBytes_FromStringAndSize(self._text, self._length))
        self._length = 0
        return self._hash.digest()

    cdef void _word(self, const char* word, int length) noexcept:
        memcpy(&self._text[self._length], word, length)
        self._length += length

    cdef void _decimal(self, uint64_t number, int digits) noexcept:
        """A number with at least so many digits."""
        cdef char text[20]
        cdef int at = 20
        while number or 20 - at < digits:
            at -= 1
            text[at] = <char> (48 + number % 10)
            number //= 10
        self._word(&text[at], 20 - at)

    cdef void _key(self, LotTimes* times) noexcept:
        cdef uint128 key = <uint128> times.expires_at_s << _TIME_BITS | times.available_from_s
        if key < _TEN_TO_19:
            self._decimal(<uint64_t> key, 1)
            return
        # Below 2^104, so both parts are.
        self._decimal(<uint64_t> (key // _TEN_TO_19), 1)
        self._decimal(<uint64_t> (key % _TEN_TO_19), 19)
