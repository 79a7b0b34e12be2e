# cython: language_level=3, boundscheck=False, wraparound=False
"""Texts as numbers, so that conditions compare numbers: tiers, groups, categories, merchants."""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport uint32_t, uint8_t


cdef class Texts:
    """Numbers for texts, for ever; 0 is the empty text.

    Records and rule tables number their texts. What a message brings is only looked up: it is OTHER_TEXT where
    no record and no rule has it, or senders could fill the memory.
    """

    def __cinit__(self):
        self._numbers = {"": 0}
        self._encoded = {b"": 0}
        self._texts = [""]
        self._utf8 = [b""]

    def __len__(self):
        return len(self._texts)

    cdef uint32_t number(self, str text) except? 0xFFFFFFFE:
        """Number of a text, a new one where it has none yet."""
        found = self._numbers.get(text)
        if found is None:
            utf8 = text.encode("utf-8")
            found = len(self._texts)
            self._numbers[text] = found
            self._encoded[utf8] = found
            self._texts.append(text)
            self._utf8.append(utf8)
        return found

    cdef uint32_t find(self, const uint8_t* utf8, Py_ssize_t size) except? 0xFFFFFFFE:
        """Number of a text in UTF-8, OTHER_TEXT where it has none."""
        if size == 0:
            return NO_TEXT
        found = self._encoded.get(PyBytes_FromStringAndSize(<const char*> utf8, size))
        return OTHER_TEXT if found is None else found

    cdef str text(self, uint32_t number):
        """The text of a number."""
        return self._texts[number]

    cdef bytes utf8(self, uint32_t number):
        """The same in UTF-8."""
        return self._utf8[number]


cdef Texts TEXTS = Texts()
