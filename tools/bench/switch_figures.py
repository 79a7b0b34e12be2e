"""One engine's figures, from an empty directory to a recovered switch."""

import shutil
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from switch.ledger.stores import Engine
from tools.bench import switch_club as club
from tools.bench.load.answers_file import read_answers
from tools.bench.load.plan import LinkLoad, LoadResult
from tools.bench.load.processor import processors, resident_bytes
from tools.bench.measure import Result
from tools.bench.switch_fault import BenchFault
from tools.bench.switch_journal import write_journal
from tools.bench.switch_process import SwitchProcess, load, running
from tools.bench.switch_proof import Proof, prove
from tools.bench.switch_replay import measured_replay
from tools.bench.switch_watcher import Watcher

OPEN_RATE_PER_S = 65_000
LINKS = 32
IN_FLIGHT = 32

_BARE, _JOURNAL = "bare", "journal"
_WARM_UP_MESSAGES = 30_000
# Prepared beyond what the rate of the loads before would need.
_SPARE = 2.0
_MESSAGES_MAX = 3_000_000


class Size(NamedTuple):
    """How much is measured; times in seconds. `turns` is how often loads that are compared take turns."""

    cards: int
    turns: int
    warm_up_s: float
    measured_s: float
    open_s: float
    drain_timeout_s: float


FULL = Size(cards=1_000_000, turns=4, warm_up_s=1.0, measured_s=8.0, open_s=5.0, drain_timeout_s=30.0)
QUICK = Size(cards=20_000, turns=1, warm_up_s=0.5, measured_s=2.0, open_s=1.5, drain_timeout_s=20.0)


class _Figure(NamedTuple):
    name: str
    value: float
    unit: str


def prepare(directory: Path, size: Size) -> None:
    """Write the club's setup and its journals, once for all engines."""
    club.write_setup(directory)
    write_journal(directory / _BARE, 0)
    write_journal(directory / _JOURNAL, size.cards)


class SwitchFigures:
    """Loads one switch in turn in every way, and proves each load's answers."""

    def __init__(self, directory: Path, size: Size, engine: Engine) -> None:
        """`directory` is one that `prepare` has filled."""
        self._directory = directory
        self._journal = directory / f"journal_{engine}"
        self._size = size
        self._engine = engine
        self._processor, self._load_processor = processors()
        self._transmitted_s = 0
        self._loads = 0
        self._rate_per_s = 0.0
        self._proved = Proof(0, 0)
        self._figures: list[_Figure] = []

    def measured(self) -> list[Result]:
        """Everything. Raises BenchFault."""
        cards = self._size.cards
        bare_bytes = self._bare_bytes()
        shutil.copytree(self._directory / _JOURNAL, self._journal)
        with running(self._switch(self._journal)) as switch:
            bytes_per_card = (resident_bytes(switch.process_id) - bare_bytes) / cards
            loaded_from = switch.count("position")
            self._under_load(switch)
            position = switch.count("durable_position")
        # It was killed, not asked to stop: what it answered must be there all the same.
        with running(self._switch(self._journal)) as switch:
            recovery_s = switch.ready_s
            if switch.count("position") != position:
                raise BenchFault(f"killed at {position}, recovered {switch.count('position')}")
            switch.stop()
        replayed = measured_replay(self._journal, loaded_from, self._engine)
        shutil.rmtree(self._journal)
        self._add("replay_records_per_s", replayed.before / replayed.before_s, "entries/s")
        self._add("replay_purchases_per_s", replayed.behind / replayed.behind_s, "entries/s")
        self._add("bytes_per_card", bytes_per_card, "bytes")
        self._add("recovery_s", recovery_s, "s")
        self._add("proved_transactions", self._proved.entries, "transactions")
        self._add("earnings_per_transaction", self._proved.earnings / self._proved.entries, "earnings")
        return [
            Result(f"{name}.{self._engine}", round(value, 3), unit) for name, value, unit in self._figures
        ]

    def _switch(self, journal: Path) -> SwitchProcess:
        return SwitchProcess(self._directory, journal, self._processor, self._engine)

    def _add(self, name: str, value: float, unit: str) -> None:
        self._figures.append(_Figure(name, value, unit))

    def _bare_bytes(self) -> int:
        """Memory of a switch with the rules and the terminals, but without a card."""
        journal = self._directory / f"bare_{self._engine}"
        shutil.copytree(self._directory / _BARE, journal)
        with running(self._switch(journal)) as switch:
            found = resident_bytes(switch.process_id)
            switch.stop()
        return found

    def _under_load(self, switch: SwitchProcess) -> None:
        size = self._size
        warm_up = self._load(
            switch,
            LINKS,
            club.TERMINALS,
            in_flight=IN_FLIGHT,
            messages=_WARM_UP_MESSAGES,
            warm_up_s=0.0,  # a stage before it could use up all messages
        )
        self._rate_per_s = warm_up.per_s
        links = self._load(switch, LINKS, club.TERMINALS, in_flight=IN_FLIGHT)
        self._rate_per_s = max(self._rate_per_s, links.per_s)
        self._add("links_tps", links.per_s, "transactions/s")
        for terminals in (100, 1_000):
            found = self._load(switch, terminals, terminals, in_flight=1)
            self._add(f"terminals{terminals}_tps", found.per_s, "transactions/s")
        self._watched(switch, 1_000)
        self._add("cpu_us_per_transaction", links.processor_us, "us")
        self._open(switch, f"open{OPEN_RATE_PER_S}", OPEN_RATE_PER_S, size.open_s)
        half_per_s = max(int(links.per_s / 2), 1)
        self._add("open_half_rate", half_per_s, "transactions/s")
        self._open(switch, "open_half", half_per_s, size.measured_s)

    def _watched(self, switch: SwitchProcess, terminals: int) -> None:
        """With a console watching and without, in turns, of which every other one is the other way round."""
        results: dict[bool, list[LoadResult]] = {False: [], True: []}
        events_per_s = []
        token = (self._directory / "feed.token").read_text("ascii")
        for turn in range(self._size.turns):
            for is_watched in (False, True) if turn % 2 else (True, False):
                if is_watched:
                    with Watcher(switch.address("operations"), token) as watcher:
                        found = self._load(switch, terminals, terminals, in_flight=1)
                    events_per_s.append(watcher.events_per_s)
                else:
                    found = self._load(switch, terminals, terminals, in_flight=1)
                results[is_watched].append(found)
        for name, of in (("unwatched", False), ("watched", True)):
            self._add(f"{name}_tps", median(found.per_s for found in results[of]), "transactions/s")
            self._add(f"{name}_cpu_us", median(found.processor_us for found in results[of]), "us")
        self._add("console_events_per_s", median(events_per_s), "events/s")

    def _open(self, switch: SwitchProcess, name: str, rate_per_s: int, open_s: float) -> None:
        found = self._load(switch, LINKS, club.TERMINALS, rate_per_s=rate_per_s, measured_s=open_s)
        if found.latency is not None:
            for percentile, value in found.latency._asdict().items():
                self._add(f"{name}_{percentile}", value, "ms")
        self._add(f"{name}_answered_share", found.answered_share, "share")
        self._add(f"{name}_send_late_p99_ms", found.send_late_p99_ms, "ms")

    def _load(
        self,
        switch: SwitchProcess,
        links: int,
        terminals: int,
        *,
        in_flight: int = 0,
        rate_per_s: int = 0,
        messages: int = 0,
        warm_up_s: float | None = None,
        measured_s: float = 0.0,
    ) -> LoadResult:
        """Run one load and prove what it was answered. Raises BenchFault."""
        size = self._size
        measured_s = measured_s or size.measured_s
        if warm_up_s is None:
            warm_up_s = 0.0 if rate_per_s else size.warm_up_s
        wanted = (rate_per_s or self._rate_per_s * _SPARE) * (warm_up_s + measured_s)
        # An identity has whole seconds in it: no two loads may share one.
        self._transmitted_s = max(self._transmitted_s + 1, int(time.time()))
        self._loads += 1
        answers_file = self._directory / "answers"
        before = switch.count("position")
        result = load(
            LinkLoad(
                address=switch.address("terminals"),
                process_id=switch.process_id,
                processor=self._load_processor,
                transmitted_s=self._transmitted_s,
                seed=self._loads,
                cards=size.cards,
                terminals=terminals,
                links=links,
                in_flight=in_flight,
                rate_per_s=rate_per_s,
                messages=messages or min(int(wanted) + links * IN_FLIGHT, _MESSAGES_MAX),
                warm_up_s=warm_up_s,
                measured_s=measured_s,
                drain_timeout_s=size.drain_timeout_s,
                answers_file=answers_file,
            )
        )
        if result.per_s == 0:
            raise BenchFault(f"a load of {links} links was over before it could be measured")
        after = switch.count("durable_position")
        proof = prove(self._journal, read_answers(answers_file), result, before, after)
        self._proved = Proof(self._proved.entries + proof.entries, self._proved.earnings + proof.earnings)
        return result
