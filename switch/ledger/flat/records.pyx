# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Cards and members on flat memory, and when members and households last bought something."""

from libc.stdint cimport int64_t, uint64_t, uint8_t

from switch.ledger.flat.card_table cimport TOKEN_BYTES, CardTable
from switch.ledger.flat.member_table cimport MemberTable, member_record
from switch.ledger.flat.small_numbers cimport SmallNumbers
from switch.memory.hash_table cimport NO_PLACE, NumberTable
from switch.memory.texts cimport TEXTS

from switch.ledger.flat.record_maps import FlatCards, FlatMembers, FlatNumbers


cdef class FlatRecords:
    """The parts of `switch.ledger.directory.Directory` and `switch.ledger.state.State` that grow with a club.

    `cards`, `members`, `cards_of_member`, `last_purchase_s` and `last_household_purchase_s` are mappings with
    the meaning of the plain ones. Numbers have at most 64 bits; counts and times are never 0.
    """

    def __cinit__(self):
        self._members = MemberTable()
        self._cards = CardTable(self._members.numbers)
        self._households = NumberTable()
        self._household_purchases_s = SmallNumbers(4)
        self.cards = FlatCards(self._cards)
        self.members = FlatMembers(self._members)
        self.cards_of_member = FlatNumbers(self._members.numbers, self._members.card_counts)
        self.last_purchase_s = FlatNumbers(self._members.numbers, self._members.last_purchases_s)
        self.last_household_purchase_s = FlatNumbers(self._households, self._household_purchases_s)

    @property
    def member_number_max(self):
        """The greatest number that any member ever had. Who restores a state sets it."""
        return self._members.number_max

    @member_number_max.setter
    def member_number_max(self, uint64_t number):
        self._members.number_max = number

    def note_activity(self, uint64_t member_number, uint64_t at_s):
        """Note a purchase of a member at a time (UTC seconds), and of the household if there is one."""
        self.note_purchase(member_number, at_s)

    def card_as_found(self, bytes token not None):
        """What `find_card` reads: reference, member number, type, status, last day, length of the PIN check.
        None where there is no such card."""
        cdef FlatCard card
        if len(token) != TOKEN_BYTES or not self.find_card(token, &card):
            return None
        return (
            card.reference,
            card.member_number,
            TEXTS.text(card.card_type),
            chr(card.status),
            card.expires_on,
            card.pin_check_bytes,
        )

    def member_as_found(self, uint64_t number):
        """What `find_member` reads, the record and the time of the last purchase, then that of the household
        (UTC seconds, 0 for none). None where there is no such member."""
        cdef FlatMember member
        if not self.find_member(number, &member):
            return None
        return member_record(&member), member.last_purchase_s, self.household_purchase_s(member.household)

    cdef bint find_card(self, const uint8_t* token, FlatCard* into) noexcept nogil:
        """Read the card of a token; whether there is one."""
        return self._cards.find(token, into)

    cdef bint find_member(self, uint64_t number, FlatMember* into) noexcept nogil:
        """Read the member of a number; whether there is one."""
        return self._members.find(number, into)

    cdef bint find_holder(self, const FlatCard* card, FlatMember* into) noexcept nogil:
        """Read the member who holds a card that was read; whether there is one."""
        if card.member_place == 0 or not self._members.holds(card.member_place - 1):
            return False
        self._members.read(card.member_place - 1, into)
        return True

    cdef int note_purchase(self, uint64_t number, uint64_t at_s) except -1:
        """See `note_activity`."""
        cdef uint64_t place = self._members.numbers.place(number), household
        if at_s > self._members.last_purchases_s.get(place):
            self._members.last_purchases_s.put(place, at_s)
        household = self._members.household_at(place)
        if household:
            place = self._households.place(household)
            if at_s > self._household_purchases_s.get(place):
                self._household_purchases_s.put(place, at_s)
        return 0

    cdef uint64_t household_purchase_s(self, uint64_t household) noexcept nogil:
        """Time of a household's last purchase (UTC seconds), 0 for none."""
        cdef int64_t place = self._households.find(household)
        return 0 if place == NO_PLACE else self._household_purchases_s.get(place)
