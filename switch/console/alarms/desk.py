"""The alarms that are raised, who has seen them, and which are to be silent. Knows no file and no clock."""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from switch.console.alarms.engine import Change
from switch.console.alarms.records import Record, What
from switch.console.alarms.rules import Severity

HISTORY_MAX: Final = 1000
MUTES_MAX: Final = 256
NOTE_CHARACTERS_MAX: Final = 200
PERSON_CHARACTERS_MAX: Final = 64

Key = tuple[str, str]
MuteKey = tuple[str, str | None]


class NotSo(Exception):  # noqa: N818  (an answer to a person)
    """What was asked for can't be, as there is no such alarm, or too many mutes."""


class Standing(NamedTuple):
    """An alarm that is raised, and who has acknowledged it, if anybody."""

    raised: Record
    acknowledged: Record | None = None
    is_told: bool = False


class Noted(NamedTuple):
    """What is to be kept, and what people are to hear of."""

    records: list[Record]
    told: list[Record]


class Desk:
    """Keeps the last HISTORY_MAX happenings, newest last, and what they left."""

    def __init__(self) -> None:
        self.standing: dict[Key, Standing] = {}
        self.mutes: dict[MuteKey, Record] = {}
        self.history: deque[Record] = deque(maxlen=HISTORY_MAX)

    def recall(self, records: Iterable[Record]) -> None:
        """Have what was before a restart. What was raised then has been told of, unless it was muted."""
        for record in records:
            self._note(record)
        for key, standing in self.standing.items():
            self.standing[key] = standing._replace(is_told=not self.is_muted(key, standing.raised.at_ms))

    def take(self, changes: Sequence[Change], now_ms: int) -> Noted:
        """Note what the engine found.

        People hear of an alarm that is raised and not muted, once, also when a mute has ended; and that it
        has cleared where they had heard of it.
        """
        records, told = [], []
        for change in changes:
            key = (change.rule.name, change.subject)
            standing = self.standing.get(key)
            is_heard = standing is not None and standing.is_told and not self.is_muted(key, now_ms)
            record = self._note(_record_of(change, now_ms))
            records.append(record)
            if is_heard and not change.is_raised:
                told.append(record)
        for key, standing in self.standing.items():
            if not standing.is_told and not self.is_muted(key, now_ms):
                self.standing[key] = standing._replace(is_told=True)
                told.append(standing.raised)
        for mute in [key for key, record in self.mutes.items() if _is_over(record, now_ms)]:
            del self.mutes[mute]
        return Noted(records, told)

    def withdraw(self, standing: Standing, now_ms: int) -> Record:
        """An alarm that was raised before a restart has no rule any more."""
        raised = standing.raised
        return self._note(Record(now_ms, What.CLEARED, raised.rule, raised.subject, raised.severity))

    def is_muted(self, key: Key, now_ms: int) -> bool:
        """Whether nobody is to hear of an alarm."""
        rule, subject = key
        mutes = (self.mutes.get((rule, subject)), self.mutes.get((rule, None)))
        return any(mute is not None and not _is_over(mute, now_ms) for mute in mutes)

    def counts(self) -> dict[tuple[str, ...], int]:
        """Alarms that are raised, by severity."""
        found: dict[tuple[str, ...], int] = {(severity.value,): 0 for severity in Severity}
        for standing in self.standing.values():
            found[(standing.raised.severity,)] = found.get((standing.raised.severity,), 0) + 1
        return found

    def acknowledge(self, key: Key, person: str, note: str, now_ms: int) -> Record:
        """A person has seen it. Raises NotSo."""
        standing = self.standing.get(key)
        if standing is None:
            raise NotSo("this alarm is not raised")
        rule, subject = key
        severity = standing.raised.severity
        return self._note(
            Record(now_ms, What.ACKNOWLEDGED, rule, subject, severity, person=person, note=note)
        )

    def mute(self, key: MuteKey, person: str, note: str, until_ms: int, now_ms: int) -> Record:
        """Nobody is to hear of it until a time, or with 0 until it is cleared. Raises NotSo."""
        rule, subject = key
        if not until_ms and not self._is_raised(key):
            raise NotSo("this alarm is not raised: it can be muted for a time only")
        if key not in self.mutes and len(self.mutes) >= MUTES_MAX:
            raise NotSo(f"{MUTES_MAX} are muted already")
        return self._note(
            Record(now_ms, What.MUTED, rule, subject, person=person, note=note, until_ms=until_ms)
        )

    def unmute(self, key: MuteKey, person: str, note: str, now_ms: int) -> Record:
        """People are to hear of it again. Raises NotSo."""
        if key not in self.mutes:
            raise NotSo("this alarm is not muted")
        rule, subject = key
        return self._note(Record(now_ms, What.UNMUTED, rule, subject, person=person, note=note))

    def kept(self) -> list[Record]:
        """The history, and before it what is raised, acknowledged and muted, however old that is."""
        essence = list(self.mutes.values())
        for standing in self.standing.values():
            essence.append(standing.raised)
            if standing.acknowledged is not None:
                essence.append(standing.acknowledged)
        known = set(self.history)
        older = sorted((record for record in essence if record not in known), key=_at_ms)
        return [*older, *self.history]

    def _note(self, record: Record) -> Record:
        self.history.append(record)
        rule, subject = record.rule, record.subject
        if record.what is What.MUTED:
            self.mutes[(rule, subject)] = record
        elif record.what is What.UNMUTED:
            self.mutes.pop((rule, subject), None)
        elif subject is not None:
            self._note_of_alarm((rule, subject), record)
        return record

    def _note_of_alarm(self, key: Key, record: Record) -> None:
        if record.what is What.RAISED:
            self.standing[key] = Standing(record)
        elif record.what is What.CLEARED:
            self.standing.pop(key, None)
            mutes: tuple[MuteKey, ...] = (key, (key[0], None))
            for each in mutes:
                mute = self.mutes.get(each)
                if mute is not None and not mute.until_ms and not self._is_raised(each):
                    del self.mutes[each]
        elif key in self.standing:
            self.standing[key] = self.standing[key]._replace(acknowledged=record)

    def _is_raised(self, key: MuteKey) -> bool:
        rule, subject = key
        if subject is None:
            return any(name == rule for name, _ in self.standing)
        return (rule, subject) in self.standing


def _record_of(change: Change, now_ms: int) -> Record:
    what = What.RAISED if change.is_raised else What.CLEARED
    rule = change.rule
    return Record(now_ms, what, rule.name, change.subject, rule.severity.value, change.value)


def _at_ms(record: Record) -> int:
    return record.at_ms


def _is_over(mute: Record, now_ms: int) -> bool:
    return 0 < mute.until_ms <= now_ms
