# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Movements of a purchase in the making, on flat memory. The ledger itself isn't changed here."""

from libc.stdint cimport int64_t, uint64_t

from switch.journal.flat.entry cimport REASON_EARN
from switch.ledger.flat.accounts cimport GIFT_CARD, HOUSEHOLD, MEMBER, FlatAccounts
from switch.ledger.flat.lots cimport FlatBucket, FlatLots

from switch.ledger.accounts import COUNTER_MAX, AccountKind
from switch.rules.purses import BALANCE_MAX

cdef enum:
    _KIND_SHIFT = 56
    _PURSE_MASK = 0xFF

cdef int64_t _COUNTER_MAX = COUNTER_MAX
cdef int64_t _BALANCE_MAX = BALANCE_MAX

assert (AccountKind.MEMBER, AccountKind.GIFT_CARD, AccountKind.HOUSEHOLD) == (MEMBER, GIFT_CARD, HOUSEHOLD)


cdef inline bint _has_lots(uint64_t number) noexcept nogil:
    cdef uint64_t kind = number >> _KIND_SHIFT
    return kind == MEMBER or kind == HOUSEHOLD or kind == GIFT_CARD


cdef inline bint _is_spendable(FlatBucket* bucket, uint64_t now_s) noexcept nogil:
    if bucket.expires_at_s == 0 and bucket.available_from_s == 0:
        return True  # debt counts always
    return bucket.available_from_s <= now_s < bucket.expires_at_s


cdef class FlatPosting:
    """Transfers and lot moves of one decision after the other: `begin` forgets the last one's."""

    def __init__(self, FlatAccounts accounts not None, FlatLots lots not None):
        self.accounts = accounts
        self.lots = lots
        self.begin(0)

    cdef void begin(self, uint64_t now_s) noexcept nogil:
        self.now_s = now_s
        self.transfer_count = self.move_count = self.held_count = 0

    cdef bint earn(
        self, uint64_t debit, uint64_t credit, int64_t amount, int grant, uint64_t available_from_s,
        uint64_t expires_at_s
    ) noexcept nogil:
        """Give to an account with lots from one without; debt is paid first."""
        cdef int index
        cdef int64_t paid = 0
        cdef HeldAccount* held
        if _has_lots(debit) or not _has_lots(credit):
            return False
        index = self._transfer(debit, credit, amount, REASON_EARN, grant)
        held = self._held(credit)
        if index < 0 or held == NULL:
            return False
        if held.count and held.buckets[0].expires_at_s == 0 and held.buckets[0].available_from_s == 0:
            paid = min(amount, -held.buckets[0].amount)
        if paid > 0 and not self._move(index, held, 0, 0, paid):
            return False
        if amount > paid and not self._move(index, held, available_from_s, expires_at_s, amount - paid):
            return False
        return -_BALANCE_MAX <= held.posted <= _BALANCE_MAX

    cdef bint spend(self, uint64_t debit, uint64_t credit, int64_t amount, int reason, int grant) noexcept nogil:
        """Take from an account with lots what expires first, then what its purse allows to overdraw."""
        cdef int index, place = 0
        cdef int64_t available = 0, part
        cdef HeldAccount* held
        cdef FlatBucket* bucket
        cdef FlatBucket taken
        if not _has_lots(debit) or _has_lots(credit):
            return False
        index = self._transfer(debit, credit, amount, reason, grant)
        held = self._held(debit)
        if index < 0 or held == NULL:
            return False
        for place in range(held.count):
            if _is_spendable(&held.buckets[place], self.now_s):
                available += held.buckets[place].amount
        if amount - available - self.overdraft_max[debit & _PURSE_MASK] > 0:
            return False
        place = 0
        while amount and place < held.count:
            bucket = &held.buckets[place]
            if bucket.expires_at_s == 0 or not _is_spendable(bucket, self.now_s):
                place += 1
                continue
            taken = bucket[0]
            part = min(amount, taken.amount)
            if not self._move(index, held, taken.available_from_s, taken.expires_at_s, -part):
                return False
            amount -= part
            if part < taken.amount:
                place += 1
        return amount == 0 or self._move(index, held, 0, 0, -amount)

    cdef bint plain(self, uint64_t debit, uint64_t credit, int64_t amount, int grant) noexcept nogil:
        """Move between two accounts without lots."""
        if _has_lots(debit) or _has_lots(credit):
            return False
        return self._transfer(debit, credit, amount, REASON_EARN, grant) >= 0

    cdef HeldAccount* _held(self, uint64_t number) noexcept nogil:
        """An account as this decision leaves it so far; NULL where there's no room for it."""
        cdef int index
        cdef HeldAccount* held
        cdef int64_t counters[4], slot
        for index in range(self.held_count):
            if self.held[index].number == number:
                return &self.held[index]
        if self.held_count == HELD_MAX:
            return NULL
        held = &self.held[self.held_count]
        held.number = number
        slot = self.accounts.find(number)
        held.posted = held.count = 0
        if slot >= 0:
            self.accounts.read(slot, counters)
            held.posted = counters[1] - counters[0]
            held.count = self.lots.read(slot, held.buckets, BUCKETS_MAX)
            if held.count > BUCKETS_MAX:
                return NULL
        # What this decision has moved already stands in its transfers.
        for index in range(self.transfer_count):
            if self.transfers[index].debit == number:
                held.posted -= self.transfers[index].amount
            elif self.transfers[index].credit == number:
                held.posted += self.transfers[index].amount
        self.held_count += 1
        return held

    cdef int _transfer(
        self, uint64_t debit, uint64_t credit, int64_t amount, int reason, int grant
    ) noexcept nogil:
        """Add a transfer; its place among them, -1 for one that the plain posting must judge."""
        cdef FlatTransfer* transfer
        cdef int index
        if (
            amount <= 0
            or amount > _BALANCE_MAX
            or debit == credit
            or (debit ^ credit) & _PURSE_MASK
            or self.transfer_count == TRANSFERS_MAX
            or grant > 255
            or not self._has_room(debit)
            or not self._has_room(credit)
        ):
            return -1
        transfer = &self.transfers[self.transfer_count]
        transfer.purse = debit & _PURSE_MASK
        transfer.debit = debit
        transfer.credit = credit
        transfer.amount = amount
        transfer.reason = reason
        transfer.grant = grant
        for index in range(self.held_count):
            if self.held[index].number == debit:
                self.held[index].posted -= amount
            elif self.held[index].number == credit:
                self.held[index].posted += amount
        self.transfer_count += 1
        return self.transfer_count - 1

    cdef bint _has_room(self, uint64_t number) noexcept nogil:
        """Whether no counter of an account is full."""
        cdef int64_t counters[4]
        cdef int64_t slot = self.accounts.find(number)
        cdef int index
        if slot >= 0:
            self.accounts.read(slot, counters)
            for index in range(4):
                if counters[index] > _COUNTER_MAX:
                    return False
        return True

    cdef bint _move(
        self, int index, HeldAccount* held, uint64_t available_from_s, uint64_t expires_at_s, int64_t delta
    ) noexcept nogil:
        """Change one bucket, which comes up or goes where need be; False where there's no room."""
        cdef int place = 0, after
        cdef FlatBucket* bucket
        cdef FlatLotMove* move
        if self.move_count == MOVES_MAX:
            return False
        while place < held.count:
            bucket = &held.buckets[place]
            if bucket.expires_at_s > expires_at_s or (
                bucket.expires_at_s == expires_at_s and bucket.available_from_s >= available_from_s
            ):
                break
            place += 1
        bucket = &held.buckets[place]
        if (
            place < held.count
            and bucket.expires_at_s == expires_at_s
            and bucket.available_from_s == available_from_s
        ):
            bucket.amount += delta
            if bucket.amount == 0:
                held.count -= 1
                for after in range(place, held.count):
                    held.buckets[after] = held.buckets[after + 1]
        else:
            if held.count == BUCKETS_MAX:
                return False
            for after in range(held.count, place, -1):
                held.buckets[after] = held.buckets[after - 1]
            bucket.expires_at_s = expires_at_s
            bucket.available_from_s = available_from_s
            bucket.amount = delta
            held.count += 1
        move = &self.moves[self.move_count]
        move.transfer = index
        move.account = held.number
        move.available_from_s = available_from_s
        move.expires_at_s = expires_at_s
        move.delta = delta
        self.move_count += 1
        return True
