cdef class Pool:
    """Items of one size, in one piece of memory."""

    cdef char* items
    cdef size_t item_bytes
    cdef Py_ssize_t room
    cdef readonly Py_ssize_t count

    # A new item, all zero; moves the others.
    cdef void* add(self) except NULL
    cdef void clear(self) noexcept
