# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Brings in what the next few purchases will look up.

Among a million cards nearly every look-up waits for memory, and each for the one before it: token, card, member,
account, lots. Step by step for many purchases at once, these waits fall together. Nothing is decided here: a
wrong guess costs time and nothing else.
"""

from libc.stdint cimport int64_t, uint64_t

from switch.authoriser.flat.club cimport FlatTable
from switch.ledger.flat.accounts cimport MEMBER, FlatAccounts, account_number
from switch.ledger.flat.card_table cimport CardRow
from switch.ledger.flat.lots cimport FlatLots
from switch.ledger.flat.records cimport FlatRecords
from switch.memory.hash_table cimport fetch


cdef class FlatLookAhead:
    """For as many requests as `fetch_all` is told; who calls it has set their tokens."""

    def __init__(self, FlatRecords records not None, FlatAccounts accounts not None, FlatLots lots not None):
        self.cards = records._cards
        self.members = records._members
        self.accounts = accounts
        self.lots = lots

    cdef void fetch_all(self, int count, FlatTable table) noexcept nogil:
        """Bring in card, member, name, accounts and lots of each request."""
        cdef int index, place
        cdef int purse_count = min(table.purse_count, <int> PURSES_AHEAD)
        cdef Ahead* each
        cdef uint64_t member, account
        for index in range(count):
            self.cards.rows.fetch_cell(self.requests[index].token)
        for index in range(count):
            each = &self.requests[index]
            each.card = self.cards.rows.guess(each.token)
        for index in range(count):
            each = &self.requests[index]
            each.member = -1
            if each.card >= 0:
                each.member = <int64_t> (<const CardRow*> self.cards.rows.row(each.card)).member - 1
            if each.member >= 0:
                self.members.fetch_places(each.member)
        for index in range(count):
            each = &self.requests[index]
            if each.member < 0:
                continue
            self.members.fetch_block(each.member)
            member = self.members.numbers.numbers[each.member]
            for place in range(purse_count):
                self.accounts.places.fetch_cell(account_number(MEMBER, member, table.purses[place].code))
        for index in range(count):
            each = &self.requests[index]
            if each.member < 0:
                continue
            self.members.fetch_shared(each.member)
            member = self.members.numbers.numbers[each.member]
            for place in range(purse_count):
                account = account_number(MEMBER, member, table.purses[place].code)
                each.slots[place] = self.accounts.places.guess(account)
                if each.slots[place] >= 0:
                    fetch(&self.accounts._posted[each.slots[place]])
                    self.lots.fetch_cell(each.slots[place])
