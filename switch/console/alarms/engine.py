"""Raises and clears alarms: samples and a clock come in, changes come out.

An alarm is raised when its condition has held without a break for `raise_after_s`, and cleared when it hasn't
for `clear_after_s`, so it changes no faster than that. Each rule has a bounded number of subjects; what finds
no place among them shares the subject OTHERS, which has the worst of their numbers, so that nothing goes
unseen.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from switch.console.alarms.rules import Rule
from switch.console.alarms.signals import ALONE, Sample
from switch.console.alarms.window import Window

SUBJECTS_MAX: Final = 64
OTHERS: Final = "*"
_MS_PER_S: Final = 1000
_NOTHING: Final[Mapping[str, int]] = {}


class Change(NamedTuple):
    """An alarm, raised or cleared. `value` is what the condition looked at, None where it isn't known."""

    rule: Rule
    subject: str
    is_raised: bool
    value: int | None


class _Watched:
    """A subject of a rule."""

    __slots__ = ("holds", "is_raised", "since_ms", "value", "window")

    def __init__(self, rule: Rule, at_ms: int) -> None:
        self.window = Window(rule.window_s) if rule.window_s else None
        self.value: int | None = None
        self.holds = False
        self.since_ms = at_ms
        self.is_raised = False

    def changes(self, rule: Rule, value: int | None, at_ms: int) -> bool:
        """Take what is now; True where the alarm is raised or cleared by it."""
        self.value = value
        holds = rule.holds(value)
        if holds is not self.holds:
            self.holds, self.since_ms = holds, at_ms
        if holds is self.is_raised:
            return False
        wanted_s = rule.raise_after_s if holds else rule.clear_after_s
        if at_ms - self.since_ms < wanted_s * _MS_PER_S:
            return False
        self.is_raised = holds
        return True


class _Watch:
    """All subjects of a rule."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.watched: dict[str, _Watched] = {}
        self._of = Window(rule.window_s) if rule.of is not None else None

    def look(self, sample: Sample, at_ms: int) -> Iterable[Change]:
        rule, at_s = self.rule, at_ms // _MS_PER_S
        if self._of is not None and rule.of is not None:
            self._of.put(at_s, sum(sample.get(rule.of, _NOTHING).values()))
        numbers = self._placed(self._numbers(sample), at_ms)
        for subject, watched in list(self.watched.items()):
            number = numbers.get(subject)
            if watched.window is not None:
                watched.window.forget(at_s)
                if number is not None:
                    watched.window.put(at_s, number)
            if watched.changes(rule, self._value(watched.window, number), at_ms):
                yield Change(rule, subject, watched.is_raised, watched.value)
            if not watched.is_raised and not watched.holds and self._is_idle(watched):
                del self.watched[subject]

    def _numbers(self, sample: Sample) -> Mapping[str, int]:
        rule = self.rule
        found = sample.get(rule.signal, _NOTHING)
        if rule.only or rule.never:
            found = {subject: number for subject, number in found.items() if rule.concerns(subject)}
        if rule.apart or not found:
            return found
        counted = rule.signal.value.is_counted
        return {ALONE: sum(found.values()) if counted else self._worst(found.values())}

    def _placed(self, found: Mapping[str, int], at_ms: int) -> Mapping[str, int]:
        """The numbers by the subjects that they are watched under."""
        rule = self.rule
        left = []
        for subject, number in found.items():
            if subject in self.watched:
                continue
            if rule.window_s == 0 and not rule.holds(number):
                continue
            if len(self.watched) - (OTHERS in self.watched) < SUBJECTS_MAX:
                self.watched[subject] = _Watched(rule, at_ms)
            else:
                left.append(number)
        if not left:
            return found
        self.watched.setdefault(OTHERS, _Watched(rule, at_ms))
        return {**found, OTHERS: self._worst(left)}

    def _worst(self, numbers: Iterable[int]) -> int:
        return max(numbers) if self.rule.above is not None else min(numbers)

    def _value(self, window: Window | None, number: int | None) -> int | None:
        rule = self.rule
        if window is None:
            return number
        if self._of is None:
            return window.take(rule.take, rule.least)
        of = self._of.total
        return window.total * 1000 // of if of and of >= rule.least else None

    def _is_idle(self, watched: _Watched) -> bool:
        """Whether nothing would be lost by forgetting it."""
        window = watched.window
        if window is None or window.is_empty:
            return True
        return self.rule.signal.value.is_counted and not window.total


class Engine:
    """All rules. Clocks are monotonic, milliseconds."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._watches = {rule.name: _Watch(rule) for rule in rules}

    @property
    def rules(self) -> list[Rule]:
        """All of them, in their order."""
        return [watch.rule for watch in self._watches.values()]

    def rule(self, name: str) -> Rule | None:
        """By its name."""
        watch = self._watches.get(name)
        return None if watch is None else watch.rule

    def restore(self, rule: str, subject: str, at_ms: int) -> bool:
        """Have an alarm raised that was raised before a restart; False where there is no such rule."""
        watch = self._watches.get(rule)
        if watch is None or len(watch.watched) > SUBJECTS_MAX or not watch.rule.concerns(subject):
            return False
        watched = watch.watched[subject] = _Watched(watch.rule, at_ms)
        watched.is_raised = True
        return True

    def value(self, rule: str, subject: str) -> int | None:
        """What the condition of an alarm looked at last."""
        watch = self._watches.get(rule)
        watched = None if watch is None else watch.watched.get(subject)
        return None if watched is None else watched.value

    def look(self, sample: Sample, at_ms: int) -> list[Change]:
        """What the sample of a second changes."""
        return [change for watch in self._watches.values() for change in watch.look(sample, at_ms)]
