from libc.stdint cimport uint8_t

cdef enum:
    MAC_SIZE = 8


cdef class AesCmac:
    """One key's schedule; see the implementation."""

    cdef uint8_t schedule[176]
    cdef uint8_t last_masks[32]

    cdef void digest_into(self, const uint8_t* content, Py_ssize_t size, uint8_t* sixteen) noexcept nogil
    cdef void sign_into(self, const uint8_t* covered, Py_ssize_t size, uint8_t* mac) noexcept nogil
    cdef bint verifies(self, const uint8_t* payload, Py_ssize_t size) noexcept nogil
