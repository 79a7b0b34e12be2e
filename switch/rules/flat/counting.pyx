# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Counters of a table: what they stand at, and what a decision counts; see `switch.rules.counting`.

A slot is a counter name with whose and over what time: within one decision that is one counter. Slots are in
the order of their names, so that moves sorted by slot are sorted as an entry has them.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from switch.memory.texts cimport TEXTS
from switch.rules.flat.decision cimport MOVES_MAX, FlatMove, FlatOutcome
from switch.rules.flat.moments cimport FlatPeriod, Moments
from switch.rules.flat.run cimport COUNTER_MAX, FlatRun, int128

from switch.rules.counting import KEPT_DAYS
from switch.rules.outcome import LIFETIME_WINDOW, NEVER_DROPPED
from switch.rules.caps import CapPer, CapWindow, WindowKind

cdef enum:
    _SUBJECT_BITS = 56

cdef int64_t _KEPT_DAYS = KEPT_DAYS
cdef int64_t _LIFETIME_WINDOW = LIFETIME_WINDOW
cdef uint32_t _NEVER_DROPPED = NEVER_DROPPED
cdef int _PER_TRANSACTION = CapPer.TRANSACTION
cdef int _PER_MEMBER = CapPer.MEMBER
cdef int _PER_CARD = CapPer.CARD
cdef int _PER_HOUSEHOLD = CapPer.HOUSEHOLD
cdef int _PER_MERCHANT = CapPer.MERCHANT
cdef int _PER_BRANCH = CapPer.BRANCH
cdef int _PER_TERMINAL = CapPer.TERMINAL
cdef int _PER_OPERATOR = CapPer.OPERATOR
cdef int _HOUR = WindowKind.HOUR
cdef int _ROLLING = WindowKind.ROLLING


def _counted_of(table):
    """Name, whose and over what time of everything that counts in a table."""
    for rule in table.rules:
        for cap in rule.caps:
            yield cap.counter, cap.per, cap.window
    for limit in table.limits:
        yield limit.cap.counter, limit.cap.per, limit.cap.window
    for budget in table.budgets:
        yield budget.counter, CapPer.GLOBAL, CapWindow(WindowKind.LIFETIME, 0)
    for declared in table.counters:
        yield declared.counter, declared.per, declared.window


cdef class Counting:
    """Made from a table and its times. Of a name that stands for two kinds of counters the first is kept."""

    def __cinit__(self, table, Moments moments):
        cdef int place
        cdef FlatSlot* slot
        self.moments = moments
        self._places = {}
        kinds = {}
        for counter, per, window in _counted_of(table):
            kinds.setdefault(counter, (per, window))
        count = len(kinds)
        self._slots = <FlatSlot*> calloc(count + 1, sizeof(FlatSlot))
        self._counts = <FlatCount*> calloc(count + 1, sizeof(FlatCount))
        self._tallies = <FlatTally*> calloc(count * WAYS + 1, sizeof(FlatTally))
        self._moved = <int32_t*> calloc(count * WAYS + 1, sizeof(int32_t))
        if self._slots == NULL or self._counts == NULL or self._tallies == NULL or self._moved == NULL:
            raise MemoryError
        for place, counter in enumerate(sorted(kinds)):
            per, window = kinds[counter]
            slot = &self._slots[place]
            slot.name = TEXTS.number(counter)
            slot.per = per
            slot.kind = window.kind
            slot.days = window.days
            slot.window_place = -1 if window.kind == WindowKind.HOUR else moments.window_place(window)
            self._places[counter] = (place, per, window)
        self._decision = 0
        self._moved_count = 0

    def __dealloc__(self):
        free(self._slots)
        free(self._counts)
        free(self._tallies)
        free(self._moved)

    cdef int slot_of(self, str counter, object per, object window):
        """The slot of a counter; NO_SLOT where its name stands for another kind."""
        place, own_per, own_window = self._places[counter]
        return place if (own_per, own_window) == (per, window) else NO_SLOT

    cdef void begin(self, FlatRun* run, CounterSource source) noexcept:
        """Forgets the decision before."""
        self.run = run
        self._source = source
        self._decision += 1
        self._moved_count = 0

    cdef int64_t counted(self, int slot) except? -1:
        """What a counter stood at before this request; a TRANSACTION has counted nothing yet."""
        cdef FlatCount* count = &self._counts[slot]
        cdef FlatSlot* spec = &self._slots[slot]
        cdef FlatPeriod* window
        cdef int64_t today, day
        cdef uint64_t subject
        cdef int128 value = 0
        if count.read_in == self._decision:
            return count.value
        today = self.moments.day.ordinal
        if spec.per != _PER_TRANSACTION:
            subject = self._subject(spec.per)
            if spec.kind == _ROLLING:
                for day in range(today - spec.days + 1, today + 1):
                    value += self._source.read(
                        spec.name, subject, day, <uint32_t> (day + spec.days + _KEPT_DAYS)
                    )
            elif spec.kind == _HOUR:
                value = self._source.read(
                    spec.name, subject, self.moments.hour, <uint32_t> (today + 1 + _KEPT_DAYS)
                )
            else:
                window = self.moments.window(spec.window_place)
                value = self._source.read(spec.name, subject, window.window, window.drop_day)
        if value > COUNTER_MAX or value < -COUNTER_MAX:
            self.run.is_not_mine = True
            value = 0
        count.value = <int64_t> value
        count.read_in = self._decision
        return count.value

    cdef int64_t used(self, int slot) noexcept:
        """What this decision has counted on it."""
        cdef FlatCount* count = &self._counts[slot]
        return count.used if count.used_in == self._decision else 0

    cdef void count(self, int slot, int64_t delta, bint restore, bint is_use) noexcept:
        """Counts; what is per transaction is forgotten with the decision."""
        cdef FlatCount* count = &self._counts[slot]
        cdef int32_t way
        cdef FlatTally* tally
        if delta == 0:
            return
        if count.used_in != self._decision:
            count.used_in = self._decision
            count.used = 0
        count.used += delta
        if self._slots[slot].per == _PER_TRANSACTION:
            return
        way = slot * WAYS + 2 * restore + is_use
        tally = &self._tallies[way]
        if tally.moved_in != self._decision:
            tally.moved_in = self._decision
            tally.delta = 0
            self._moved[self._moved_count] = way
            self._moved_count += 1
        tally.delta += delta

    cdef int write_moves(self, FlatOutcome* outcome) except -1:
        """What the decision adds to counters, by key."""
        cdef int index, place
        cdef int32_t way
        cdef FlatMove* move
        cdef FlatSlot* spec
        cdef FlatPeriod* window
        outcome.move_count = 0
        if self._moved_count > MOVES_MAX:
            self.run.is_not_mine = True
            return 0
        for index in range(1, self._moved_count):
            way = self._moved[index]
            place = index
            while place and self._moved[place - 1] > way:
                self._moved[place] = self._moved[place - 1]
                place -= 1
            self._moved[place] = way
        for index in range(self._moved_count):
            way = self._moved[index]
            spec = &self._slots[way // WAYS]
            move = &outcome.moves[index]
            move.counter = spec.name
            move.subject = self._subject(spec.per)
            if spec.kind == _HOUR:
                move.window = self.moments.hour
                move.drop_day = <uint32_t> (self.moments.day.ordinal + 1 + _KEPT_DAYS)
            else:
                window = self.moments.window(spec.window_place)
                move.window = window.window
                move.drop_day = window.drop_day
            move.delta = self._tallies[way].delta
            move.restore = way & 2 != 0
            move.is_use = way & 1
        outcome.move_count = self._moved_count
        return 0

    cdef uint64_t _subject(self, int per) noexcept:
        """Kind and number of whose counter it is; see `switch.rules.counting.subject_of`."""
        cdef uint64_t number = 0
        if per == _PER_HOUSEHOLD and self.run.facts.subject.household == 0:
            per = _PER_MEMBER
        if per == _PER_MEMBER:
            number = self.run.facts.subject.member
        elif per == _PER_CARD:
            number = self.run.facts.subject.card
        elif per == _PER_HOUSEHOLD:
            number = self.run.facts.subject.household
        elif per == _PER_MERCHANT:
            number = self.run.facts.subject.merchant
        elif per == _PER_BRANCH:
            number = self.run.facts.subject.branch
        elif per == _PER_TERMINAL:
            number = self.run.facts.subject.terminal
        elif per == _PER_OPERATOR:
            number = self.run.facts.subject.operator
        return <uint64_t> per << _SUBJECT_BITS | number
