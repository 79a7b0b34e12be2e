from libc.stdint cimport uint8_t, uint32_t

cdef enum:
    NO_TEXT = 0
    OTHER_TEXT = 0xFFFFFFFF  # a text that nothing names: equal to none, and not empty


cdef struct TextCell:
    uint32_t hash
    uint32_t number  # 0: free


cdef class Texts:
    """Numbers of texts that records and rules share; see the implementation."""

    cdef dict _numbers
    cdef list _texts
    cdef list _utf8
    cdef TextCell* _cells
    cdef uint32_t _mask

    cdef uint32_t number(self, str text) except? 0xFFFFFFFE
    cdef uint32_t find(self, const uint8_t* utf8, Py_ssize_t size) noexcept
    cdef str text(self, uint32_t number)
    cdef bytes utf8(self, uint32_t number)
    cdef int _enter(self, uint32_t number) except -1
    cdef int _grow(self) except -1


cdef Texts TEXTS
