"""Which rules the time lets through, worked out once for each quarter of an hour."""

from typing import NamedTuple

from switch.rules.conditions import NumberTest, Operator
from switch.rules.evaluator.compiled import CompiledRule
from switch.rules.evaluator.matching import in_windows
from switch.rules.evaluator.postings import bits_of
from switch.rules.facts import NumberDimension
from switch.rules.local_time import QUARTER_HOUR_S, LocalClock, LocalDay, LocalTime
from switch.rules.table import ALWAYS_FROM_S, FOREVER_UNTIL_S, TimeWindow

_QUARTER_MINUTES = QUARTER_HOUR_S // 60
_QUARTERS_REMEMBERED = 512
_EPOCHS_REMEMBERED = 512

# Validity, windows, blackout, tests of the date.
TimeKey = tuple[int, int, tuple[TimeWindow, ...], tuple[tuple[int, int], ...], tuple[NumberTest, ...]]

_NO_TIME: TimeKey = (ALWAYS_FROM_S, FOREVER_UNTIL_S, (), (), ())


class Quarter(NamedTuple):
    """One quarter of an hour: rules that may hold at some time in it, and those that hold all through.

    `epoch` is the same for quarters in which the same rules hold, so that what is remembered stays good.
    """

    epoch: int
    possible: int
    certain: int


class Schedule:
    """The times of all rules; rules of equal times are looked at together."""

    __slots__ = ("_clock", "_epochs", "_last_epoch", "_quarters", "_times", "always")

    def __init__(self, rules: tuple[CompiledRule, ...], clock: LocalClock) -> None:
        self._clock = clock
        times: dict[TimeKey, list[int]] = {}
        for rule in rules:
            times.setdefault(rule.time_key, []).append(rule.position)
        self.always = bits_of(times.pop(_NO_TIME, ()))
        self._times = tuple((time_key, bits_of(positions)) for time_key, positions in times.items())
        self._epochs: dict[tuple[int, int], int] = {}
        self._last_epoch = 0
        self._quarters: dict[int, Quarter] = {}

    def quarter(self, at_s: int) -> Quarter:
        """The quarter of an hour of a UTC second."""
        number = at_s // QUARTER_HOUR_S
        found = self._quarters.get(number)
        return found if found is not None else self._work_out(number)

    def _work_out(self, number: int) -> Quarter:
        start_s = number * QUARTER_HOUR_S
        moment = self._clock.at(start_s)
        possible = certain = self.always
        for time_key, bits in self._times:
            may, must = _holds(time_key, start_s, moment)
            if may:
                possible |= bits
            if must:
                certain |= bits
        if len(self._quarters) >= _QUARTERS_REMEMBERED:
            self._quarters.clear()
        epoch = self._epochs.get((possible, certain))
        if epoch is None:
            if len(self._epochs) >= _EPOCHS_REMEMBERED:
                self._epochs.clear()
            self._last_epoch += 1
            epoch = self._epochs[possible, certain] = self._last_epoch
        quarter = self._quarters[number] = Quarter(epoch, possible, certain)
        return quarter


def _holds(time_key: TimeKey, start_s: int, moment: LocalTime) -> tuple[bool, bool]:
    """Whether these times may hold in the quarter that begins at this moment, and whether they surely do."""
    valid_from_s, valid_until_s, windows, blackout, tests = time_key
    if valid_until_s <= start_s or valid_from_s >= start_s + QUARTER_HOUR_S:
        return False, False
    certain = valid_from_s <= start_s and valid_until_s >= start_s + QUARTER_HOUR_S
    if moment.offset_s % QUARTER_HOUR_S:  # the local day may change within the quarter
        return True, False
    day = moment.day
    if any(first <= day.ordinal <= last for first, last in blackout):
        return False, False
    if not all(_test_holds(test, day) for test in tests):
        return False, False
    if any(
        moment.minute < edge < moment.minute + _QUARTER_MINUTES
        for window in windows
        for edge in (window.from_minute, window.until_minute)
    ):
        return True, False
    if windows and not in_windows(windows, day.weekday, moment.minute):
        return False, False
    return True, certain


def _test_holds(test: NumberTest, day: LocalDay) -> bool:
    value = _day_fact(NumberDimension(test.index), day)
    if test.operator == Operator.EXISTS:
        return True
    if test.operator == Operator.NOT_EQUAL:
        return value != test.low
    return (test.low is None or test.low <= value) and (test.high is None or value <= test.high)


def _day_fact(dimension: NumberDimension, day: LocalDay) -> int:
    if dimension == NumberDimension.DATE:
        return day.date
    if dimension == NumberDimension.WEEKDAY:
        return day.weekday
    if dimension == NumberDimension.MONTH:
        return day.month
    if dimension == NumberDimension.DAY:
        return day.day
    if dimension == NumberDimension.JALALI_DATE:
        return day.jalali_date
    return day.jalali_month if dimension == NumberDimension.JALALI_MONTH else day.jalali_day
