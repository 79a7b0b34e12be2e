# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Cuts frames with two-byte lengths; the same as the loop of `protocol.framing.FrameDecoder`."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t


def cut(bytes stream not None, int payload_bytes_max):
    """Payloads of the whole frames in front, where the rest begins, and the length of its frame where that is
    more than `payload_bytes_max`, else 0."""
    cdef const uint8_t* at = <const uint8_t*> PyBytes_AS_STRING(stream)
    cdef Py_ssize_t size = PyBytes_GET_SIZE(stream), start = 0
    cdef int length
    cdef list payloads = []
    while size - start >= 2:
        length = at[start] << 8 | at[start + 1]
        if length > payload_bytes_max:
            return payloads, start, length
        if length > size - start - 2:
            break
        payloads.append(PyBytes_FromStringAndSize(<const char*> at + start + 2, length))
        start += 2 + length
    return payloads, start, 0
