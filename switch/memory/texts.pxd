from libc.stdint cimport uint32_t, uint8_t

cdef enum:
    NO_TEXT = 0
    OTHER_TEXT = 0xFFFFFFFF  # a text that nothing names: equal to none, and not empty


cdef class Texts:
    """Numbers of texts that records and rules share; see the implementation."""

    cdef dict _numbers
    cdef list _texts
    cdef dict _encoded
    cdef list _utf8

    cdef uint32_t number(self, str text) except? 0xFFFFFFFE
    cdef uint32_t find(self, const uint8_t* utf8, Py_ssize_t size) except? 0xFFFFFFFE
    cdef str text(self, uint32_t number)
    cdef bytes utf8(self, uint32_t number)


cdef Texts TEXTS
