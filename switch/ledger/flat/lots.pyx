# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Lots in flat columns; `switch.ledger.lots` is the definition."""

from libc.stdint cimport INT64_MAX, INT64_MIN, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy, memmove, memset

from switch.ledger.flat.accounts cimport FlatAccounts
from switch.ledger.flat.columns cimport Column, amount_at, column_of, number_at
from switch.ledger.flat.expiry cimport Due, ExpiryQueue, count_greater
from switch.ledger.flat.lot_keys cimport LotKeys, LotTimes, is_before, is_spendable
from switch.ledger.flat.lot_text cimport LotText
from switch.memory.hash_table cimport fetch

import hashlib

from switch.ledger.lots import TIME_BITS, TIME_MASK, Bucket
from switch.rules.outcome import NEVER_S

cdef extern from *:
    """
    typedef __int128 int128;
    """
    ctypedef long long int128
    bint _adds_over "__builtin_add_overflow"(int64_t one, int64_t other, int64_t* total) nogil

cdef enum:
    _MANY = 0xFFFF_FFFF
    _ROOM_STEP = 2  # a pair of buckets more
    _FIRST_ROOM = 8

cdef uint64_t _NEVER_S = NEVER_S
cdef object _TIME_BITS = TIME_BITS
cdef object _TIME_MASK = TIME_MASK


cdef class FlatLots:
    """Buckets of all accounts, in a column beside those of `FlatAccounts`.

    Most accounts have one bucket, which stands in the column: the number of its key, and its amount. Where
    there are more, they are in a block of their own.
    """

    def __cinit__(self, FlatAccounts accounts not None):
        self.accounts = accounts
        self._keys = LotKeys()
        self._queue = ExpiryQueue(accounts)
        self._cells = <LotCell*> malloc(_FIRST_ROOM * sizeof(LotCell))
        if self._cells == NULL:
            raise MemoryError
        self._room = _FIRST_ROOM

    def __dealloc__(self):
        cdef uint64_t slot
        for slot in range(self._used):
            if self._cells[slot].key == _MANY:
                free(<LotBlock*> self._cells[slot].amount)
        free(self._cells)

    def pairs(self, uint64_t account):
        """Keys and amounts in turn, sorted by key."""
        return self._pairs_of(self.accounts.find(account))

    def buckets(self, uint64_t account):
        """Buckets of an account, debt first, then by expiry."""
        cdef LotView view
        cdef LotTimes* times
        cdef int index
        found = []
        for index in range(self._see(self.accounts.find(account), &view)):
            times = &self._keys.times[view.keys[index]]
            found.append(Bucket(times.expires_at_s, times.available_from_s, view.amounts[index]))
        return tuple(found)

    def available(self, uint64_t account, uint64_t now_s):
        """What can be spent now: buckets within their times, less debt; below zero where debt is greater."""
        return self.available_at(self.accounts.find(account), now_s)

    def pending(self, uint64_t account, uint64_t now_s):
        """What can be spent only later."""
        return self._waiting_at(self.accounts.find(account), now_s)

    def balance(self, uint64_t account):
        """All buckets together."""
        return sum(self._pairs_of(self.accounts.find(account))[1::2])

    def apply(self, moves):
        """Add what an entry moved."""
        cdef uint64_t account, available_from_s, expires_at_s
        cdef int64_t delta
        for _, account, available_from_s, expires_at_s, delta in moves:
            self.add(account, available_from_s, expires_at_s, delta)

    def expired(self, uint64_t now_s):
        """Account, key and amount of every bucket that has expired, by expiry and account.

        Forgets on the way what has nothing left to expire: asked again after each piece of work it doesn't
        begin from the start.
        """
        cdef uint64_t moment_s, account, greatest, left
        cdef Due* due
        self._queue.look(now_s)
        for moment_s in self._queue.moments(now_s):
            due = self._queue.of_moment(moment_s)
            if due == NULL:
                continue
            while due.expired_count and not self._of_expiry(due.expired[due.expired_count - 1], moment_s):
                due.expired_count -= 1
            left = due.expired_count
            if not left:
                if not due.coming_count:
                    self._queue.forget(moment_s)
                continue
            greatest = due.expired[0]
            while left:
                account = due.expired[left - 1]
                if account > greatest:
                    break
                for key, amount in self._of_expiry(account, moment_s):
                    yield account, key, amount
                # Looked up again: who is told of one account may change others.
                due = self._queue.of_moment(moment_s)
                left = 0 if due == NULL else count_greater(due, account)

    def restore(self, counts not None, keys not None, places not None, amounts not None):
        """Take over all buckets, into none: how many each account has, in the order of slots, and of each
        bucket in turn the place of its key among `keys` and its amount."""
        cdef Column each_count = column_of(counts), each_place = column_of(places)
        cdef Column each_amount = column_of(amounts)
        cdef uint64_t slot, index = 0, count, place, key_count = len(keys)
        cdef LotTimes* times = <LotTimes*> malloc((key_count + 1) * sizeof(LotTimes))
        if times == NULL:
            raise MemoryError
        try:
            for place in range(key_count):
                times[place].expires_at_s = keys[place] >> _TIME_BITS
                times[place].available_from_s = keys[place] & _TIME_MASK
            if each_count.count != self.accounts.places.used or each_place.count != each_amount.count:
                raise ValueError("columns differ in length")
            for slot in range(each_count.count):
                count = number_at(&each_count, slot)
                if count > each_place.count - index:
                    raise ValueError("there are fewer buckets than counted")
                count += index
                while index < count:
                    place = number_at(&each_place, index)
                    if place >= key_count:
                        raise IndexError("a bucket has no key")
                    self.add(
                        self.accounts.places.numbers[slot],
                        times[place].available_from_s,
                        times[place].expires_at_s,
                        amount_at(&each_amount, index),
                    )
                    index += 1
        finally:
            free(times)
        if index != each_place.count:
            raise ValueError("there are more buckets than counted")

    def digest(self):
        """Hash over all buckets, independent of the order in which accounts came up."""
        cdef LotText text = LotText(hashlib.sha256())
        cdef uint64_t* numbers = self.accounts.sorted_numbers()
        cdef LotView view
        cdef LotTimes* times
        cdef uint64_t place
        cdef int index, count
        try:
            for place in range(self.accounts.places.used):
                count = self._see(self.accounts.find(numbers[place]), &view)
                for index in range(count):
                    times = &self._keys.times[view.keys[index]]
                    text.bucket(numbers[place], times, view.amounts[index], index == 0)
                if count:
                    text.end()
        finally:
            free(numbers)
        return text.digest()

    cdef int read(self, int64_t slot, FlatBucket* into, int room) noexcept nogil:
        """Copy at most `room` buckets of a slot; how many there are."""
        cdef LotView view
        cdef int count = self._see(slot, &view), index
        for index in range(min(count, room)):
            into[index].expires_at_s = self._keys.times[view.keys[index]].expires_at_s
            into[index].available_from_s = self._keys.times[view.keys[index]].available_from_s
            into[index].amount = view.amounts[index]
        return count

    cdef void fetch_cell(self, int64_t slot) noexcept nogil:
        """Have a slot's lots brought in, or where they are."""
        if slot < <int64_t> self._used:
            fetch(&self._cells[slot])

    cdef int64_t available_at(self, int64_t slot, uint64_t now_s) noexcept nogil:
        """What of a slot can be spent at a time; NO_PLACE has nothing."""
        cdef LotView view
        cdef int index
        cdef int128 total = 0
        for index in range(self._see(slot, &view)):
            if is_spendable(&self._keys.times[view.keys[index]], now_s):
                total += view.amounts[index]
        return _within(total)

    cdef int add(
        self, uint64_t account, uint64_t available_from_s, uint64_t expires_at_s, int64_t delta
    ) except -1:
        """Add to one bucket of an account, which may make or end it."""
        cdef int64_t slot = self.accounts.slot_of(account)
        cdef uint32_t key = <uint32_t> self._keys.number(available_from_s, expires_at_s)
        cdef int64_t total
        cdef LotCell* cell
        if <uint64_t> slot >= self._used:
            self._reach(<uint64_t> slot)
        cell = &self._cells[slot]
        if cell.key == _MANY or (cell.amount and cell.key != key):
            return self._add_among(slot, cell, key, expires_at_s, delta)
        if cell.amount == 0:
            # An account with this key has been noted for its expiry, and stays so until that is looked at.
            if cell.key != key or expires_at_s <= self._queue.asked_s:
                self._note(expires_at_s, slot)
            cell.key = key
        if _adds_over(cell.amount, delta, &total):
            raise _full()
        cell.amount = total
        return 0

    cdef int _see(self, int64_t slot, LotView* view) noexcept nogil:
        """Look at the keys and amounts of a slot; how many there are."""
        cdef LotBlock* block
        if slot < 0 or <uint64_t> slot >= self._used:
            return 0
        view.key = self._cells[slot].key
        view.amount = self._cells[slot].amount
        if view.key == _MANY:
            block = <LotBlock*> view.amount
            view.amounts = _amounts(block)
            view.keys = _keys_of(block)
            return <int> block.count
        view.keys = &view.key
        view.amounts = &view.amount
        return view.amount != 0

    cdef int64_t _waiting_at(self, int64_t slot, uint64_t now_s) noexcept nogil:
        cdef LotView view
        cdef LotTimes* times
        cdef int index
        cdef int128 total = 0
        for index in range(self._see(slot, &view)):
            times = &self._keys.times[view.keys[index]]
            if times.available_from_s > now_s and times.expires_at_s > now_s:
                total += view.amounts[index]
        return _within(total)

    cdef tuple _pairs_of(self, int64_t slot):
        cdef LotView view
        cdef int index
        found = []
        for index in range(self._see(slot, &view)):
            found.append(_key(&self._keys.times[view.keys[index]]))
            found.append(view.amounts[index])
        return tuple(found)

    cdef list _of_expiry(self, uint64_t account, uint64_t expires_at_s):
        """Keys and amounts of an account's buckets that expire at this second."""
        cdef LotView view
        cdef int index
        found = []
        for index in range(self._see(self.accounts.find(account), &view)):
            if self._keys.times[view.keys[index]].expires_at_s == expires_at_s:
                found.append((_key(&self._keys.times[view.keys[index]]), view.amounts[index]))
        return found

    cdef int _reach(self, uint64_t slot) except -1:
        """Empty cells up to a slot."""
        cdef LotCell* cells
        cdef uint64_t room = self._room
        if slot >= room:
            room = slot + slot // 4 + _FIRST_ROOM
            cells = <LotCell*> realloc(self._cells, room * sizeof(LotCell))
            if cells == NULL:
                raise MemoryError
            self._cells = cells
            self._room = room
        memset(&self._cells[self._used], 0, (slot + 1 - self._used) * sizeof(LotCell))
        self._used = slot + 1
        return 0

    cdef int _note(self, uint64_t expires_at_s, int64_t slot) except -1:
        if 0 < expires_at_s < _NEVER_S:
            self._queue.note(expires_at_s, <uint32_t> slot)
        return 0

    cdef int _add_among(
        self, int64_t slot, LotCell* cell, uint32_t key, uint64_t expires_at_s, int64_t delta
    ) except -1:
        """Add where there are several buckets, or one of another key."""
        cdef LotBlock* block = NULL
        cdef LotTimes* times = self._keys.times
        cdef uint32_t place = 0
        cdef int64_t total
        if cell.key != _MANY:
            block = _block(_ROOM_STEP)
            block.count = 1
            _amounts(block)[0] = cell.amount
            _keys_of(block)[0] = cell.key
            cell.key = _MANY
            cell.amount = <int64_t> block
        block = <LotBlock*> cell.amount
        while place < block.count and is_before(&times[_keys_of(block)[place]], &times[key]):
            place += 1
        if place < block.count and _keys_of(block)[place] == key:
            if _adds_over(_amounts(block)[place], delta, &total):
                raise _full()
            _amounts(block)[place] = total
            if total == 0:
                _take_out(block, place)
            if block.count == 1:
                cell.key = _keys_of(block)[0]
                cell.amount = _amounts(block)[0]
                free(block)
            return 0
        self._note(expires_at_s, slot)
        if block.count == block.room:
            block = _wider(block)
            cell.amount = <int64_t> block
        _put_in(block, place, key, delta)
        return 0


cdef inline int64_t* _amounts(LotBlock* block) noexcept nogil:
    return <int64_t*> (block + 1)


cdef inline uint32_t* _keys_of(LotBlock* block) noexcept nogil:
    return <uint32_t*> (_amounts(block) + block.room)


cdef LotBlock* _block(uint32_t room) except NULL:
    cdef LotBlock* block = <LotBlock*> malloc(
        sizeof(LotBlock) + <uint64_t> room * (sizeof(int64_t) + sizeof(uint32_t))
    )
    if block == NULL:
        raise MemoryError
    block.count = 0
    block.room = room
    return block


cdef LotBlock* _wider(LotBlock* block) except NULL:
    """A block with the same buckets and more room; the one given is freed."""
    cdef LotBlock* wider = _block(block.room + max(<uint32_t> _ROOM_STEP, block.room // 4))
    wider.count = block.count
    memcpy(_amounts(wider), _amounts(block), block.count * sizeof(int64_t))
    memcpy(_keys_of(wider), _keys_of(block), block.count * sizeof(uint32_t))
    free(block)
    return wider


cdef void _take_out(LotBlock* block, uint32_t place) noexcept:
    cdef uint32_t behind = block.count - place - 1
    memmove(_amounts(block) + place, _amounts(block) + place + 1, behind * sizeof(int64_t))
    memmove(_keys_of(block) + place, _keys_of(block) + place + 1, behind * sizeof(uint32_t))
    block.count -= 1


cdef void _put_in(LotBlock* block, uint32_t place, uint32_t key, int64_t amount) noexcept:
    cdef uint32_t behind = block.count - place
    memmove(_amounts(block) + place + 1, _amounts(block) + place, behind * sizeof(int64_t))
    memmove(_keys_of(block) + place + 1, _keys_of(block) + place, behind * sizeof(uint32_t))
    _amounts(block)[place] = amount
    _keys_of(block)[place] = key
    block.count += 1


cdef inline int64_t _within(int128 total) noexcept nogil:
    """Counters of accounts end before their lots could sum to more."""
    return INT64_MAX if total > INT64_MAX else INT64_MIN if total < INT64_MIN else <int64_t> total


cdef object _key(LotTimes* times):
    return (<object> times.expires_at_s) << _TIME_BITS | times.available_from_s


cdef object _full():
    return OverflowError("a bucket is full")
