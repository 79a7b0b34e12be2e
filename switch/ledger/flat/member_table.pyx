# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Members on flat memory: what is set by a record is one packed block of bytes for each."""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t, uint8_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy, memset

from switch.ledger.flat.records cimport SET_WORDS
from switch.memory.hash_table cimport NO_PLACE, fetch
from switch.memory.texts cimport TEXTS

from switch.ledger.records import MemberRecord, Status

cdef enum:
    _HAS_RELATIONS = 1
    _BEFORE_HOUSEHOLD = 5  # numbers behind the head: sets, two dates, introducer and until when

cdef object _new = tuple.__new__  # without the detour through a function of Python that a named tuple takes
cdef dict _STATUSES = {ord(status): status for status in Status}
# Sets are Python numbers of more bits than C has: what they are shifted by and masked with are Python's too.
cdef object _WORD_BITS = 64
cdef object _WORD_MASK = int("F" * 16, 16)
cdef object _SET_BITS = SET_WORDS * 64


cdef struct Profile:
    uint32_t tier
    uint32_t group
    uint32_t organisation
    uint32_t risk_class
    uint32_t club_level
    uint32_t enrol_channel
    uint32_t status  # never 0, so that no member's profile has the number 0
    uint32_t text_fa
    uint32_t text_en
    uint32_t unused


cdef struct Sets:
    uint64_t segments[SET_WORDS]
    uint64_t agreements[SET_WORDS]


cdef inline uint8_t* _written(uint8_t* at, uint64_t number) noexcept nogil:
    # Seven bits to a byte, the lowest first; the highest bit says that more follow.
    while number >= 0x80:
        at[0] = <uint8_t> (number | 0x80)
        at += 1
        number >>= 7
    at[0] = <uint8_t> number
    return at + 1


cdef inline const uint8_t* _read(const uint8_t* at, uint64_t* number) noexcept nogil:
    cdef int shift = 0
    number[0] = at[0] & 0x7F
    while at[0] & 0x80:
        at += 1
        shift += 7
        number[0] |= <uint64_t> (at[0] & 0x7F) << shift
    return at + 1


cdef int _split(object bits, uint64_t* words) except -1:
    cdef int index
    if bits < 0 or bits >> _SET_BITS:
        raise OverflowError("a set has 256 bits")
    for index in range(SET_WORDS):
        words[index] = bits & _WORD_MASK
        bits >>= _WORD_BITS
    return 0


cdef object _joined(const uint64_t* words):
    cdef int index
    cdef object bits = words[SET_WORDS - 1]
    for index in range(SET_WORDS - 2, -1, -1):
        bits = bits << _WORD_BITS | words[index]
    return bits


cdef object member_record(const FlatMember* member):
    """Record of a member that was read."""
    return _new(
        MemberRecord,
        (
            member.number,
            (<const char*> member.name)[:member.name_bytes].decode("utf-8"),
            TEXTS.text(member.tier),
            _STATUSES[member.status],
            TEXTS.text(member.group),
            TEXTS.text(member.organisation),
            _joined(member.segments),
            _joined(member.agreements),
            member.enrolled_on,
            member.born_on,
            member.introducer,
            member.introduced_until,
            member.household,
            TEXTS.text(member.risk_class),
            TEXTS.text(member.club_level),
            TEXTS.text(member.enrol_channel),
            TEXTS.text(member.text_fa),
            TEXTS.text(member.text_en),
        ),
    )


cdef class MemberTable:
    """Blocks of members by number, and by number too how many cards they have and when they last bought.

    A number that came up once, as a member's or as that of a card's holder, keeps its place for ever. A block
    has the number of the shared profile, that of the sets, the dates, introducer and household if there are
    any, and the name. `number_max` is the greatest number that any member ever had.
    """

    def __cinit__(self):
        self.numbers = NumberTable()
        self.blocks = Arena()
        self.profiles = SharedRows(sizeof(Profile) + sizeof(uint64_t), sizeof(Profile))
        self.sets = SharedRows(sizeof(Sets) + sizeof(uint64_t), sizeof(Sets))
        self.card_counts = SmallNumbers(1)
        self.last_purchases_s = SmallNumbers(4)

    def __dealloc__(self):
        free(self.offsets)

    cdef bint find(self, uint64_t number, FlatMember* into) noexcept nogil:
        """Read the member of a number; whether there is one."""
        cdef int64_t place = self.numbers.find(number)
        if place == NO_PLACE or not self.holds(place):
            return False
        self.read(place, into)
        return True

    cdef bint holds(self, uint64_t place) noexcept nogil:
        """Whether the number at a place is a member's."""
        return place < self.offset_count and self.offsets[place] != 0

    cdef void read(self, uint64_t place, FlatMember* into) noexcept nogil:
        """Read the member at a place."""
        cdef uint32_t offset = self.offsets[place]
        cdef const uint8_t* start = self.blocks.block(offset)
        cdef const uint8_t* at = start
        cdef const Profile* profile
        cdef const Sets* sets
        cdef uint64_t head, sets_number, number
        at = _read(at, &head)
        at = _read(at, &sets_number)
        at = _read(at, &number)
        into.enrolled_on = <uint32_t> number
        at = _read(at, &number)
        into.born_on = <uint32_t> number
        into.introducer = into.household = 0
        into.introduced_until = 0
        if head & _HAS_RELATIONS:
            at = _read(at, &into.introducer)
            at = _read(at, &number)
            into.introduced_until = <uint32_t> number
            at = _read(at, &into.household)
        into.name = at
        into.name_bytes = <uint16_t> (self.blocks.length(offset) - (at - start))
        into.number = self.numbers.numbers[place]
        into.last_purchase_s = self.last_purchases_s.get(place)
        profile = <const Profile*> self.profiles.row(head >> 1)
        into.tier = profile.tier
        into.group = profile.group
        into.organisation = profile.organisation
        into.risk_class = profile.risk_class
        into.club_level = profile.club_level
        into.enrol_channel = profile.enrol_channel
        into.text_fa = profile.text_fa
        into.text_en = profile.text_en
        into.status = <uint8_t> profile.status
        sets = <const Sets*> self.sets.row(sets_number)
        memcpy(into.segments, sets.segments, sizeof(into.segments))
        memcpy(into.agreements, sets.agreements, sizeof(into.agreements))

    # These have brought in, one after the other, what `read` reads of a place.

    cdef void fetch_places(self, uint64_t place) noexcept nogil:
        fetch(&self.numbers.numbers[place])
        if place < self.offset_count:
            fetch(&self.offsets[place])
        if place < self.last_purchases_s.used:
            fetch(self.last_purchases_s.cells + place * self.last_purchases_s.width)

    cdef void fetch_block(self, uint64_t place) noexcept nogil:
        if self.holds(place):
            fetch(self.blocks.bytes + self.offsets[place])

    cdef void fetch_shared(self, uint64_t place) noexcept nogil:
        cdef uint64_t head, sets_number
        if self.holds(place):
            _read(_read(self.blocks.block(self.offsets[place]), &head), &sets_number)
            fetch(self.profiles.row(head >> 1))
            fetch(self.sets.row(sets_number))

    cdef uint64_t household_at(self, uint64_t place) noexcept nogil:
        """Household of the member at a place, 0 where there is none of either."""
        cdef uint64_t head, number
        cdef const uint8_t* at
        cdef int skipped
        if not self.holds(place):
            return 0
        at = _read(self.blocks.block(self.offsets[place]), &head)
        if not head & _HAS_RELATIONS:
            return 0
        for skipped in range(_BEFORE_HOUSEHOLD):
            at = _read(at, &number)
        _read(at, &number)
        return number

    cdef object record(self, uint64_t place):
        """Record of the member at a place."""
        cdef FlatMember member
        self.read(place, &member)
        return member_record(&member)

    cdef int put(self, object record) except -1:
        """Set the member that a record is about. Raises OverflowError for what a block can't hold."""
        cdef bytes name = record.name.encode("utf-8")
        cdef FlatMember member
        if len(name) > NAME_MAX_BYTES:
            raise OverflowError("a name is too long")
        member.number = record.number
        member.introducer = record.introducer
        member.household = record.household
        member.introduced_until = record.introduced_until
        member.enrolled_on = record.enrolled_on
        member.born_on = record.born_on
        member.tier = TEXTS.number(record.tier)
        member.group = TEXTS.number(record.group)
        member.organisation = TEXTS.number(record.organisation)
        member.risk_class = TEXTS.number(record.risk_class)
        member.club_level = TEXTS.number(record.club_level)
        member.enrol_channel = TEXTS.number(record.enrol_channel)
        member.text_fa = TEXTS.number(record.text_fa)
        member.text_en = TEXTS.number(record.text_en)
        member.status = ord(record.status)
        _split(record.segments, member.segments)
        _split(record.agreements, member.agreements)
        member.name_bytes = <uint16_t> len(name)
        member.name = name
        return self.put_member(&member)

    cdef int put_member(self, const FlatMember* member) except -1:
        """Set a member; a name has been found to be short enough."""
        cdef uint64_t place, profile_number, sets_number = 0
        cdef bint has_relations = (
            member.introducer != 0 or member.household != 0 or member.introduced_until != 0
        )
        cdef uint8_t[HEAD_MAX_BYTES] head
        cdef uint8_t* at = head
        cdef Profile profile
        cdef Sets sets
        profile.tier = member.tier
        profile.group = member.group
        profile.organisation = member.organisation
        profile.risk_class = member.risk_class
        profile.club_level = member.club_level
        profile.enrol_channel = member.enrol_channel
        profile.text_fa = member.text_fa
        profile.text_en = member.text_en
        profile.status = member.status
        profile.unused = 0
        memcpy(sets.segments, member.segments, sizeof(sets.segments))
        memcpy(sets.agreements, member.agreements, sizeof(sets.agreements))
        place = self.numbers.place(member.number)
        self._make_room(place)
        profile_number = self.profiles.take(&profile)
        try:
            sets_number = self.sets.take(&sets)
            at = _written(at, profile_number << 1 | (_HAS_RELATIONS if has_relations else 0))
            at = _written(at, sets_number)
            at = _written(at, member.enrolled_on)
            at = _written(at, member.born_on)
            if has_relations:
                at = _written(at, member.introducer)
                at = _written(at, member.introduced_until)
                at = _written(at, member.household)
            self._store(place, head, <uint32_t> (at - head), member.name, member.name_bytes)
        except:
            self.profiles.release(<uint32_t> profile_number)
            if sets_number:
                self.sets.release(<uint32_t> sets_number)
            raise
        self.number_max = max(self.number_max, member.number)
        return 0

    cdef bint remove(self, uint64_t number) except -1:
        """Remove the member of a number; whether there was one."""
        cdef int64_t place = self.numbers.find(number)
        if place == NO_PLACE or not self.holds(place):
            return False
        self._release_shared(place)
        self.blocks.give_back(self.offsets[place])
        self.offsets[place] = 0
        self.count -= 1
        self.changes += 1
        return True

    cdef void _release_shared(self, uint64_t place) noexcept nogil:
        cdef uint64_t head, sets_number
        _read(_read(self.blocks.block(self.offsets[place]), &head), &sets_number)
        self.profiles.release(<uint32_t> (head >> 1))
        self.sets.release(<uint32_t> sets_number)

    cdef int _store(
        self,
        uint64_t place,
        const uint8_t* head,
        uint32_t head_bytes,
        const uint8_t* name,
        uint32_t name_bytes,
    ) except -1:
        cdef uint32_t length = head_bytes + name_bytes
        cdef uint32_t offset = self.offsets[place]
        cdef uint8_t* block
        if not offset or self.blocks.length(offset) != length:
            offset = <uint32_t> self.blocks.take(length, self.offsets, self.offset_count)
        if self.offsets[place]:
            self._release_shared(place)
            if self.offsets[place] != offset:
                self.blocks.give_back(self.offsets[place])
        else:
            self.count += 1
            self.changes += 1
        self.offsets[place] = offset
        block = self.blocks.block(offset)
        memcpy(block, head, head_bytes)
        memcpy(block + head_bytes, name, name_bytes)
        return 0

    cdef int _make_room(self, uint64_t place) except -1:
        cdef uint64_t room
        cdef uint32_t* offsets
        if place >= self.offset_room:
            room = max(self.offset_room + self.offset_room // 4, place + 64)
            offsets = <uint32_t*> realloc(self.offsets, room * sizeof(uint32_t))
            if offsets == NULL:
                raise MemoryError
            self.offsets = offsets
            self.offset_room = room
        if place >= self.offset_count:
            memset(self.offsets + self.offset_count, 0, (place + 1 - self.offset_count) * sizeof(uint32_t))
            self.offset_count = place + 1
        return 0
