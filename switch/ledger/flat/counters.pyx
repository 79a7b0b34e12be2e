# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Counters of caps, limits and budgets in flat tables; `switch.ledger.counters` is the definition."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort, realloc
from libc.string cimport memmove

from switch.ledger.flat.columns cimport Column, amount_at, column_of, number_at
from switch.memory.hash_table cimport mixed
from switch.memory.texts cimport OTHER_TEXT, TEXTS
from switch.rules.flat.counter_source cimport CounterSource

import hashlib
import struct

from switch.rules.outcome import CounterKey

cdef extern from *:
    bint _adds_over "__builtin_add_overflow"(int64_t one, int64_t other, int64_t* total) nogil

cdef enum:
    _FIRST_ROOM = 4
    _FIRST_CELLS = 8
    _COUNTERS_MAX = 0xFFFF_FFFE

# As `Counter` lies in memory.
_COUNTER = struct.Struct("=QqqI")


cdef class FlatCounters(CounterSource):
    """Values of all counters, in one table for each day from which they can't matter any more.

    A counter that came back to zero keeps its place until that is needed.
    """

    def __dealloc__(self):
        cdef uint32_t index
        for index in range(self._count):
            _release(&self._days[index])
        free(self._days)

    def __len__(self):
        cdef uint32_t index
        cdef uint64_t live = 0
        for index in range(self._count):
            live += self._days[index].live
        return live

    def value(self, key):
        """Present value, 0 for one never counted or dropped."""
        cdef uint64_t subject
        cdef int64_t window
        cdef uint32_t drop_day, name
        cdef const char* text
        cdef Py_ssize_t size
        counter, subject, window, drop_day = key
        text = PyUnicode_AsUTF8AndSize(counter, &size)
        name = TEXTS.find(<const uint8_t*> text, size)
        return 0 if name == OTHER_TEXT else self.read(name, subject, window, drop_day)

    def apply(self, moves):
        """Add what an entry counted; what is too old to matter is left out."""
        cdef uint64_t subject
        cdef int64_t window, delta
        cdef uint32_t drop_day
        cdef str counter
        for (counter, subject, window, drop_day), delta, _, _ in moves:
            self.add(TEXTS.number(counter), subject, window, drop_day, delta)

    def advance(self, int64_t day):
        """Take note of today (days since the epoch) and drop what can't matter from now on.

        Days only go forward: a clock that was set back drops nothing and brings nothing back.
        """
        cdef uint32_t past = 0
        if day <= self.day:
            return
        self.day = day
        while past < self._count and self._days[past].drop_day <= day:
            _release(&self._days[past])
            past += 1
        if past:
            self._count -= past
            memmove(self._days, self._days + past, self._count * sizeof(CounterDay))

    def items(self):
        """All counters and their values, sorted by drop day, name, window and subject."""
        for drop_day in [self._days[index].drop_day for index in range(self._count)]:
            names, counters = self._sorted(drop_day)
            for subject, window, value, rank in _COUNTER.iter_unpack(counters):
                yield CounterKey(names[rank], subject, window, drop_day), value

    def restore(self, int64_t day, names not None, columns not None):
        """Take over today and all counters, into none; their names stand in `columns` by place."""
        cdef Column drop_days = column_of(columns.drop_days), places = column_of(columns.names)
        cdef Column windows = column_of(columns.windows), subjects = column_of(columns.subjects)
        cdef Column values = column_of(columns.values)
        cdef uint64_t index, place, name_count = len(names)
        if not drop_days.count == places.count == windows.count == subjects.count == values.count:
            raise ValueError("columns differ in length")
        cdef uint32_t* numbers = <uint32_t*> malloc((name_count + 1) * sizeof(uint32_t))
        if numbers == NULL:
            raise MemoryError
        self.day = day
        try:
            for index in range(name_count):
                numbers[index] = TEXTS.number(names[index])
            for index in range(drop_days.count):
                place = number_at(&places, index)
                if place >= name_count or number_at(&drop_days, index) >> 32:
                    raise IndexError("a counter has no name or day")
                self.add(
                    numbers[place],
                    number_at(&subjects, index),
                    amount_at(&windows, index),
                    <uint32_t> number_at(&drop_days, index),
                    amount_at(&values, index),
                )
        finally:
            free(numbers)

    def digest(self):
        """Hash over all values, independent of the order in which they came up."""
        found = hashlib.sha256(b"%d;" % self.day)
        for (counter, subject, window, drop_day), value in self.items():
            found.update(f"{drop_day}:{counter}:{window}:{subject}={value};".encode())
        return found.digest()

    cdef int64_t read(
        self, uint32_t name, uint64_t subject, int64_t window, uint32_t drop_day
    ) noexcept nogil:
        """Present value, 0 for one never counted or dropped."""
        cdef uint32_t index = self._place(drop_day), held
        cdef CounterDay* day
        if index == self._count or self._days[index].drop_day != drop_day:
            return 0
        day = &self._days[index]
        held = day.cells[_cell_of(day, name, subject, window)]
        return day.counters[held - 1].value if held else 0

    cdef int add(
        self, uint32_t name, uint64_t subject, int64_t window, uint32_t drop_day, int64_t delta
    ) except -1:
        """Add to a counter, unless it is too old to matter."""
        cdef CounterDay* day
        cdef Counter* counter
        cdef uint64_t cell
        cdef int64_t total
        if drop_day <= self.day or delta == 0:
            return 0
        day = self._day(drop_day)
        cell = _cell_of(day, name, subject, window)
        if day.cells[cell] == 0:
            if day.used == day.room:
                _make_room(day)
                cell = _cell_of(day, name, subject, window)
            day.counters[day.used] = Counter(subject, window, 0, name)
            day.used += 1
            day.cells[cell] = day.used
        counter = &day.counters[day.cells[cell] - 1]
        if _adds_over(counter.value, delta, &total):
            raise OverflowError("a counter is full")
        day.live += <uint32_t> (total != 0) - <uint32_t> (counter.value != 0)
        counter.value = total
        return 0

    cdef uint32_t _place(self, uint32_t drop_day) noexcept nogil:
        """Where a day stands or would stand."""
        cdef uint32_t low = 0, high = self._count, middle
        while low < high:
            middle = (low + high) // 2
            if self._days[middle].drop_day < drop_day:
                low = middle + 1
            else:
                high = middle
        return low

    cdef CounterDay* _day(self, uint32_t drop_day) except NULL:
        """The table of a day, made where there is none yet; valid until the next one is made."""
        cdef uint32_t index = self._place(drop_day), room
        cdef CounterDay* days
        cdef CounterDay made
        if index < self._count and self._days[index].drop_day == drop_day:
            return &self._days[index]
        if self._count == self._room:
            room = self._room + self._room // 2 + _FIRST_ROOM
            days = <CounterDay*> realloc(self._days, room * sizeof(CounterDay))
            if days == NULL:
                raise MemoryError
            self._days = days
            self._room = room
        made = CounterDay(drop_day, 0, _FIRST_ROOM, 0, _FIRST_CELLS - 1, NULL, NULL)
        made.cells = <uint32_t*> calloc(_FIRST_CELLS, sizeof(uint32_t))
        made.counters = <Counter*> malloc(_FIRST_ROOM * sizeof(Counter))
        if made.cells == NULL or made.counters == NULL:
            _release(&made)
            raise MemoryError
        memmove(&self._days[index + 1], &self._days[index], (self._count - index) * sizeof(CounterDay))
        self._days[index] = made
        self._count += 1
        return &self._days[index]

    cdef tuple _sorted(self, uint32_t drop_day):
        """Names in order, and a day's counters as sorted bytes with places among these names."""
        cdef uint32_t place = self._place(drop_day), index, number, kept = 0
        cdef CounterDay* day
        cdef Counter* counters
        cdef uint32_t* ranks
        cdef bytes room
        if place == self._count or self._days[place].drop_day != drop_day:
            return [], b""
        day = &self._days[place]
        found = {day.counters[index].name for index in range(day.used)}
        names = sorted([(TEXTS.text(number), number) for number in found])
        ranks = <uint32_t*> malloc((max(found, default=0) + 1) * sizeof(uint32_t))
        if ranks == NULL:
            raise MemoryError
        for index in range(<uint32_t> len(names)):
            ranks[<uint32_t> names[index][1]] = index
        try:
            room = PyBytes_FromStringAndSize(NULL, day.live * <Py_ssize_t> sizeof(Counter))
            counters = <Counter*> PyBytes_AS_STRING(room)
            for index in range(day.used):
                if day.counters[index].value:
                    counters[kept] = day.counters[index]
                    counters[kept].name = ranks[counters[kept].name]
                    kept += 1
        finally:
            free(ranks)
        qsort(counters, kept, sizeof(Counter), _compare)
        return [text for text, _ in names], room


cdef inline uint64_t _start(CounterDay* day, uint32_t name, uint64_t subject, int64_t window) noexcept nogil:
    return mixed(mixed(<uint64_t> window ^ <uint64_t> name << 40) ^ subject) & day.mask


cdef inline uint64_t _cell_of(
    CounterDay* day, uint32_t name, uint64_t subject, int64_t window
) noexcept nogil:
    """Cell of a counter, or the free one where it would be put."""
    cdef uint64_t cell = _start(day, name, subject, window)
    cdef uint32_t held = day.cells[cell]
    cdef Counter* counter
    while held:
        counter = &day.counters[held - 1]
        if counter.subject == subject and counter.window == window and counter.name == name:
            break
        cell = (cell + 1) & day.mask
        held = day.cells[cell]
    return cell


cdef int _make_room(CounterDay* day) except -1:
    """Room for at least one more counter: the places of zeros, where these are many, or more of them."""
    cdef uint64_t room = day.room, cells = <uint64_t> day.mask + 1, cell
    cdef uint32_t index, kept = 0
    cdef bint has_zeros = day.live < day.used - day.used // 4
    cdef Counter* counters
    cdef uint32_t* table
    if not has_zeros:
        room += room // 4 + _FIRST_ROOM
        if room > _COUNTERS_MAX:
            raise OverflowError("a day has at most 2^32 - 2 counters")
        counters = <Counter*> realloc(day.counters, room * sizeof(Counter))
        if counters == NULL:
            raise MemoryError
        day.counters = counters
    while room * 3 > cells * 2:
        cells *= 2
    if cells != <uint64_t> day.mask + 1 or has_zeros:
        table = <uint32_t*> calloc(cells, sizeof(uint32_t))
        if table == NULL:
            raise MemoryError
        free(day.cells)
        day.cells = table
        day.mask = <uint32_t> (cells - 1)
        for index in range(day.used):
            counters = &day.counters[index]
            if counters.value == 0 and has_zeros:
                continue
            day.counters[kept] = counters[0]
            kept += 1
            cell = _start(day, counters.name, counters.subject, counters.window)
            while table[cell]:
                cell = (cell + 1) & day.mask
            table[cell] = kept
        day.used = kept
    day.room = <uint32_t> room
    return 0


cdef void _release(CounterDay* day) noexcept:
    free(day.cells)
    free(day.counters)


cdef int _compare(const void* one, const void* other) noexcept nogil:
    """For qsort: by name, window and subject."""
    cdef const Counter* first = <const Counter*> one
    cdef const Counter* second = <const Counter*> other
    if first.name != second.name:
        return -1 if first.name < second.name else 1
    if first.window != second.window:
        return -1 if first.window < second.window else 1
    return (first.subject > second.subject) - (first.subject < second.subject)
