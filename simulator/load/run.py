"""A load from its plan to its figures."""

import contextlib
import gc
import random
import resource
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from protocol.security.mac import Mac
from simulator.load.choices import Choices
from simulator.load.engine import Engine, Limits
from simulator.load.figures import Figures, Second
from simulator.load.lanes import Lane
from simulator.load.links import LinkSet, LoadFault
from simulator.load.loading import PlanFault
from simulator.load.moments import Moments
from simulator.load.plan import Cards, LoadPlan, counted
from simulator.load.requests import Terminal, terminal_of
from simulator.scripts.profile import Profile
from switch.metrics.histogram import Histogram

# Beyond these the generator is part of the measurement.
BUSY_SHARE_MAX = 0.9
LATE_P99_MAX_NS = 1_000_000
_SPARE_DESCRIPTORS = 64


class Generator(NamedTuple):
    """The generator's own figures: times in nanoseconds, shares of the elapsed time.

    `late_*` is how late it noticed in open loops what was due; it notices a reply as late. In closed loops
    there is nothing to be late for; `has_users` tells whether there was one.
    `busy_share` is the time in which it had something to do; `processor_share` has its waiting for the next
    moment too, which it spins away.
    """

    late_p50_ns: int
    late_p99_ns: int
    late_max_ns: int
    busy_share: float
    processor_share: float
    has_users: bool

    @property
    def verdict(self) -> str:
        """What it has to say against its own figures; empty where that is nothing."""
        found = []
        if self.has_users and self.busy_share >= BUSY_SHARE_MAX:
            found.append(f"it was busy for {self.busy_share:.0%} of the time")
        if self.late_p99_ns > LATE_P99_MAX_NS:
            found.append(f"it was {self.late_p99_ns / 1e6:.1f} ms late or later in one of 100 turns")
        return " and ".join(found)


class LoadResult(NamedTuple):
    """What came of a load. `stopped` tells why it ended early, empty where it didn't."""

    plan: LoadPlan
    target: str
    figures: Figures
    generator: Generator
    elapsed_ns: int
    losses: int
    stopped: str


class Load:
    """A load of one switch; `run` once. `stop` may be called meanwhile, by a signal too."""

    def __init__(
        self, plan: LoadPlan, profile: Profile, address: tuple[str, int], on_second: Callable[[Second], None]
    ) -> None:
        """Derives all keys. Raises PlanFault where the profile lacks what the plan leaves to it."""
        self._plan = plan
        self._address = address
        self._moment = Moments(time.time, profile.utc_offset_minutes).now
        terminals = terminals_of(plan, profile)
        self._shares = [terminals[number :: plan.link_count] for number in range(plan.link_count)]
        self._choices = Choices(plan, cards_of(plan, profile))
        self._figures = Figures(plan, on_second)
        self._engine: Engine | None = None
        self._stopped = ""

    def stop(self, reason: str) -> None:
        """End it soon, with the figures so far."""
        self._stopped = reason
        if self._engine is not None:
            self._engine.stop(reason)

    def run(self) -> LoadResult:
        """Do it. Raises LoadFault where the switch can't be reached or refuses a sign-on."""
        plan = self._plan
        _raise_descriptor_limit(plan.link_count + _SPARE_DESCRIPTORS)
        lanes = [
            Lane(number, share, self._choices, self._moment) for number, share in enumerate(self._shares)
        ]
        within_ns = plan.answer_within_ms * 1_000_000
        links = LinkSet(*self._address, self._shares, self._moment, reconnects=True)
        with contextlib.closing(links), _no_collections():
            links.open()
            limits = Limits(plan.in_flight, within_ns, within_ns, within_ns)
            engine = Engine(links, lanes, limits, self._figures, burst=plan.burst)
            self._engine = engine
            if self._stopped:
                engine.stop(self._stopped)
            begun_ns, used_ns = time.monotonic_ns(), time.process_time_ns()
            waited_ns = engine.idle_ns
            engine.run(plan.stages, random.Random(plan.seed) if plan.arrivals == "poisson" else None)
            elapsed_ns = max(time.monotonic_ns() - begun_ns, 1)
            idle_ns = engine.idle_ns - waited_ns
            processor_ns = time.process_time_ns() - used_ns
        self._figures.end(engine.unsent)
        late: Histogram = engine.lateness
        generator = Generator(
            min(late.percentile(500), late.greatest),
            min(late.percentile(990), late.greatest),
            late.greatest,
            max(1 - idle_ns / elapsed_ns, 0.0),
            processor_ns / elapsed_ns,
            any(stage.users is not None for stage in plan.stages),
        )
        host, port = self._address
        target = f"{host}:{port}"
        return LoadResult(plan, target, self._figures, generator, elapsed_ns, links.losses, engine.stopped)


def terminals_of(plan: LoadPlan, profile: Profile) -> list[Terminal]:
    """The plan's terminals with their keys. Raises PlanFault."""
    wanted = plan.terminals
    first, merchant = wanted.first or profile.terminal_id, wanted.merchant or profile.merchant_id
    found = []
    for number in range(wanted.count):
        terminal_id = counted(first, number)
        if len(terminal_id) > 8:
            raise PlanFault("plan", [f"terminals: {terminal_id} has more than 8 characters"])
        key = profile.key_of(terminal_id)
        if key is None:
            raise PlanFault("plan", [f"terminals: there is no key of {terminal_id}"])
        merchant_id = counted(merchant, number % wanted.merchants)
        if len(merchant_id) > 15:
            raise PlanFault("plan", [f"terminals: merchant {merchant_id} has more than 15 characters"])
        found.append(terminal_of(number, terminal_id, merchant_id, Mac(key)))
    return found


def cards_of(plan: LoadPlan, profile: Profile) -> list[Cards]:
    """The plan's cards, or the profile's one. Raises PlanFault."""
    if plan.cards:
        return plan.cards
    card = str(profile.variables.get("card", ""))
    if not (12 <= len(card) <= 19 and card.isascii() and card.isdecimal()):
        raise PlanFault("plan", ["cards: there are none; give some, or the profile's variable card"])
    return [Cards(first=card)]


@contextlib.contextmanager
def _no_collections() -> Iterator[None]:
    """Nothing here is cyclic, and a collection in the middle would be measured as the switch's."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _raise_descriptor_limit(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            raise LoadFault(f"the system allows {hard} open files, the load wants {wanted}: see ulimit -n")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
