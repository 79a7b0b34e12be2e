# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Folds entries into flat stores straight from their bytes: in replay, and of what has just been decided.

Takes the transactions that are nearly all of a journal: those that undo, settle, hold and change no record.
The others, and whatever isn't well-formed, are `switch.ledger.state.State.apply`'s, which is the definition.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from switch.ledger.flat.accounts cimport FlatAccounts
from switch.ledger.flat.counters cimport FlatCounters
from switch.ledger.flat.lots cimport FlatLots
from switch.ledger.flat.records cimport FlatRecords
from switch.memory.buffer cimport number_8
from switch.memory.texts cimport OTHER_TEXT, TEXTS

from protocol.dialect import IRR
from protocol.reconciliation import is_debit
from switch.journal.entries import ENTRY_VERSION, EntryKind
from switch.ledger.business_day import AMOUNTS, CREDITS, DEBITS
from switch.ledger.recent import form_of
from switch.rules.local_time import DAY_S

# Where the head of a body has its fields; see `switch.journal.transaction`.
cdef enum:
    _MTI = 8
    _TERMINAL = 10
    _TERMINAL_BYTES = 8
    _STAN = 18
    _TRANSMITTED = 22
    _PROCESSING = 46
    _AMOUNT = 50
    _CURRENCY = 58
    _MEMBER = 72
    _RESPONSE = 80
    _REVERSES = 92
    _ORIGINAL_STAN = 108
    _LOOKED_AT = 112
    _CONCERNS = 120
    _HOLD_UNTIL = 152
    _ACTIVITY = 160
    _HEAD_BYTES = 161
    _TRANSFER_BYTES = 44
    _LOT_MOVE_BYTES = 33
    _COUNTER_MOVE_BYTES = 29
    _READS_VERSION = 2
    _REVERSAL = 400
    _STANS = 1_000_000
    _PURSE_MASK = 0xFF
    _STAGES = 4

assert ENTRY_VERSION == _READS_VERSION

cdef uint64_t _ABSENT = 0xFFFF_FFFF_FFFF_FFFF
cdef int _AMOUNTS = AMOUNTS
cdef int _KIND = EntryKind.TRANSACTION
cdef int _VERSION = ENTRY_VERSION
cdef uint16_t _FORM = form_of(EntryKind.TRANSACTION, ENTRY_VERSION)
cdef uint64_t _DAY_MS = DAY_S * 1000
# The side on which an approved financial request counts, by the first two digits of field 3; -1 for neither.
cdef int _KINDS[100]
cdef int _kind
for _kind in range(100):
    _debit = is_debit("0200", f"{_kind:02d}0000", IRR, 1)
    _KINDS[_kind] = -1 if _debit is None else DEBITS if _debit else CREDITS


cdef inline uint64_t _number(const uint8_t* at, int size) noexcept nogil:
    cdef uint64_t number = 0
    cdef int place
    for place in range(size):
        number = number << 8 | at[place]
    return number


cdef bint _find_parts(const uint8_t* body, Py_ssize_t size, Parts* parts) noexcept nogil:
    """Whether the body's lists lie within it, and nothing but balances, grants, lines and tags is behind them."""
    cdef Py_ssize_t at = _HEAD_BYTES
    cdef int index
    if size < _HEAD_BYTES + 1:
        return False
    parts.merchant = <int> at
    at += 1 + body[at]
    if at + 1 > size:
        return False
    parts.transfer_count = body[at]
    parts.transfers = <int> at + 1
    at += 1 + parts.transfer_count * _TRANSFER_BYTES
    if at + 2 > size:
        return False
    parts.lot_move_count = <int> _number(body + at, 2)
    parts.lot_moves = <int> at + 2
    at += 2 + parts.lot_move_count * _LOT_MOVE_BYTES
    if at + 2 > size:
        return False
    parts.counter_move_count = <int> _number(body + at, 2)
    parts.counter_moves = <int> at + 2
    at += 2
    for index in range(parts.counter_move_count):
        at += _COUNTER_MOVE_BYTES
        if at + 1 > size:
            return False
        at += 1 + body[at]
    # Returns of lines and of parts, and changes of records, have effects of their own.
    if at + 4 > size or _number(body + at, 4) != 0:
        return False
    parts.end = <int> at
    return True


cdef bint _are_movements(const uint8_t* transfers, int count) noexcept nogil:
    """Whether all transfers are such as `Accounts.post` takes, of purchases, returns, adjustments and their kin."""
    cdef int index
    cdef const uint8_t* at
    cdef uint64_t debit, credit
    for index in range(count):
        at = transfers + index * _TRANSFER_BYTES
        debit, credit = number_8(at + 1), number_8(at + 9)
        if (
            <int64_t> number_8(at + 17) <= 0
            or debit == credit
            or (debit & _PURSE_MASK) != at[0]
            or (credit & _PURSE_MASK) != at[0]
            or not 1 <= at[27] <= _STAGES
        ):
            return False
    return True


cdef bint _can_take(const uint8_t* body, Py_ssize_t size, Parts* parts) noexcept nogil:
    return (
        _find_parts(body, size, parts)
        and _number(body + _MTI, 2) != _REVERSAL
        and number_8(body + _REVERSES) == 0
        and number_8(body + _CONCERNS) == 0
        and number_8(body + _HOLD_UNTIL) == 0
        and body[_ACTIVITY] <= 1
        and _are_movements(body + parts.transfers, parts.transfer_count)
    )


cdef class FlatFold:
    """For one state with flat stores."""

    def __init__(self, state not None):
        self._state = state
        self._windows = state.windows
        self._business = state.business
        self.accounts = state.accounts
        self.lots = state.lots
        self.counters = state.counters
        self.records = state.stores.records
        self._tellers = {}
        self._recent_bodies = state.recent.bodies
        self._recent_positions = state.recent.positions
        self._recent_forms = state.recent.forms

    def take(self, raw not None):
        """Whether a `RawEntry` was taken over; of another one nothing has changed.

        Raises ValueError where positions don't follow each other.
        """
        cdef Parts parts
        cdef bytes body
        cdef uint64_t position
        cdef int kind, version
        position, kind, version, body = raw
        if kind != _KIND or version != _VERSION:
            return False
        if not _can_take(<const uint8_t*> PyBytes_AS_STRING(body), PyBytes_GET_SIZE(body), &parts):
            return False
        if position != <uint64_t> self._state.position + 1:
            raise ValueError(f"entry {position} can't follow {self._state.position}")
        self.take_next(position, body, self.teller_of(<const uint8_t*> PyBytes_AS_STRING(body) + _TERMINAL))
        self._state.position = position
        return True

    cdef int take_next(self, uint64_t position, bytes body, Teller teller) except -1:
        """Fold a transaction of its terminal of which it is known that it can be. Who calls lets the state know
        its position, after this one or after some more."""
        cdef const uint8_t* raw = <const uint8_t*> PyBytes_AS_STRING(body)
        cdef uint64_t at_ms = number_8(raw), place = position % <uint64_t> self._recent_positions.shape[0]
        if <int64_t> (at_ms // _DAY_MS) > self.counters.day:
            self._state.position = position - 1
            self._state.begin(position, _KIND, ENTRY_VERSION, body, at_ms)
        else:
            self._recent_positions[place] = position
            self._recent_forms[place] = _FORM
            self._recent_bodies[place] = body
        return self._fold(raw, PyBytes_GET_SIZE(body), position, teller)

    cdef int _fold(self, const uint8_t* body, Py_ssize_t size, uint64_t position, Teller teller) except -1:
        cdef Parts parts
        cdef const uint8_t* at
        cdef int index
        cdef uint64_t member
        cdef uint32_t name
        cdef bint is_counted = False
        if not _find_parts(body, size, &parts):
            raise ValueError("not a transaction that is folded here")
        for index in range(parts.transfer_count):
            at = body + parts.transfers + index * _TRANSFER_BYTES
            self.accounts.post_one(
                number_8(at + 1), number_8(at + 9), <int64_t> number_8(at + 17), at[27]
            )
        for index in range(parts.lot_move_count):
            at = body + parts.lot_moves + index * _LOT_MOVE_BYTES
            self.lots.add(
                number_8(at + 1), number_8(at + 9), number_8(at + 17), <int64_t> number_8(at + 25)
            )
        at = body + parts.counter_moves
        for index in range(parts.counter_move_count):
            name = TEXTS.find(at + _COUNTER_MOVE_BYTES + 1, at[_COUNTER_MOVE_BYTES])
            if name == OTHER_TEXT:
                name = TEXTS.number(
                    PyBytes_FromStringAndSize(
                        <const char*> at + _COUNTER_MOVE_BYTES + 1, at[_COUNTER_MOVE_BYTES]
                    ).decode("utf-8")
                )
            self.counters.add(
                name,
                number_8(at),
                <int64_t> number_8(at + 8),
                <uint32_t> _number(at + 16, 4),
                <int64_t> number_8(at + 20),
            )
            at += _COUNTER_MOVE_BYTES + 1 + at[_COUNTER_MOVE_BYTES]
        if body[_RESPONSE] == 48 and body[_RESPONSE + 1] == 48:
            member = number_8(body + _MEMBER)
            if body[_ACTIVITY] and member != _ABSENT:
                self.records.note_purchase(member, number_8(body + _LOOKED_AT))
            is_counted = self._count(teller, body)
        teller.window.take(
            number_8(body + _TRANSMITTED) * _STANS + _number(body + _STAN, 4), position, is_counted
        )
        return 0

    cdef Teller teller_of(self, const uint8_t* padded_id):
        """The part of a terminal, by its id filled up with zeros."""
        cdef bytes raw = PyBytes_FromStringAndSize(<const char*> padded_id, _TERMINAL_BYTES)
        cdef Teller teller = self._tellers.get(raw)
        if teller is None or self._windows.get(teller.terminal_id) is not teller.window:
            teller = Teller.__new__(Teller)
            teller.terminal_id = raw.rstrip(b"\0").decode("ascii")
            teller.window = self._state.window_of(teller.terminal_id)
            teller.book = None
            self._tellers[raw] = teller
        return teller

    cdef bint _count(self, Teller teller, const uint8_t* body) except -1:
        """Whether the business day counts an approved request; see `switch.ledger.business_day`."""
        cdef uint64_t mti = _number(body + _MTI, 2), amount = number_8(body + _AMOUNT)
        cdef uint64_t type_number = _number(body + _PROCESSING, 4) // 10_000
        cdef int kind
        if amount == 0 or mti != 200 and mti != 220 or _number(body + _CURRENCY, 2) != 364 or type_number > 99:
            return False
        kind = _KINDS[type_number]
        if kind < 0:
            return False
        if teller.book is not self._business.open_day:
            teller.book = self._business.open_day
            teller.figures = teller.book.figures(teller.terminal_id)
        teller.figures[kind] += 1
        teller.figures[kind + _AMOUNTS] += <int64_t> amount
        return True
