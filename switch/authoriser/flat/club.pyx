# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What a purchase meets: its terminal, the rule table, and who holds the card."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from switch.authoriser.flat.calendar cimport FlatClock
from switch.ledger.flat.accounts cimport HOUSEHOLD, MEMBER, FlatAccounts, account_number
from switch.ledger.flat.records cimport FlatMember
from switch.memory.texts cimport TEXTS
from switch.rules.flat.evaluator cimport FlatEvaluator

from switch.authoriser.facts import keyed
from switch.journal.text_bytes import pack_text
from switch.rules.purses import PurseUnit

cdef enum:
    _ACTIVE = 65  # "A"
    _TERMINAL_BYTES = 8
    _MERCHANT_BYTES = 15


cdef class FlatTerminal:
    """Only for terminals; hosts may name any merchant and go the plain way."""

    def __init__(self, record not None, merchant_ordinals not None):
        cdef bytes padded = record.terminal_id.encode("ascii").ljust(_TERMINAL_BYTES, b"\0")
        cdef bytes merchant = record.merchant_id.encode("ascii").ljust(_MERCHANT_BYTES, b" ")
        cdef int place
        if len(padded) != _TERMINAL_BYTES or len(merchant) != _MERCHANT_BYTES:
            raise ValueError("a terminal's id has 8 characters, a merchant's 15")
        self.record = record
        memcpy(self.padded_id, <const char*> padded, _TERMINAL_BYTES)
        memcpy(self.wire_merchant, <const char*> merchant, _MERCHANT_BYTES)
        self.packed_merchant = pack_text(record.merchant_id)
        self.branch_number = record.branch_number
        self.merchant_ordinal = merchant_ordinals[record.merchant_id]
        branch = f"{record.merchant_id}/{record.branch_number}" if record.branch_number else ""
        self.branch_subject = keyed(branch)
        self.terminal_subject = keyed(record.terminal_id)
        # Numbered, not looked up: rules may name them later, and there are as many as terminals.
        for place, text in enumerate(
            (record.merchant_id, branch, record.terminal_id, record.guild, record.sector, record.city)
        ):
            self.texts[place] = TEXTS.number(text)


cdef class FlatTable:
    """Of one table at one version."""

    def __init__(self, table not None, int version):
        cdef int place
        cdef bytes currency
        programme = table.programme
        if len(programme.purses) > PURSES_KEPT or len(programme.tiers) > TIERS_KEPT:
            raise ValueError("more purses or tiers than flat memory keeps")
        self.table = table
        self.version = version
        self.evaluator = FlatEvaluator(table)
        self.clock = FlatClock(programme.time_zone)
        self.today = -1
        memset(self.purse_places, -1, sizeof(self.purse_places))
        self.purse_count = len(table.purses)
        for place, purse in enumerate(table.purses.values()):
            self.purses[place].code = purse.code
            self.purses[place].is_pooled = purse.is_pooled
            self.purses[place].is_count = purse.unit == PurseUnit.COUNT
            self.purses[place].overdraft_max = purse.overdraft_max
            currency = purse.currency.encode("ascii")
            memcpy(self.purses[place].currency, <const char*> currency, 3)
            self.purse_places[<int> purse.code] = place
        self.tier_purse = programme.tier_purse
        self.tier_count = len(programme.tiers)
        for place, tier in enumerate(programme.tiers):
            self.tier_from[place] = tier.from_balance
            self.tier_names[place] = TEXTS.number(tier.name)


cdef class FlatHolder:
    """Card and member of one purchase after the other."""

    def __init__(self, FlatRecords records not None, FlatAccounts accounts not None, FlatLots lots not None):
        self.records = records
        self.accounts = accounts
        self.lots = lots

    cdef bint find(self, const uint8_t* token, FlatTable table, uint64_t today, uint64_t now_s) noexcept nogil:
        """Look up an active card of an active member; False for all others, which go the plain way.

        `today` is YYYYMMDD in local time.
        """
        cdef int place
        cdef int64_t slot
        if not self.records.find_card(token, &self.card):
            return False
        if self.card.status != _ACTIVE or (self.card.expires_on and self.card.expires_on < today):
            return False
        if not self.records.find_holder(&self.card, &self.member):
            return False
        if self.member.status != _ACTIVE:
            return False
        for place in range(table.purse_count):
            slot = self.accounts.find(self.account(table, table.purses[place].code))
            self.balances[place] = self.lots.available_at(slot, now_s) if slot >= 0 else 0
        self._find_tier(table)
        self._find_uplines(today)
        return True

    cdef uint64_t account(self, FlatTable table, int code) noexcept nogil:
        """The holder's account of a purse of the table."""
        if self.member.household and table.purses[table.purse_places[code]].is_pooled:
            return account_number(HOUSEHOLD, self.member.household, code)
        return account_number(MEMBER, self.member.number, code)

    cdef uint64_t account_of(self, FlatTable table, uint64_t number, int code) noexcept nogil:
        """The same of any member; 0 where there is none."""
        cdef FlatMember other
        if number == self.member.number:
            return self.account(table, code)
        if table.purse_places[code] < 0 or not self.records.find_member(number, &other):
            return 0
        if other.household and table.purses[table.purse_places[code]].is_pooled:
            return account_number(HOUSEHOLD, other.household, code)
        return account_number(MEMBER, number, code)

    cdef void _find_tier(self, FlatTable table) noexcept nogil:
        """See `switch.ledger.state.tier_of`."""
        cdef int place, own = -1, rank = -1
        cdef int64_t slot, posted = 0
        cdef int64_t counters[4]
        self.tier = self.member.tier
        if table.tier_count == 0 or table.tier_purse == 0:
            return
        if self.member.tier:
            for place in range(table.tier_count):
                if table.tier_names[place] == self.member.tier:
                    own = place
                    break
            if own < 0:
                return
        slot = self.accounts.find(self.account(table, table.tier_purse))
        if slot >= 0:
            self.accounts.read(slot, counters)
            posted = counters[1] - counters[0]
        for place in range(table.tier_count):
            if posted >= table.tier_from[place]:
                rank += 1
        self.tier = table.tier_names[max(rank, own, 0)]

    cdef void _find_uplines(self, uint64_t today) noexcept nogil:
        """See `switch.ledger.directory.Directory.uplines`."""
        cdef FlatMember above = self.member
        cdef uint64_t number
        cdef int place
        self.upline_count = 0
        while above.introducer and self.upline_count < UPLINES_KEPT:
            number = above.introducer
            if 0 < above.introduced_until < today or number == self.member.number:
                return
            for place in range(self.upline_count):
                if self.uplines[place] == number:
                    return
            if not self.records.find_member(number, &above):
                return
            self.uplines[self.upline_count] = number
            self.upline_count += 1
