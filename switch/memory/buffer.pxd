# Bytes in the making, within fixed room. What doesn't fit sets `is_full`, and is looked at once, at the end.

from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memcpy

cdef extern from *:
    """
    #if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
    #error "flat memory is written for little-endian processors"
    #endif
    """
    uint64_t __builtin_bswap64(uint64_t) nogil


cdef struct Buffer:
    uint8_t* data
    int size
    int room
    bint is_full


cdef inline void put_bytes(Buffer* into, const void* source, int size) noexcept nogil:
    if into.size + size > into.room:
        into.is_full = True
        return
    memcpy(into.data + into.size, source, size)
    into.size += size


cdef inline void put_number(Buffer* into, uint64_t number, int size) noexcept nogil:
    """Big-endian, of a fixed size."""
    cdef int place
    if into.size + size > into.room:
        into.is_full = True
        return
    for place in range(size - 1, -1, -1):
        into.data[into.size + place] = <uint8_t> number
        number >>= 8
    into.size += size


cdef inline void put_number_8(Buffer* into, uint64_t number) noexcept nogil:
    """Big-endian, of eight bytes."""
    if into.size + 8 > into.room:
        into.is_full = True
        return
    number = __builtin_bswap64(number)
    memcpy(into.data + into.size, &number, 8)
    into.size += 8


cdef inline uint64_t number_8(const uint8_t* at) noexcept nogil:
    """The big-endian number of eight bytes."""
    cdef uint64_t number
    memcpy(&number, at, 8)
    return __builtin_bswap64(number)


cdef inline void put_decimal(Buffer* into, uint64_t number, int digits) noexcept nogil:
    """ASCII digits with leading zeros."""
    cdef int place
    if into.size + digits > into.room:
        into.is_full = True
        return
    for place in range(digits - 1, -1, -1):
        into.data[into.size + place] = <uint8_t> (48 + number % 10)
        number //= 10
    into.size += digits


cdef inline void put_packed(Buffer* into, uint64_t number, int digits) noexcept nogil:
    """Packed digits (BCD) with leading zeros; an even number of digits."""
    cdef int place, pair
    if into.size + digits // 2 > into.room:
        into.is_full = True
        return
    for place in range(digits // 2 - 1, -1, -1):
        pair = <int> (number % 100)
        into.data[into.size + place] = <uint8_t> (pair // 10 << 4 | pair % 10)
        number //= 100
    into.size += digits // 2
