# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Blocks of bytes of any length, packed one behind the other."""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t, uint8_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy, memmove, memset

cdef enum:
    _HEAD_BYTES = 2  # a block's size with its head; the highest bit says that it is free
    _FREE = 0x8000
    _FIRST_OFFSET = 2  # 0 is no block
    _FIRST_ROOM = 64
    _SPARE_BYTES = 4096

cdef uint64_t _ROOM_MAX = 0xFFFF_FFFF


cdef class Arena:
    """Blocks whose offsets stand in a column of the owner's, each in one place of it; offset 0 is no block.

    A block that was given back serves the next one of exactly its length. What else is free is squeezed out
    when there is no room and more than a third is waste: in place, so that it needs no second arena.
    """

    def __cinit__(self):
        self.bytes = <uint8_t*> realloc(NULL, _FIRST_ROOM)
        if self.bytes == NULL:
            raise MemoryError
        self.room = _FIRST_ROOM
        self.used = _FIRST_OFFSET
        self.waste = 0
        memset(self.free_blocks, 0, sizeof(self.free_blocks))

    def __dealloc__(self):
        free(self.bytes)

    cdef int64_t take(self, uint32_t length, uint32_t* offsets, uint64_t offset_count) except -1:
        """Offset of a new block of BLOCK_MIN_BYTES to BLOCK_MAX_BYTES. Other blocks may move: `offsets`, the
        column of all of them, then has where they are. Raises OverflowError beyond 4 GiB."""
        cdef uint32_t size = length + _HEAD_BYTES, offset
        cdef uint16_t head = <uint16_t> size
        cdef uint64_t room
        cdef uint8_t* bytes
        if not BLOCK_MIN_BYTES <= length <= BLOCK_MAX_BYTES:
            raise OverflowError(f"a block can't have {length} bytes")
        if size < _LISTED_LENGTHS and self.free_blocks[size]:
            offset = self.free_blocks[size]
            memcpy(&self.free_blocks[size], self.bytes + offset + _HEAD_BYTES, sizeof(uint32_t))
            memcpy(self.bytes + offset, &head, sizeof(head))
            self.waste -= size
            return offset
        if self.used + size > self.room and (
            self.waste * 3 > self.used or self.used + size > _ROOM_MAX
        ):
            self._compact(offsets, offset_count)
        if self.used + size > self.room:
            room = min(self.room + self.room // 4 + size + _SPARE_BYTES, _ROOM_MAX)
            if self.used + size > room:
                raise OverflowError("an arena has at most 4 GiB")
            bytes = <uint8_t*> realloc(self.bytes, room)
            if bytes == NULL:
                raise MemoryError
            self.bytes = bytes
            self.room = room
        offset = <uint32_t> self.used
        memcpy(self.bytes + offset, &head, sizeof(head))
        self.used += size
        return offset

    cdef void give_back(self, uint32_t offset) noexcept nogil:
        """The block at an offset is not needed any more; the column doesn't name it from here on."""
        cdef uint32_t size = self.length(offset) + _HEAD_BYTES
        cdef uint16_t head = <uint16_t> (size | _FREE)
        memcpy(self.bytes + offset, &head, sizeof(head))
        self.waste += size
        if size < _LISTED_LENGTHS:
            memcpy(self.bytes + offset + _HEAD_BYTES, &self.free_blocks[size], sizeof(uint32_t))
            self.free_blocks[size] = offset

    cdef uint32_t length(self, uint32_t offset) noexcept nogil:
        """Bytes of a block that is in use."""
        cdef uint16_t head
        memcpy(&head, self.bytes + offset, sizeof(head))
        return head - _HEAD_BYTES

    cdef uint8_t* block(self, uint32_t offset) noexcept nogil:
        """A block's bytes; they stay there until the next `take`."""
        return self.bytes + offset + _HEAD_BYTES

    cdef void _compact(self, uint32_t* offsets, uint64_t offset_count) noexcept nogil:
        # Blocks must be moved in the order of their offsets, and each must tell which place of the column
        # names it. So a block's first bytes and that place's offset change places for as long as this takes.
        cdef uint64_t source = _FIRST_OFFSET, target = _FIRST_OFFSET, index
        cdef uint32_t place, first_bytes, size
        cdef uint16_t head
        cdef uint8_t* block
        for index in range(offset_count):
            if offsets[index]:
                block = self.block(offsets[index])
                place = <uint32_t> index
                memcpy(&first_bytes, block, sizeof(first_bytes))
                memcpy(block, &place, sizeof(place))
                offsets[index] = first_bytes
        while source < self.used:
            memcpy(&head, self.bytes + source, sizeof(head))
            size = head & ~_FREE
            if not head & _FREE:
                block = self.bytes + source + _HEAD_BYTES
                memcpy(&place, block, sizeof(place))
                memcpy(block, &offsets[place], sizeof(uint32_t))
                memmove(self.bytes + target, self.bytes + source, size)
                offsets[place] = <uint32_t> target
                target += size
            source += size
        self.used = target
        self.waste = 0
        memset(self.free_blocks, 0, sizeof(self.free_blocks))
