from libc.stdint cimport uint8_t, uint32_t


# CRC-32 as zlib has it, of bytes that follow others of which `before` is the CRC.
cdef uint32_t crc32_of(uint32_t before, const uint8_t* data, Py_ssize_t size) noexcept nogil
