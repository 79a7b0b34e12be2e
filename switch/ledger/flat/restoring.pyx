# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Cards, members and purchases of a snapshot into flat tables; see `switch.ledger.record_columns`."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from switch.ledger.flat.card_table cimport TOKEN_BYTES
from switch.ledger.flat.columns cimport Column, column_of, number_at
from switch.ledger.flat.member_table cimport NAME_MAX_BYTES
from switch.ledger.flat.records cimport SET_WORDS, FlatCard, FlatMember, FlatRecords
from switch.ledger.flat.row_table cimport reserve
from switch.ledger.flat.small_numbers cimport SmallNumbers
from switch.memory.hash_table cimport NumberTable
from switch.memory.texts cimport TEXTS

cdef enum:
    SET_BYTES = 8 * SET_WORDS
    _PIN_CHECK_MAX_BYTES = 255


cdef inline uint64_t _big_endian(const uint8_t* at) noexcept nogil:
    # Eight bytes at once: compilers know this form.
    return (
        <uint64_t> at[0] << 56 | <uint64_t> at[1] << 48 | <uint64_t> at[2] << 40 | <uint64_t> at[3] << 32
        | <uint64_t> at[4] << 24 | <uint64_t> at[5] << 16 | <uint64_t> at[6] << 8 | at[7]
    )


cdef class Choices:
    """Which of a few contents each record has."""

    cdef uint32_t* texts
    cdef bytes sets
    cdef uint64_t count
    cdef Column places

    def __dealloc__(self):
        free(self.texts)

    cdef uint64_t place(self, uint64_t index) except? 0xFFFF_FFFF:
        cdef uint64_t place = number_at(&self.places, index)
        if place >= self.count:
            raise IndexError("a record has a text or set that isn't there")
        return place

    cdef uint32_t text(self, uint64_t index) except? 0xFFFF_FFFF:
        """Number among `TEXTS` of a record's text."""
        return self.texts[self.place(index)]

    cdef int copy_bits(self, uint64_t index, uint64_t* words) except -1:
        """Bits of a record's set."""
        cdef const uint8_t* at = <const uint8_t*> self.sets + SET_BYTES * self.place(index)
        cdef int word
        for word in range(SET_WORDS):
            words[SET_WORDS - 1 - word] = _big_endian(at + 8 * word)
        return 0


cdef Choices _texts(words):
    cdef Choices made = Choices()
    cdef uint64_t index
    made.count = len(words.texts)
    made.places = column_of(words.places)
    made.texts = <uint32_t*> calloc(made.count + 1, sizeof(uint32_t))
    if made.texts == NULL:
        raise MemoryError
    for index in range(made.count):
        made.texts[index] = TEXTS.number(words.texts[index])
    return made


cdef Choices _sets(sets):
    cdef Choices made = Choices()
    made.sets = sets.contents
    made.count = len(made.sets) // SET_BYTES
    made.places = column_of(sets.places)
    return made


cdef int _check_lengths(uint64_t count, columns) except -1:
    for column in columns:
        if <uint64_t> len(column) != count:
            raise ValueError("columns differ in length")
    return 0


cdef uint32_t _short(const Column* column, uint64_t index) except? 0xFFFF_FFFF:
    cdef uint64_t number = number_at(column, index)
    if number >> 32:
        raise OverflowError("a number is too large")
    return <uint32_t> number


cdef uint64_t _size(
    const Column* column, uint64_t index, uint64_t size_max, uint64_t left
) except? 0xFFFF_FFFF:
    cdef uint64_t size = number_at(column, index)
    if size > size_max or size > left:
        raise ValueError("sizes don't sum up")
    return size


cdef uint8_t _status(const Column* column, uint64_t index, bint can_be_new) except 0:
    cdef uint64_t status = number_at(column, index)
    if status != c"A" and status != c"B" and not (can_be_new and status == c"N"):
        raise ValueError("a status is none")
    return <uint8_t> status


def restore_cards(FlatRecords records not None, columns not None):
    """Take over all cards, into none. Raises ValueError, IndexError and OverflowError for columns that don't
    fit."""
    cdef bytes tokens = columns.tokens, pin_checks = columns.pin_checks
    cdef const uint8_t* token = tokens
    cdef const uint8_t* pin_check = pin_checks
    cdef Column references = column_of(columns.references), holders = column_of(columns.member_numbers)
    cdef Column statuses = column_of(columns.statuses), days = column_of(columns.expires_on)
    cdef Column sizes = column_of(columns.pin_check_sizes)
    cdef Choices types = _texts(columns.card_types)
    cdef SmallNumbers card_counts = records._members.card_counts
    cdef uint64_t index, place, left = len(pin_checks)
    cdef FlatCard card
    if <uint64_t> len(tokens) != references.count * TOKEN_BYTES:
        raise ValueError("columns differ in length")
    _check_lengths(
        references.count,
        (columns.member_numbers, columns.card_types.places, columns.statuses, columns.expires_on,
         columns.pin_check_sizes),
    )
    reserve(records._cards.rows, references.count)
    for index in range(references.count):
        card.reference = number_at(&references, index)
        card.member_number = number_at(&holders, index)
        card.card_type = types.text(index)
        card.expires_on = _short(&days, index)
        card.status = _status(&statuses, index, True)
        card.pin_check_bytes = <uint8_t> _size(&sizes, index, _PIN_CHECK_MAX_BYTES, left)
        records._cards.put_card(token, &card, pin_check)
        token += TOKEN_BYTES
        pin_check += card.pin_check_bytes
        left -= card.pin_check_bytes
        if card.member_number:
            place = records._members.numbers.place(card.member_number)
            card_counts.put(place, card_counts.get(place) + 1)
    if left:
        raise ValueError("sizes don't sum up")


def restore_members(FlatRecords records not None, columns not None):
    """Take over all members, into none. Raises as `restore_cards` does."""
    cdef bytes names = columns.names
    cdef Column numbers = column_of(columns.numbers), sizes = column_of(columns.name_sizes)
    cdef Column statuses = column_of(columns.statuses), enrolled_on = column_of(columns.enrolled_on)
    cdef Column born_on = column_of(columns.born_on), introducers = column_of(columns.introducers)
    cdef Column introduced_until = column_of(columns.introduced_until)
    cdef Column households = column_of(columns.households)
    cdef Choices tiers = _texts(columns.tiers), groups = _texts(columns.groups)
    cdef Choices organisations = _texts(columns.organisations), risk_classes = _texts(columns.risk_classes)
    cdef uint32_t none = TEXTS.number("")  # texts of members have a section of their own
    cdef Choices club_levels = _texts(columns.club_levels), channels = _texts(columns.enrol_channels)
    cdef Choices segments = _sets(columns.segments), agreements = _sets(columns.agreements)
    cdef uint64_t index, left = len(names)
    cdef FlatMember member
    _check_lengths(
        numbers.count,
        (columns.name_sizes, columns.tiers.places, columns.statuses, columns.groups.places,
         columns.organisations.places, columns.segments.places, columns.agreements.places,
         columns.enrolled_on, columns.born_on, columns.introducers, columns.introduced_until,
         columns.households, columns.risk_classes.places, columns.club_levels.places,
         columns.enrol_channels.places),
    )
    names.decode("utf-8")
    # There are at least so many different pairs of sets.
    reserve(records._members.sets, max(segments.count, agreements.count))
    member.name = names
    for index in range(numbers.count):
        member.number = number_at(&numbers, index)
        member.introducer = number_at(&introducers, index)
        member.household = number_at(&households, index)
        member.introduced_until = _short(&introduced_until, index)
        member.enrolled_on = _short(&enrolled_on, index)
        member.born_on = _short(&born_on, index)
        member.tier = tiers.text(index)
        member.group = groups.text(index)
        member.organisation = organisations.text(index)
        member.risk_class = risk_classes.text(index)
        member.club_level = club_levels.text(index)
        member.enrol_channel = channels.text(index)
        member.text_fa = member.text_en = none
        member.status = _status(&statuses, index, False)
        segments.copy_bits(index, member.segments)
        agreements.copy_bits(index, member.agreements)
        member.name_bytes = <uint16_t> _size(&sizes, index, NAME_MAX_BYTES, left)
        if member.name_bytes and member.name[0] & 0xC0 == 0x80:
            raise ValueError("a name begins within a character")
        records._members.put_member(&member)
        member.name += member.name_bytes
        left -= member.name_bytes
    if left:
        raise ValueError("sizes don't sum up")


def restore_purchases(
    FlatRecords records not None, numbers not None, times_s not None, *, bint of_households
):
    """Take over when members, or households, last bought something. Raises as `restore_cards` does."""
    cdef Column each_number = column_of(numbers), each_time_s = column_of(times_s)
    cdef NumberTable places = records._households if of_households else records._members.numbers
    cdef SmallNumbers column = (
        records._household_purchases_s if of_households else records._members.last_purchases_s
    )
    cdef uint64_t index
    _check_lengths(each_number.count, (times_s,))
    for index in range(each_number.count):
        if number_at(&each_time_s, index) == 0:
            raise ValueError("0 is no time of a purchase")
        column.put(places.place(number_at(&each_number, index)), number_at(&each_time_s, index))
