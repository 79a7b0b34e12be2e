# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Texts as numbers, so that conditions compare numbers: tiers, groups, categories, merchants."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.list cimport PyList_GET_ITEM
from libc.stdint cimport uint8_t, uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp

cdef enum:
    _FIRST_CELLS = 64


cdef inline uint32_t _hash(const uint8_t* utf8, Py_ssize_t size) noexcept nogil:
    """FNV-1a of 32 bits (Fowler, Noll, Vo; draft-eastlake-fnv)."""
    cdef uint32_t found = 2_166_136_261
    cdef Py_ssize_t place
    for place in range(size):
        found = (found ^ utf8[place]) * <uint32_t> 16_777_619
    return found


cdef class Texts:
    """Numbers for texts, for ever; 0 is the empty text.

    Records and rule tables number their texts. What a message brings is only looked up: it is OTHER_TEXT where
    no record and no rule has it, or senders could fill the memory.
    """

    def __cinit__(self):
        self._numbers = {"": 0}
        self._texts = [""]
        self._utf8 = [b""]
        self._cells = <TextCell*> calloc(_FIRST_CELLS, sizeof(TextCell))
        if self._cells == NULL:
            raise MemoryError
        self._mask = _FIRST_CELLS - 1

    def __dealloc__(self):
        free(self._cells)

    def __len__(self):
        return len(self._texts)

    cdef uint32_t number(self, str text) except? 0xFFFFFFFE:
        """Number of a text, a new one where it has none yet."""
        found = self._numbers.get(text)
        if found is None:
            utf8 = text.encode("utf-8")
            found = len(self._texts)
            if (<uint32_t> found + 1) * 2 > self._mask:
                self._grow()
            self._numbers[text] = found
            self._texts.append(text)
            self._utf8.append(utf8)
            self._enter(found)
        return found

    cdef uint32_t find(self, const uint8_t* utf8, Py_ssize_t size) noexcept:
        """Number of a text in UTF-8, OTHER_TEXT where it has none."""
        cdef uint32_t wanted = _hash(utf8, size), cell = wanted & self._mask
        cdef object known
        if size == 0:
            return NO_TEXT
        while self._cells[cell].number:
            if self._cells[cell].hash == wanted:
                known = <object> PyList_GET_ITEM(self._utf8, self._cells[cell].number)
                if PyBytes_GET_SIZE(known) == size and memcmp(PyBytes_AS_STRING(known), utf8, size) == 0:
                    return self._cells[cell].number
            cell = (cell + 1) & self._mask
        return OTHER_TEXT

    cdef str text(self, uint32_t number):
        """The text of a number."""
        return self._texts[number]

    cdef bytes utf8(self, uint32_t number):
        """The same in UTF-8."""
        return self._utf8[number]

    cdef int _enter(self, uint32_t number) except -1:
        cdef bytes utf8 = self._utf8[number]
        cdef uint32_t wanted = _hash(<const uint8_t*> PyBytes_AS_STRING(utf8), PyBytes_GET_SIZE(utf8))
        cdef uint32_t cell = wanted & self._mask
        while self._cells[cell].number:
            cell = (cell + 1) & self._mask
        self._cells[cell].hash = wanted
        self._cells[cell].number = number
        return 0

    cdef int _grow(self) except -1:
        cdef uint32_t mask = self._mask * 2 + 1, number
        cdef TextCell* cells = <TextCell*> calloc(<size_t> mask + 1, sizeof(TextCell))
        if cells == NULL:
            raise MemoryError
        free(self._cells)
        self._cells = cells
        self._mask = mask
        for number in range(1, <uint32_t> len(self._texts)):
            self._enter(number)
        return 0


cdef Texts TEXTS = Texts()
