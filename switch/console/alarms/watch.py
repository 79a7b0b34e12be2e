"""Alarms of a running switch: a frame a second goes in; history, receivers and pages hear of it."""

import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from switch.console.alarms.courier import Courier, Delivered
from switch.console.alarms.desk import Desk, MuteKey, Standing
from switch.console.alarms.engine import Change, Engine
from switch.console.alarms.grouping import Grouping
from switch.console.alarms.history_file import HistoryWriter, read_history
from switch.console.alarms.plan import Plan
from switch.console.alarms.records import Record
from switch.console.alarms.rules import Rule, Severity
from switch.console.alarms.signal_reader import SignalReader
from switch.console.frame import Told
from switch.metrics.catalogue import Metric
from switch.metrics.store import Readings

_NS_PER_MS = 1_000_000
_MS_PER_S = 1000
_RANKS: dict[str, int] = {severity.value: severity.rank for severity in Severity}


class AlarmWatch:
    """In the event loop's thread; nothing here waits for a disk or a receiver.

    Parameters:
        path: the history's file. One that can't be read is begun anew.
        now_ns: the time of day, nanoseconds since 1970.
        clock_ns: monotonic.
    """

    def __init__(
        self,
        plan: Plan,
        path: Path,
        reader: SignalReader,
        now_ns: Callable[[], int] = time.time_ns,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.wording = plan.wording
        self._reader = reader
        self._now_ns = now_ns
        self._clock_ns = clock_ns
        self._engine = Engine(plan.rules)
        self.desk = Desk()
        self._couriers = [
            (
                receiver.least,
                Courier(receiver.channel, Grouping(plan.wait_s, plan.apart_s), new_message_id),
            )
            for receiver in plan.receivers
        ]
        self._recall(path)
        self._writer = HistoryWriter(path, self.desk.kept)

    @property
    def rules(self) -> Sequence[Rule]:
        """All that are enabled."""
        return self._engine.rules

    def now_ms(self) -> int:
        """The time of day, since 1970."""
        return self._now_ns() // _NS_PER_MS

    def look(self, told: Told) -> None:
        """Take the frame of a second."""
        now_ms = self.now_ms()
        sample = self._reader.read(told, now_ms)
        self._take(self._engine.look(sample, self._clock_ns() // _NS_PER_MS), now_ms)

    def value(self, standing: Standing) -> int | None:
        """What the condition of an alarm looked at last."""
        return self._engine.value(standing.raised.rule, standing.raised.subject or "")

    def rule(self, name: str) -> Rule | None:
        """By its name."""
        return self._engine.rule(name)

    def acknowledge(self, rule: str, subject: str, person: str, note: str) -> Record:
        """A person has seen an alarm. Raises NotSo."""
        record = self.desk.acknowledge((rule, subject), person, note, self.now_ms())
        self._writer.put([record])
        return record

    def mute(self, key: MuteKey, person: str, note: str, for_s: int) -> Record:
        """Nobody is to hear of an alarm for so many seconds, or with 0 until it is cleared. Raises NotSo."""
        now_ms = self.now_ms()
        until_ms = now_ms + for_s * _MS_PER_S if for_s else 0
        record = self.desk.mute(key, person, note, until_ms, now_ms)
        self._writer.put([record])
        return record

    def unmute(self, key: MuteKey, person: str, note: str) -> Record:
        """People are to hear of an alarm again. Raises NotSo."""
        record = self.desk.unmute(key, person, note, self.now_ms())
        self._writer.put([record])
        return record

    def readings(self) -> Readings:
        """The metrics."""
        return {Metric.ALARMS: self.desk.counts()}

    def delivered(self) -> list[Delivered]:
        """What has become of the messages, by receiver."""
        return [courier.standing() for _, courier in self._couriers]

    def close(self, timeout_s: float) -> None:
        """Send and write what waits. Takes the time at most twice; not for the event loop's thread."""
        for _, courier in self._couriers:
            courier.end()
        until_s = time.monotonic() + timeout_s
        for _, courier in self._couriers:
            courier.join(max(0.0, until_s - time.monotonic()))
        self._writer.close(timeout_s)

    def _recall(self, path: Path) -> None:
        try:
            self.desk.recall(read_history(path))
        except OSError:
            return
        now_ms, clock_ms = self.now_ms(), self._clock_ns() // _NS_PER_MS
        for (name, subject), standing in list(self.desk.standing.items()):
            if not self._engine.restore(name, subject, clock_ms):
                self.desk.withdraw(standing, now_ms)

    def _take(self, changes: Sequence[Change], now_ms: int) -> None:
        noted = self.desk.take(changes, now_ms)
        self._writer.put(noted.records)
        for least, courier in self._couriers:
            heard = [record for record in noted.told if _RANKS.get(record.severity, 0) >= least.rank]
            if heard:
                courier.put(heard)


def new_message_id() -> str:
    """Of a message: whoever gets it twice can tell."""
    return f"msg_{secrets.token_hex(16)}"
