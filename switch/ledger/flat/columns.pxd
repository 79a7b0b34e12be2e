# Columns of a snapshot: arrays of Python whose items have one, two, four or eight bytes.

from cpython cimport array
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t


cdef struct Column:
    const uint8_t* data  # the array's, for as long as that is there and unchanged
    uint64_t count
    int width


cdef inline Column column_of(array.array values):
    return Column(<const uint8_t*> values.data.as_uchars, len(values), values.itemsize)


cdef inline uint64_t number_at(const Column* column, uint64_t index) noexcept nogil:
    """A number of a column without signs."""
    if column.width == 1:
        return column.data[index]
    if column.width == 2:
        return (<const uint16_t*> column.data)[index]
    if column.width == 4:
        return (<const uint32_t*> column.data)[index]
    return (<const uint64_t*> column.data)[index]


cdef inline int64_t amount_at(const Column* column, uint64_t index) noexcept nogil:
    """A number of a column with signs."""
    if column.width == 1:
        return (<const int8_t*> column.data)[index]
    if column.width == 2:
        return (<const int16_t*> column.data)[index]
    if column.width == 4:
        return (<const int32_t*> column.data)[index]
    return (<const int64_t*> column.data)[index]
