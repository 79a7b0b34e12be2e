# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Double-entry accounts in flat columns; `switch.ledger.accounts` is the definition."""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc, qsort, realloc
from libc.string cimport memcpy

from switch.ledger.flat.columns cimport Column, amount_at, column_of, number_at
from switch.memory.hash_table cimport NO_PLACE, NumberTable

import hashlib

from switch.ledger.accounts import Counters

cdef extern from *:
    """
    typedef __int128 int128;
    """
    ctypedef long long int128
    bint _adds_over "__builtin_add_overflow"(int64_t one, int64_t other, int64_t* total) nogil

cdef enum:
    _PURSE_MASK = 0xFF
    _PURSES = 256
    _FIRST_ROOM = 8
    _DIGEST_BYTES = 40  # of one account
    _DIGEST_BATCH = 1024
    # `switch.journal.transfers.Stage`
    _POSTED = 1
    _PENDING = 2
    _POST_PENDING = 3
    _VOID_PENDING = 4


cdef class FlatAccounts:
    """Counters of all accounts. An account exists from its first transfer on, and its slot is for ever.

    An account costs its place in the table and two posted counters; those that ever held something have their
    pending ones beside.
    """

    def __cinit__(self):
        self.places = NumberTable()
        self._pending_places = NumberTable()
        self._posted = <Posted*> malloc(_FIRST_ROOM * sizeof(Posted))
        self._pending = <Posted*> malloc(_FIRST_ROOM * sizeof(Posted))
        if self._posted == NULL or self._pending == NULL:
            raise MemoryError
        self._room = self._pending_room = _FIRST_ROOM

    def __dealloc__(self):
        free(self._posted)
        free(self._pending)

    def __len__(self):
        return self.places.used

    def __contains__(self, number):
        return number in self.places

    def __iter__(self):
        return iter(self.places)

    @property
    def slots(self):
        """All account numbers, in the order in which they came up."""
        return self.places

    def slot(self, uint64_t number):
        """Place of an account in the columns, made where it has none yet."""
        return self.slot_of(number)

    def counters(self, uint64_t number):
        """The four counters, all zero for an account that never moved."""
        cdef int64_t counters[4]
        self.read(self.find(number), counters)
        return Counters(counters[0], counters[1], counters[2], counters[3])

    def balance(self, uint64_t number):
        """What the owner has left: posted credits less posted and pending debits. Lots sum to the same."""
        cdef int64_t counters[4]
        self.read(self.find(number), counters)
        return _number(<int128> counters[1] - counters[0] - counters[2])

    def posted(self, uint64_t number):
        """Posted credits less posted debits; what is held is still in it."""
        cdef int64_t counters[4]
        self.read(self.find(number), counters)
        return _number(<int128> counters[1] - counters[0])

    def post(self, transfers):
        """Count transfers on both their sides. Raises ValueError for one that is no movement of its purse."""
        cdef uint64_t debit, credit
        cdef int64_t purse, amount
        cdef int stage
        for purse, debit, credit, amount, _, _, stage, _, _ in transfers:
            if <int64_t> (debit & _PURSE_MASK) != purse:
                raise _no_movement()
            self.post_one(debit, credit, amount, stage)

    def trial_balance(self):
        """Credits less debits over all accounts of each purse; anything but zero is a broken ledger."""
        cdef int128 sums[_PURSES]
        cdef uint8_t seen[_PURSES]
        cdef int64_t counters[4]
        cdef uint64_t slot
        cdef int purse
        found = {}
        for purse in range(_PURSES):
            sums[purse] = 0
            seen[purse] = 0
        for slot in range(self.places.used):
            purse = self.places.numbers[slot] & _PURSE_MASK
            if not seen[purse]:
                seen[purse] = 1
                found[purse] = 0
            self.read(slot, counters)
            sums[purse] += <int128> counters[1] - counters[0] + counters[3] - counters[2]
        for purse in found:
            found[purse] = _number(sums[purse])
        return found

    def restore(self, numbers not None, counters not None):
        """Take over all accounts, into none: numbers, ascending, and the columns of `Counters`."""
        cdef Column account_numbers = column_of(numbers)
        cdef Column[4] columns
        cdef uint64_t index
        cdef int64_t slot
        cdef int64_t[4] held
        cdef int column
        for column in range(4):
            columns[column] = column_of(counters[column])
            if columns[column].count != account_numbers.count:
                raise ValueError("columns differ in length")
        for index in range(account_numbers.count):
            slot = self.slot_of(number_at(&account_numbers, index))
            for column in range(4):
                held[column] = amount_at(&columns[column], index)
            self._posted[slot] = Posted(held[0], held[1])
            if held[2] or held[3]:
                self._pending_of(slot)[0] = Posted(held[2], held[3])

    def digest(self):
        """Hash over all counters, independent of the order in which accounts came up."""
        cdef uint64_t* numbers = self.sorted_numbers()
        cdef uint8_t batch[_DIGEST_BYTES * _DIGEST_BATCH]
        cdef int64_t counters[4]
        cdef uint64_t index
        cdef uint8_t* at = batch
        cdef int column
        found = hashlib.sha256()
        try:
            for index in range(self.places.used):
                at = _put(at, numbers[index])
                self.read(self.places.find(numbers[index]), counters)
                for column in range(4):
                    at = _put(at, <uint64_t> counters[column])
                if at - batch == sizeof(batch):
                    found.update(PyBytes_FromStringAndSize(<char*> batch, at - batch))
                    at = batch
        finally:
            free(numbers)
        found.update(PyBytes_FromStringAndSize(<char*> batch, at - batch))
        return found.digest()

    cdef int64_t find(self, uint64_t number) noexcept nogil:
        """Slot of an account, NO_PLACE where it has none."""
        return self.places.find(number)

    cdef int64_t slot_of(self, uint64_t number) except -1:
        """Slot of an account, made where it has none yet."""
        cdef int64_t slot = self.places.find(number)
        if slot != NO_PLACE:
            return slot
        if self.places.used == self._room:
            _widen(&self._posted, &self._room)
        slot = self.places.place(number)
        self._posted[slot].debits = self._posted[slot].credits = 0
        return slot

    cdef void read(self, int64_t slot, int64_t* counters) noexcept nogil:
        """Debits and credits posted, debits and credits pending; NO_PLACE has none of them."""
        cdef int64_t place = NO_PLACE
        if slot == NO_PLACE:
            counters[0] = counters[1] = counters[2] = counters[3] = 0
            return
        counters[0] = self._posted[slot].debits
        counters[1] = self._posted[slot].credits
        if self._pending_places.used:
            place = self._pending_places.find(<uint64_t> slot)
        if place == NO_PLACE:
            counters[2] = counters[3] = 0
        else:
            counters[2] = self._pending[place].debits
            counters[3] = self._pending[place].credits

    cdef int post_one(self, uint64_t debit, uint64_t credit, int64_t amount, int stage) except -1:
        """Count one transfer; it has all its effect or, where something is raised, none on any counter."""
        cdef int64_t debit_slot, credit_slot
        cdef Posted pending
        cdef Posted* debit_side
        cdef Posted* credit_side
        if (
            amount <= 0
            or debit == credit
            or (debit ^ credit) & _PURSE_MASK
            or not _POSTED <= stage <= _VOID_PENDING
        ):
            raise _no_movement()
        debit_slot = self.slot_of(debit)
        credit_slot = self.slot_of(credit)
        cdef Posted posted
        posted.debits = self._posted[debit_slot].debits
        posted.credits = self._posted[credit_slot].credits
        if (stage == _POSTED or stage == _POST_PENDING) and (
            _adds_over(posted.debits, amount, &posted.debits)
            or _adds_over(posted.credits, amount, &posted.credits)
        ):
            raise _full()
        if stage != _POSTED:
            # Both places are made before either is pointed at: making one may move the column.
            self._pending_of(debit_slot)
            credit_side = self._pending_of(credit_slot)
            debit_side = self._pending_of(debit_slot)
            if stage != _PENDING:
                amount = -amount
            if _adds_over(debit_side.debits, amount, &pending.debits) or _adds_over(
                credit_side.credits, amount, &pending.credits
            ):
                raise _full()
            debit_side.debits = pending.debits
            credit_side.credits = pending.credits
        self._posted[debit_slot].debits = posted.debits
        self._posted[credit_slot].credits = posted.credits
        return 0

    cdef uint64_t* sorted_numbers(self) except NULL:
        cdef uint64_t used = self.places.used
        cdef uint64_t* numbers = <uint64_t*> malloc((used + 1) * sizeof(uint64_t))
        if numbers == NULL:
            raise MemoryError
        memcpy(numbers, self.places.numbers, used * sizeof(uint64_t))
        with nogil:
            qsort(numbers, used, sizeof(uint64_t), compare_numbers)
        return numbers

    cdef Posted* _pending_of(self, int64_t slot) except NULL:
        """Pending counters of a slot, made where it has none yet; valid until the next ones are made."""
        cdef int64_t place = self._pending_places.find(<uint64_t> slot)
        if place == NO_PLACE:
            if self._pending_places.used == self._pending_room:
                _widen(&self._pending, &self._pending_room)
            place = self._pending_places.place(<uint64_t> slot)
            self._pending[place].debits = self._pending[place].credits = 0
        return &self._pending[place]


cdef int _widen(Posted** column, uint64_t* room) except -1:
    cdef uint64_t wider = room[0] + room[0] // 4 + _FIRST_ROOM
    cdef Posted* moved = <Posted*> realloc(column[0], wider * sizeof(Posted))
    if moved == NULL:
        raise MemoryError
    column[0] = moved
    room[0] = wider
    return 0


cdef inline uint8_t* _put(uint8_t* at, uint64_t number) noexcept:
    """Eight bytes, big-endian; where the next ones go."""
    cdef int index
    for index in range(8):
        at[index] = <uint8_t> (number >> (56 - 8 * index))
    return at + 8


cdef object _number(int128 value):
    """The Python integer of a sum that may be wider than 64 bits."""
    if value == <int64_t> value:
        return <int64_t> value
    return (<object> <int64_t> (value >> 64)) << 64 | <uint64_t> value


cdef object _no_movement():
    return ValueError("a transfer moves a positive amount between two accounts of its purse")


cdef object _full():
    return OverflowError("a counter is full")
