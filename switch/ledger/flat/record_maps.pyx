# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""What the Python engine sees of records on flat memory: mappings, where the plain stores have dicts."""

from collections.abc import MutableMapping

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint64_t, uint8_t

from switch.ledger.flat.card_table cimport TOKEN_BYTES, CardTable
from switch.ledger.flat.member_table cimport MemberTable
from switch.ledger.flat.small_numbers cimport SmallNumbers
from switch.ledger.flat.sorted_places cimport SortedPlaces
from switch.memory.hash_table cimport NO_PLACE, NumberTable

cdef object _ABSENT = object()
cdef object _NUMBER_MAX = int("F" * 16, 16)


cdef const uint8_t* _token(object key) except? NULL:
    # NULL, without an exception, for what is no token.
    if isinstance(key, bytes) and PyBytes_GET_SIZE(key) == TOKEN_BYTES:
        return <const uint8_t*> PyBytes_AS_STRING(key)
    return NULL


cdef int64_t _place(NumberTable numbers, object key) except? -2:
    # Place of a number, NO_PLACE where it has none.
    if isinstance(key, int) and 0 <= key <= _NUMBER_MAX:
        return numbers.find(key)
    return NO_PLACE


cdef class PlaceMap:
    """A mapping whose keys and values stand at places. Reading builds the value; writing packs it."""

    def __getitem__(self, key):
        value = self.read(key)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key, value):
        self.write(key, value)

    def __delitem__(self, key):
        if not self.drop(key):
            raise KeyError(key)

    def __contains__(self, key):
        return self.read(key) is not None

    def __len__(self):
        return self.length()

    def __iter__(self):
        """Keys, in the order of their places."""
        cdef uint64_t place = 0, changes = self.changes()
        while place < self.place_count():
            if self.holds(place):
                yield self.key_at(place)
                if changes != self.changes():
                    raise RuntimeError("records came or went during iteration")
            place += 1

    def get(self, key, default=None):
        """Value of a key, `default` where it has none."""
        value = self.read(key)
        return default if value is None else value

    def pop(self, key, default=_ABSENT):
        """Remove a key; its value, or `default` where it had none. Without that raises KeyError then."""
        value = self.read(key)
        if value is not None:
            self.drop(key)
            return value
        if default is _ABSENT:
            raise KeyError(key)
        return default

    def sorted_items(self):
        """Keys and values in the order of keys. Takes 8 bytes for each: `sorted` would have all at once."""
        cdef uint64_t index, changes = self.changes()
        cdef SortedPlaces sorted_places = self.sorted_places()
        for index in range(sorted_places.count):
            yield self.key_at(sorted_places.places[index]), self.value_at(sorted_places.places[index])
            if changes != self.changes():
                raise RuntimeError("records came or went during iteration")

    cdef object read(self, object key):
        """Value of a key, None where it has none."""
        raise NotImplementedError

    cdef int write(self, object key, object value) except -1:
        """Set the value of a key."""
        raise NotImplementedError

    cdef bint drop(self, object key) except -1:
        """Remove a key; whether it had a value."""
        raise NotImplementedError

    cdef uint64_t length(self) noexcept:
        """How many keys there are."""
        return 0

    cdef uint64_t changes(self) noexcept:
        """How often a key came or went."""
        return 0

    cdef uint64_t place_count(self) noexcept:
        """All places are below this."""
        return 0

    cdef bint holds(self, uint64_t place) noexcept:
        """Whether there is a value at a place."""
        return False

    cdef object key_at(self, uint64_t place):
        """Key at a place that holds a value."""
        raise NotImplementedError

    cdef object value_at(self, uint64_t place):
        """Value at a place that holds one."""
        raise NotImplementedError

    cdef SortedPlaces sorted_places(self):
        """Places that hold values, in the order of their keys."""
        raise NotImplementedError


cdef class CardPlaces(PlaceMap):
    """Cards by token."""

    def __cinit__(self, CardTable table not None):
        self.table = table

    def __contains__(self, key):
        cdef const uint8_t* token = _token(key)
        return token != NULL and self.table.rows.find(token) != NO_PLACE

    cdef object read(self, object key):
        cdef const uint8_t* token = _token(key)
        cdef int64_t place = NO_PLACE if token == NULL else self.table.rows.find(token)
        return None if place == NO_PLACE else self.table.record(place)

    cdef int write(self, object key, object value) except -1:
        cdef const uint8_t* token = _token(key)
        if token == NULL:
            raise ValueError("a token has 16 bytes")
        return self.table.put(token, value)

    cdef bint drop(self, object key) except -1:
        cdef const uint8_t* token = _token(key)
        return token != NULL and self.table.remove(token)

    cdef uint64_t length(self) noexcept:
        return self.table.rows.count

    cdef uint64_t changes(self) noexcept:
        return self.table.rows.changes

    cdef uint64_t place_count(self) noexcept:
        return self.table.rows.used

    cdef bint holds(self, uint64_t place) noexcept:
        return self.table.holds(place)

    cdef object key_at(self, uint64_t place):
        return (<const char*> self.table.rows.row(place))[:TOKEN_BYTES]

    cdef object value_at(self, uint64_t place):
        return self.table.record(place)

    cdef SortedPlaces sorted_places(self):
        cdef SortedPlaces found = SortedPlaces(self.table.rows.count)
        cdef uint64_t place
        for place in range(self.table.rows.used):
            if self.table.holds(place):
                found.add(self.table.rows.row(place))
        found.sort_tokens(self.table.rows.rows, self.table.rows.width)
        return found


cdef class MemberPlaces(PlaceMap):
    """Members by number."""

    def __cinit__(self, MemberTable table not None):
        self.table = table

    def __contains__(self, key):
        cdef int64_t place = _place(self.table.numbers, key)
        return place != NO_PLACE and self.table.holds(place)

    cdef object read(self, object key):
        cdef int64_t place = _place(self.table.numbers, key)
        return self.table.record(place) if place != NO_PLACE and self.table.holds(place) else None

    cdef int write(self, object key, object value) except -1:
        if key != value.number:
            raise ValueError("a member's key is its number")
        return self.table.put(value)

    cdef bint drop(self, object key) except -1:
        return _place(self.table.numbers, key) != NO_PLACE and self.table.remove(key)

    cdef uint64_t length(self) noexcept:
        return self.table.count

    cdef uint64_t changes(self) noexcept:
        return self.table.changes

    cdef uint64_t place_count(self) noexcept:
        return self.table.offset_count

    cdef bint holds(self, uint64_t place) noexcept:
        return self.table.holds(place)

    cdef object key_at(self, uint64_t place):
        return self.table.numbers.numbers[place]

    cdef object value_at(self, uint64_t place):
        return self.table.record(place)

    cdef SortedPlaces sorted_places(self):
        cdef SortedPlaces found = SortedPlaces(self.table.count)
        cdef uint64_t place
        for place in range(self.table.offset_count):
            if self.table.holds(place):
                found.add(&self.table.numbers.numbers[place])
        found.sort_numbers(self.table.numbers.numbers)
        return found


cdef class NumberPlaces(PlaceMap):
    """Numbers by number, none of which is 0."""

    def __cinit__(self, NumberTable numbers not None, SmallNumbers column not None):
        self.numbers = numbers
        self.column = column

    cdef object read(self, object key):
        cdef int64_t place = _place(self.numbers, key)
        cdef uint64_t number = 0 if place == NO_PLACE else self.column.get(place)
        return number if number else None

    cdef int write(self, object key, object value) except -1:
        cdef uint64_t number = value
        if number == 0:
            raise ValueError("0 is no entry")
        return self.column.put(self.numbers.place(key), number)

    cdef bint drop(self, object key) except -1:
        cdef int64_t place = _place(self.numbers, key)
        if place == NO_PLACE or self.column.get(place) == 0:
            return False
        self.column.put(place, 0)
        return True

    cdef uint64_t length(self) noexcept:
        return self.column.count

    cdef uint64_t changes(self) noexcept:
        return self.column.changes

    cdef uint64_t place_count(self) noexcept:
        return self.column.used

    cdef bint holds(self, uint64_t place) noexcept:
        return self.column.get(place) != 0

    cdef object key_at(self, uint64_t place):
        return self.numbers.numbers[place]

    cdef object value_at(self, uint64_t place):
        return self.column.get(place)

    cdef SortedPlaces sorted_places(self):
        cdef SortedPlaces found = SortedPlaces(self.column.count)
        cdef uint64_t place
        for place in range(self.column.used):
            if self.column.get(place):
                found.add(&self.numbers.numbers[place])
        found.sort_numbers(self.numbers.numbers)
        return found


class FlatCards(CardPlaces, MutableMapping):
    """Cards by token, as a mapping."""

    __slots__ = ()


class FlatMembers(MemberPlaces, MutableMapping):
    """Members by number, as a mapping."""

    __slots__ = ()


class FlatNumbers(NumberPlaces, MutableMapping):
    """Numbers by number, as a mapping."""

    __slots__ = ()
