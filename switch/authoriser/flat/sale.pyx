# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""An approved purchase from its facts to its entry.

Everything that isn't one (a refusal, a hold, an advice, a host's request) is left to the plain authoriser before
anything has changed; so is what flat memory has no room for.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from switch.authoriser.flat.basket cimport put_basket
from switch.authoriser.flat.calendar cimport birthday_distance, day_of_number
from switch.authoriser.flat.club cimport FlatHolder, FlatTable, FlatTerminal
from switch.journal.flat.entry cimport (
    REASON_COST, REASON_EARN, REASON_SPEND, FlatHead, pack_head, pack_lot_moves, pack_tag, pack_transfers
)
from switch.ledger.flat.accounts cimport (
    GIFT_CARD, HOUSEHOLD, MEMBER, MERCHANT, PROGRAMME, FlatAccounts, account_number
)
from switch.ledger.flat.counters cimport FlatCounters
from switch.ledger.flat.lots cimport FlatLots
from switch.ledger.flat.posting cimport FlatPosting
from switch.ledger.flat.records cimport FlatRecords
from switch.memory.buffer cimport Buffer, put_bytes, put_decimal, put_number, put_number_8
from switch.memory.texts cimport TEXTS
from switch.rules.flat.evaluator cimport DECIDED, FlatGrant, FlatMove

from protocol.dialect import PurseCode, Tag
from switch.authoriser.purchase import TEXT_BYTES_MAX, TEXT_SEPARATOR
from switch.ledger.accounts import ProgrammeAccount
from switch.rules.facts import NumberDimension, TextDimension
from switch.rules.local_time import local_day
from switch.rules.outcome import EffectType

cdef enum:
    _POINTS = 91
    _CREDIT = 92
    _CODES = 100
    _DIGITS = 12
    _PURSE_MASK = 0xFF
    _ITEMS_BYTES_MAX = 96
    _LIABILITY = 1
    _ITEM = 2
    _TICKET = 4
    _ALL_TEXTS = 19

assert (PurseCode.POINTS, PurseCode.CREDIT) == (_POINTS, _CREDIT)
assert (EffectType.ITEM, EffectType.TICKET) == (_ITEM, _TICKET)
assert ProgrammeAccount.LIABILITY == _LIABILITY
assert len(TextDimension) == _ALL_TEXTS

cdef tuple _NO_TEXTS = ("", "")
cdef bytes _TEXT_SEPARATOR = TEXT_SEPARATOR.encode("utf-8")
cdef Py_ssize_t _TEXT_BYTES_MAX = TEXT_BYTES_MAX

cdef uint32_t _POS = TEXTS.number("pos")
cdef uint32_t _ACTIVE = TEXTS.number("active")
cdef int _DAYS_SINCE_LAST = NumberDimension.DAYS_SINCE_LAST
cdef int _ENROLLED_DAYS = NumberDimension.ENROLLED_DAYS
cdef int _BIRTHDAY_DISTANCE = NumberDimension.BIRTHDAY_DISTANCE
cdef int _REFERRAL_DEPTH = NumberDimension.REFERRAL_DEPTH


cdef class FlatSale:
    def __cinit__(self):
        self.tags.data = self.tags_room
        self.tags.room = TAGS_BYTES_MAX

    def __init__(
        self,
        FlatRecords records not None,
        FlatAccounts accounts not None,
        FlatLots lots not None,
        FlatCounters counters not None,
    ):
        self.counters = counters
        self.posting = FlatPosting(accounts, lots)
        self.holder = FlatHolder(records, accounts, lots)

    cdef bint decide(self, FlatTable table, FlatTerminal terminal, uint64_t now_ms) except -1:
        """Whether the request is an approved purchase. Changes nothing yet.

        `request` has been set, and lines and metrics of `facts`.
        """
        cdef int place, purse = self.request.processing_code // 100 % 100
        cdef int64_t today
        if table is not self.table:
            self.table = table
            for place in range(table.purse_count):
                self.posting.overdraft_max[table.purses[place].code] = table.purses[place].overdraft_max
        self.terminal = terminal
        self.now_ms = now_ms
        self.now_s = now_ms // 1000
        if self.request.amount <= 0 or self.request.processing_code // 10_000 or self.request.processing_code % 100:
            return False
        if purse == 0:
            if self.request.tender_amount >= 0 or self.request.tender_units >= 0:
                return False
        elif (
            table.purse_places[purse] < 0
            or table.purses[table.purse_places[purse]].is_count
            or (self.request.tender_amount >= 0 and self.request.tender_units >= 0)
        ):
            return False
        today = table.clock.day_at(self.now_s)
        if today != table.today:
            table.today = today
            table.today_date = local_day(today).date
        if not self.holder.find(self.request.card_token, table, table.today_date, self.now_s):
            return False
        self._set_facts(today)
        self.facts.tender_purse = purse
        if table.evaluator.decide(&self.facts, self.counters, &self.outcome) != DECIDED:
            return False
        self.posting.begin(self.now_s)
        if not self._post():
            return False
        self._set_balances()
        self._set_tags()
        return not self.tags.is_full

    cdef void _set_facts(self, int64_t today) noexcept:
        """See `switch.authoriser.facts.facts_of`."""
        cdef int place
        cdef FlatTerminal terminal = self.terminal
        cdef FlatHolder holder = self.holder
        cdef FlatTable table = self.table
        cdef uint32_t* texts = self.facts.texts
        self.facts.at_s = self.now_s
        texts[0] = self.request.channel or _POS
        for place in range(6):
            texts[1 + place] = terminal.texts[place]
        texts[7] = self.request.operator
        texts[8] = holder.card.card_type
        texts[9] = _ACTIVE
        texts[10] = holder.tier
        texts[11] = holder.member.group
        texts[12] = holder.member.organisation
        texts[13] = holder.member.club_level
        texts[14] = holder.member.enrol_channel
        texts[15] = holder.member.risk_class
        texts[16] = self.request.entry_mode
        texts[17] = self.request.code
        texts[18] = 0
        memset(self.facts.known, 0, sizeof(self.facts.known))
        self.facts.numbers[0] = self.request.amount
        self.facts.known[0] = 1
        if holder.member.last_purchase_s:
            self.facts.numbers[_DAYS_SINCE_LAST] = max(
                today - table.clock.day_at(holder.member.last_purchase_s), <int64_t> 0
            )
            self.facts.known[_DAYS_SINCE_LAST] = 1
        if holder.member.enrolled_on:
            self.facts.numbers[_ENROLLED_DAYS] = today - day_of_number(holder.member.enrolled_on)
            self.facts.known[_ENROLLED_DAYS] = 1
        if holder.member.born_on:
            self.facts.numbers[_BIRTHDAY_DISTANCE] = birthday_distance(holder.member.born_on, today)
            self.facts.known[_BIRTHDAY_DISTANCE] = 1
        self.facts.numbers[_REFERRAL_DEPTH] = holder.upline_count
        self.facts.known[_REFERRAL_DEPTH] = 1
        memcpy(self.facts.sets[0], holder.member.segments, sizeof(holder.member.segments))
        memcpy(self.facts.sets[1], holder.member.agreements, sizeof(holder.member.agreements))
        memset(self.facts.balances, 0, sizeof(self.facts.balances))
        for place in range(table.purse_count):
            self.facts.balances[table.purses[place].code] = holder.balances[place]
        self.facts.subject.member = holder.member.number
        self.facts.subject.card = holder.card.reference
        self.facts.subject.household = holder.member.household
        self.facts.subject.merchant = terminal.merchant_ordinal
        self.facts.subject.branch = terminal.branch_subject
        self.facts.subject.terminal = terminal.terminal_subject
        self.facts.subject.operator = self.request.operator_subject
        self.facts.upline_count = holder.upline_count
        for place in range(holder.upline_count):
            self.facts.uplines[place] = holder.uplines[place]
        self.facts.has_pin = 0
        self.facts.tender_amount = self.request.tender_amount
        self.facts.tender_units = self.request.tender_units

    cdef bint _post(self) noexcept:
        """What is paid from a purse, costs, earnings; see `switch.authoriser.draft.post_grants`."""
        cdef int place, costs_end, first_earning, part
        cdef uint64_t debit, credit
        cdef FlatGrant* grant
        cdef FlatHolder holder = self.holder
        cdef FlatTable table = self.table
        costs_end = self.outcome.discount_count + self.outcome.cost_count
        first_earning = costs_end + (1 if self.outcome.has_tender else 0)
        if self.outcome.has_tender:
            grant = &self.outcome.grants[costs_end]
            credit = account_number(MERCHANT, self.terminal.merchant_ordinal, grant.purse)
            if not self.posting.spend(
                holder.account(table, grant.purse), credit, grant.granted, REASON_SPEND, costs_end
            ):
                return False
        for place in range(self.outcome.discount_count, costs_end):
            grant = &self.outcome.grants[place]
            credit = account_number(PROGRAMME, _LIABILITY, grant.purse)
            if not self.posting.spend(
                holder.account(table, grant.purse), credit, grant.granted, REASON_COST, place
            ):
                return False
        for place in range(first_earning, self.outcome.grant_count):
            grant = &self.outcome.grants[place]
            if grant.granted == 0:
                continue
            if grant.party == MEMBER:
                credit = holder.account_of(table, grant.number, grant.purse)
                if credit == 0:
                    return False
            else:
                credit = account_number(grant.party, grant.number, grant.purse)
            for part in range(grant.funding_count):
                if grant.funding[part].party == PROGRAMME:
                    debit = account_number(PROGRAMME, _LIABILITY, grant.purse)
                else:
                    debit = account_number(
                        grant.funding[part].party, grant.funding[part].number, grant.purse
                    )
                if debit == credit:
                    continue
                if grant.party == MEMBER or grant.party == HOUSEHOLD or grant.party == GIFT_CARD:
                    if not self.posting.earn(
                        debit,
                        credit,
                        grant.funding[part].amount,
                        place,
                        grant.available_from_s,
                        grant.expires_at_s,
                    ):
                        return False
                elif not self.posting.plain(debit, credit, grant.funding[part].amount, place):
                    return False
        return True

    cdef void _set_balances(self) noexcept:
        """See `switch.authoriser.draft.balances_after`: points, credit, then others that aren't zero by code."""
        cdef int place, index, code
        cdef uint64_t account
        cdef int64_t after[PURSES_SHOWN]
        cdef FlatHolder holder = self.holder
        cdef FlatTable table = self.table
        cdef FlatPosting posting = self.posting
        for place in range(table.purse_count):
            after[place] = holder.balances[place]
        for index in range(posting.move_count):
            account = posting.moves[index].account
            code = <int> (account & _PURSE_MASK)
            place = table.purse_places[code]
            if place < 0 or account != holder.account(table, code):
                continue
            if posting.moves[index].expires_at_s == 0 or (
                posting.moves[index].available_from_s <= self.now_s < posting.moves[index].expires_at_s
            ):
                after[place] += posting.moves[index].delta
        self.balance_count = 0
        for code in range(_POINTS, _CREDIT + 1):
            place = table.purse_places[code]
            if place >= 0:
                self._add_balance(code, place, after[place])
        for code in range(_CODES):
            place = table.purse_places[code]
            if place >= 0 and after[place] != 0 and code != _POINTS and code != _CREDIT:
                self._add_balance(code, place, after[place])

    cdef void _add_balance(self, int code, int place, int64_t amount) noexcept nogil:
        cdef FlatBalance* balance
        if self.balance_count < BALANCES_MAX:
            balance = &self.balances[self.balance_count]
            balance.purse = code
            balance.place = place
            balance.amount = amount
            self.balance_count += 1

    cdef int _set_tags(self) except -1:
        """What the reply's field 48 says; see `switch.authoriser.draft.approve`."""
        cdef int64_t earned[2]
        cdef int64_t spent[2]
        cdef int index, purse, count = 7
        cdef FlatPosting posting = self.posting
        cdef bytes text
        earned[0] = earned[1] = spent[0] = spent[1] = 0
        for index in range(posting.transfer_count):
            purse = posting.transfers[index].purse
            if purse == _POINTS or purse == _CREDIT:
                if posting.transfers[index].reason == REASON_EARN:
                    earned[purse - _POINTS] += posting.transfers[index].amount
                else:
                    spent[purse - _POINTS] += posting.transfers[index].amount
        self.tags.size = 1
        self.tags.is_full = False
        self._put_digits(0xDF01, earned[0], _DIGITS)
        self._put_digits(0xDF02, earned[1], _DIGITS)
        self._put_digits(0xDF03, spent[0], _DIGITS)
        self._put_digits(0xDF04, spent[1], _DIGITS)
        if self.outcome.net_amount != self.outcome.amount:
            self._put_digits(0xDF1A, self.outcome.net_amount, _DIGITS)
            count += 1
        if self.outcome.discount:
            self._put_digits(0xDF1C, self.outcome.discount, _DIGITS)
            count += 1
        pack_tag(&self.tags, 0xDF05, self.holder.member.name, self.holder.member.name_bytes)
        text = TEXTS.utf8(self.holder.tier)
        pack_tag(&self.tags, 0xDF06, <const uint8_t*> text, <int> len(text))
        self._put_digits(0xDF07, self.table.version, 8)
        text = self._items()
        if text:
            pack_tag(&self.tags, 0xDF33, <const uint8_t*> text, <int> len(text))
            count += 1
        if self.outcome.text_rule >= 0 or self.holder.member.text_fa or self.holder.member.text_en:
            count += self._put_texts()
        self.tags_room[0] = <uint8_t> count
        return 0

    cdef int _put_texts(self) except -1:
        """The rule's text for the receipt, and behind it the member's; how many tags that are."""
        cdef bytes text_fa, text_en
        cdef tuple texts = _NO_TEXTS
        if self.outcome.text_rule >= 0:
            texts = self.table.evaluator.member_texts(self.outcome.text_rule)
        text_fa = _with_member_text(texts[0].encode("utf-8"), TEXTS.utf8(self.holder.member.text_fa))
        text_en = _with_member_text(texts[1].encode("utf-8"), TEXTS.utf8(self.holder.member.text_en))
        if not text_fa and not text_en:
            return 0
        pack_tag(&self.tags, 0xDF08, <const uint8_t*> text_fa, <int> len(text_fa))
        pack_tag(&self.tags, 0xDF09, <const uint8_t*> text_en, <int> len(text_en))
        return 2

    cdef void _put_digits(self, int tag, int64_t number, int digits) noexcept nogil:
        put_number(&self.tags, tag, 2)
        put_number(&self.tags, 0, 1)
        put_number(&self.tags, digits, 2)
        put_decimal(&self.tags, <uint64_t> number, digits)

    cdef bytes _items(self):
        """See `switch.authoriser.draft._items_text`."""
        cdef int place, names_bytes
        cdef const uint8_t* names
        cdef bytes text = b"", longer, reference
        cdef FlatGrant* grant
        for place in range(self.outcome.grant_count):
            grant = &self.outcome.grants[place]
            if grant.type < _ITEM or grant.type > _TICKET or grant.granted == 0:
                continue
            names = self.table.evaluator.names_packed(grant.rule, grant.effect, &names_bytes)
            reference = names[names[0] + 2 : names_bytes]
            longer = b"%s;%dx%s" % (text, grant.granted, reference)
            longer = longer.lstrip(b";")
            if len(longer) > _ITEMS_BYTES_MAX:
                break
            text = longer
        return text

    cdef void write_entry(self, Buffer* into, uint64_t position) except *:
        """The entry's body at its position."""
        cdef FlatHead head
        cdef int index
        cdef FlatMove* move
        cdef bytes text
        head.at_ms = self.now_ms
        head.terminal_id = self.terminal.padded_id
        head.stan = self.request.stan
        head.transmitted_s = self.request.transmitted_s
        head.digest = self.request.digest
        head.processing_code = self.request.processing_code
        head.amount = <uint64_t> self.request.amount
        head.branch_number = self.terminal.branch_number
        head.card_reference = self.holder.card.reference
        head.member_number = self.holder.member.number
        head.approval = <uint32_t> (position % 1_000_000)
        head.rule_table_version = self.table.version
        head.looked_at_s = self.now_s
        head.net_amount = <uint64_t> self.outcome.net_amount
        head.discount = <uint64_t> self.outcome.discount
        head.tendered = <uint64_t> self.outcome.tendered
        head.activity = True
        pack_head(into, &head)
        text = self.terminal.packed_merchant
        put_bytes(into, <const char*> text, <int> len(text))
        pack_transfers(into, self.posting.transfers, self.posting.transfer_count)
        pack_lot_moves(into, self.posting.moves, self.posting.move_count)
        put_number(into, self.outcome.move_count, 2)
        for index in range(self.outcome.move_count):
            move = &self.outcome.moves[index]
            put_number_8(into, move.subject)
            put_number_8(into, <uint64_t> move.window)
            put_number(into, move.drop_day, 4)
            put_number_8(into, <uint64_t> move.delta)
            put_number(into, move.restore | move.is_use << 1, 1)
            text = TEXTS.utf8(move.counter)
            put_number(into, len(text), 1)
            put_bytes(into, <const char*> text, <int> len(text))
        put_number(into, 0, 4)  # line returns, part returns, record changes
        self._put_grants(into)
        put_basket(into, self.request.basket, self.request.basket_bytes, self.facts.line_count)
        put_number(into, self.balance_count, 1)
        for index in range(self.balance_count):
            put_number(into, self.balances[index].purse, 1)
            put_number_8(into, <uint64_t> self.balances[index].amount)
        put_bytes(into, self.tags_room, self.tags.size)

    cdef void _put_grants(self, Buffer* into) noexcept:
        cdef int place, names_bytes
        cdef const uint8_t* names
        cdef FlatGrant* grant
        put_number(into, self.outcome.grant_count, 2)
        for place in range(self.outcome.grant_count):
            grant = &self.outcome.grants[place]
            put_number(into, self.table.evaluator.rule_version(grant.rule), 4)
            put_number(into, grant.effect, 2)
            put_number(into, grant.type, 1)
            put_number(into, grant.purse, 1)
            put_number(into, grant.party, 1)
            put_number_8(into, grant.number)
            put_number_8(into, <uint64_t> grant.desired)
            put_number_8(into, <uint64_t> grant.granted)
            put_number(into, grant.reason, 1)
            put_number_8(into, <uint64_t> grant.basis)
            put_number_8(into, grant.lines)
            put_number_8(into, grant.available_from_s)
            put_number_8(into, grant.expires_at_s)
            put_number(into, self.table.evaluator.on_return(grant.rule), 1)
            put_number(into, self.table.evaluator.flags(grant.rule), 1)
            names = self.table.evaluator.names_packed(grant.rule, grant.effect, &names_bytes)
            put_bytes(into, names, names_bytes)


cdef bytes _with_member_text(bytes text, bytes member_text):
    """See `switch.authoriser.purchase`: both, or the first alone where they are too long together."""
    if not member_text or not text:
        return text or member_text
    if len(text) + len(_TEXT_SEPARATOR) + len(member_text) > _TEXT_BYTES_MAX:
        return text
    return text + _TEXT_SEPARATOR + member_text
