# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Cuts a batch's content into its entries; the same as `switch.journal.format.split_plainly`."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from switch.memory.crc32 cimport crc32_of

cdef enum:
    _HEAD_BYTES = 10

cdef object _new = tuple.__new__  # without the detour through a function of Python that a named tuple takes


cdef inline uint32_t _number(const uint8_t* at) noexcept nogil:
    return <uint32_t> at[0] << 24 | <uint32_t> at[1] << 16 | <uint32_t> at[2] << 8 | at[3]


def split(bytes content not None, uint64_t count, uint64_t first_position, type form not None):
    """Entries as `form` (position, kind, version, body), each checked by its CRC; None where they don't fill the
    content exactly."""
    cdef const uint8_t* data = <const uint8_t*> PyBytes_AS_STRING(content)
    cdef uint64_t size = PyBytes_GET_SIZE(content), at = 0, index, body_bytes
    cdef uint32_t form_number
    cdef list entries = []
    for index in range(count):
        if size - at < _HEAD_BYTES:
            return None
        body_bytes = _number(data + at)
        if body_bytes > size - at - _HEAD_BYTES:
            return None
        form_number = <uint32_t> data[at + 8] << 8 | data[at + 9]
        if crc32_of(form_number, data + at + _HEAD_BYTES, body_bytes) != _number(data + at + 4):
            return None
        entries.append(
            _new(
                form,
                (
                    first_position + index,
                    data[at + 8],
                    data[at + 9],
                    PyBytes_FromStringAndSize(<const char*> data + at + _HEAD_BYTES, body_bytes),
                ),
            )
        )
        at += _HEAD_BYTES + body_bytes
    return entries if at == size else None
