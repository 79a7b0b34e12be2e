# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Cards on flat memory: a row of 32 bytes for each, and 8 for its PIN check if any card has one."""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy

from switch.memory.hash_table cimport NO_PLACE, NumberTable
from switch.memory.texts cimport TEXTS

from switch.ledger.records import CardRecord, Status

cdef enum:
    _PIN_CHECK_MAX_BYTES = 255

cdef object _new = tuple.__new__  # without the detour through a function of Python that a named tuple takes
cdef dict _STATUSES = {ord(status): status for status in Status}


cdef struct Kind:
    uint32_t card_type
    uint32_t expires_on
    uint32_t status  # never 0, so that no card's kind has the number 0
    uint32_t pin_check_bytes


cdef class CardTable:
    """Rows of cards by their tokens. What many cards share stands elsewhere, once: type, last day and status.

    A PIN check is in a column of eight bytes, which is what checks have. Longer ones are kept as they are.
    `numbers` are those of members.
    """

    def __cinit__(self, NumberTable numbers not None):
        self.rows = RowTable(sizeof(CardRow), TOKEN_BYTES)
        self.kinds = SharedRows(sizeof(Kind) + sizeof(uint64_t), sizeof(Kind))
        self.numbers = numbers
        self.long_pin_checks = {}

    def __dealloc__(self):
        free(self.pin_checks)

    cdef bint find(self, const uint8_t* token, FlatCard* into) noexcept nogil:
        """Read the card of a token; whether there is one."""
        cdef int64_t place = self.rows.find(token)
        if place == NO_PLACE:
            return False
        self.read(place, into)
        return True

    cdef void read(self, uint64_t place, FlatCard* into) noexcept nogil:
        """Read the card at a place."""
        cdef const CardRow* row = <const CardRow*> self.rows.row(place)
        cdef const Kind* kind = <const Kind*> self.kinds.row(row.kind)
        into.reference = row.reference
        into.member_place = row.member
        into.member_number = self.numbers.numbers[row.member - 1] if row.member else 0
        into.card_type = kind.card_type
        into.expires_on = kind.expires_on
        into.status = <uint8_t> kind.status
        into.pin_check_bytes = <uint8_t> kind.pin_check_bytes

    cdef bint holds(self, uint64_t place) noexcept nogil:
        """Whether the row at a place is a card's."""
        return (<const CardRow*> self.rows.row(place)).kind != 0

    cdef object record(self, uint64_t place):
        """Record of the card at a place."""
        cdef FlatCard card
        self.read(place, &card)
        pin_check = b""
        if card.pin_check_bytes > sizeof(uint64_t):
            pin_check = self.long_pin_checks[place]
        elif card.pin_check_bytes:
            pin_check = PyBytes_FromStringAndSize(<const char*> &self.pin_checks[place], card.pin_check_bytes)
        return _new(
            CardRecord,
            (
                card.reference,
                card.member_number,
                TEXTS.text(card.card_type),
                _STATUSES[card.status],
                card.expires_on,
                pin_check,
            ),
        )

    cdef int put(self, const uint8_t* token, object record) except -1:
        """Set the card of a token. Raises OverflowError and ValueError for what a row can't hold."""
        cdef bytes pin_check = record.pin_check
        cdef FlatCard card
        if len(pin_check) > _PIN_CHECK_MAX_BYTES:
            raise ValueError("a PIN check has at most 255 bytes")
        card.reference = record.reference
        card.member_number = record.member_number
        card.card_type = TEXTS.number(record.card_type)
        card.expires_on = record.expires_on
        card.status = ord(record.status)
        card.pin_check_bytes = <uint8_t> len(pin_check)
        return self.put_card(token, &card, pin_check)

    cdef int put_card(self, const uint8_t* token, const FlatCard* card, const uint8_t* pin_check) except -1:
        """Set the card of a token."""
        cdef uint64_t place
        cdef uint32_t member = 0, number, kind_before
        cdef Kind kind
        cdef CardRow* row
        kind.card_type = card.card_type
        kind.expires_on = card.expires_on
        kind.status = card.status
        kind.pin_check_bytes = card.pin_check_bytes
        if card.member_number:
            member = <uint32_t> (self.numbers.place(card.member_number) + 1)
        number = <uint32_t> self.kinds.take(&kind)
        try:
            if kind.pin_check_bytes:
                self._make_room_for_pin_check(self.rows.used)
            place = self.rows.place(token)
        except:
            self.kinds.release(number)
            raise
        if self.long_pin_checks:
            self.long_pin_checks.pop(place, None)
        if kind.pin_check_bytes > sizeof(uint64_t):
            self.long_pin_checks[place] = PyBytes_FromStringAndSize(
                <const char*> pin_check, kind.pin_check_bytes
            )
        elif kind.pin_check_bytes:
            memcpy(&self.pin_checks[place], pin_check, kind.pin_check_bytes)
        row = <CardRow*> self.rows.row(place)
        kind_before = row.kind
        row.reference = card.reference
        row.member = member
        row.kind = number
        if kind_before:
            self.kinds.release(kind_before)
        return 0

    cdef bint remove(self, const uint8_t* token) except -1:
        """Remove the card of a token; whether there was one."""
        cdef int64_t place = self.rows.find(token)
        cdef uint32_t kind
        if place == NO_PLACE:
            return False
        kind = (<CardRow*> self.rows.row(place)).kind
        self.rows.remove(place)
        self.kinds.release(kind)
        self.long_pin_checks.pop(place, None)
        return True

    cdef int _make_room_for_pin_check(self, uint64_t place) except -1:
        cdef uint64_t room
        cdef uint64_t* pin_checks
        if place >= self.pin_check_room:
            room = max(self.rows.room, place + 1)
            pin_checks = <uint64_t*> realloc(self.pin_checks, room * sizeof(uint64_t))
            if pin_checks == NULL:
                raise MemoryError
            self.pin_checks = pin_checks
            self.pin_check_room = room
        return 0
