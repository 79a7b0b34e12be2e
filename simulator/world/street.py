"""A whole world of one seed: built, troubled, healed and audited."""

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import NamedTuple

from protocol.message import Message
from simulator.world.agenda import Agenda
from simulator.world.checkers import Audit, Findings
from simulator.world.chronicle import Chronicle
from simulator.world.disk import DiskFaults, SimulatedDisk, Stop
from simulator.world.lane import Concentrator, Lane
from simulator.world.network import Network
from simulator.world.operation import Operation
from simulator.world.plan import DAY_MS, Plan, Sabotage, Weather, plan_of
from simulator.world.rule_book import BOOKS, table_of
from simulator.world.snapshots import Snapshots
from simulator.world.switch_machine import HOST_ID, SwitchMachine
from simulator.world.till import Till
from simulator.world.visits import (
    CREDIT,
    POINTS,
    Cashier,
    Club,
    amount_of,
    card_action,
    member_action,
    members_of,
    terminal_action,
)
from switch.keyring import Keyring

MASTER_KEY = bytes(range(32))
# 2026-11-20T20:00:00Z: half past eleven in Tehran, so that a local day begins soon.
EPOCH_MS = 1_795_204_800_000
# The switch takes no time that is more than a day ahead.
_CLOCK_OFF_S_MAX = 200_000
_STEP_MS_MAX = 2_500
_ACTIONS_MAX = 400_000
_HEALING_MS_MAX = 40 * 60_000
_HEALING_DAYS_MAX = 3


class Report(NamedTuple):
    """What came of a seed. `violations` is empty where every promise was kept."""

    seed: int
    steps: int
    violations: tuple[str, ...]
    events: tuple[str, ...]
    actions: int
    entries: int
    approved: int
    reversals: int
    starts: int
    disk_calls: int
    disk_failures: int
    torn_tails: int
    simulated_s: int
    took_ms: int
    digest: str
    history: str


class Street:
    """Tills, registers, the club's host, one switch and its disk."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.agenda = Agenda()
        self.chronicle = Chronicle(lambda: self.agenda.now_ms)
        self._leapt_ms = 0
        self._random = self._stream("street")
        self.network = Network(self.agenda, self._stream("network"), Weather(), self.chronicle.tell)
        self.disk = SimulatedDisk(self._stream("disk"), _calm(plan.disk), self.chronicle.tell)
        self.switch = SwitchMachine(
            agenda=self.agenda,
            random=self._stream("switch"),
            chronicle=self.chronicle,
            disk=self.disk,
            keyring=Keyring(MASTER_KEY),
            rules=table_of(self._random.choice(BOOKS)),
            epoch_ms=self.epoch_ms,
            segment_bytes=plan.segment_bytes,
            sync_ms_max=plan.sync_ms_max,
            sabotage=plan.sabotage,
            snapshots=Snapshots(self._stream("snapshots"), self.disk, self.chronicle, self.epoch_ms),
        )
        self.network.listener = self.switch
        self.members = members_of(plan.members)
        self.tills = [self._till(number) for number in range(plan.tills)]
        self.lanes = [
            self._lane(f"R{number:07d}", f"SHOP{number % 2}", number) for number in range(plan.registers)
        ]
        self.host = self._lane(HOST_ID, "", 99)
        self.cashiers = [Cashier(lane, self.members, self._random) for lane in self.lanes]
        self.club = Club(self.host, self.members, "SHOP0", self._random)
        self._generations: dict[str, int] = {}

    # Time

    def epoch_ms(self) -> int:
        """The true time, which is the switch's: epoch milliseconds."""
        return EPOCH_MS + self.agenda.now_ms + self._leapt_ms

    def epoch_s(self) -> int:
        """The same in seconds."""
        return self.epoch_ms() // 1000

    # A life

    def live(self) -> Findings | None:
        """Open, have all visits, heal, audit. None where the switch can't be started any more."""
        self._open()
        self._endure()
        if not self.chronicle.violations:
            self._heal()
        if self.chronicle.violations:
            return None
        self.switch.stop(Stop.KILLED)
        self._run_until(lambda: self.switch.is_running, _HEALING_MS_MAX)
        merchants = {till.terminal_id: till.merchant_id for till in self.tills}
        audit = Audit(self.chronicle, BOOKS, self.switch.shown, merchants)
        return audit.run(self.disk, self.switch.state)

    def _open(self) -> None:
        """Records first, in calm weather; then every till is switched on."""
        self.switch.start()
        Concentrator([self.host], self.agenda, self._random, self.network).connect()
        for member in self.members:
            self.host.request(member_action(member))
            self.host.request(card_action(member, "A"))
        for client in self._clients():
            self.host.request(terminal_action(client.terminal_id, client.merchant_id, 1))
        for member in self.members:
            self.host.request(self.club.gift(member, POINTS, 400))
            self.host.request(self.club.gift(member, CREDIT, 2_000_000))
        self._run_until(lambda: self.host.is_settled, _HEALING_MS_MAX)
        groups = [self.lanes] if self._random.random() < 0.5 else [[lane] for lane in self.lanes]
        for group in groups:
            Concentrator(group, self.agenda, self._random, self.network).connect()
        for till in self.tills:
            till.switch_on()
        self.network.weather = self.plan.weather
        self.disk.faults = self.plan.disk
        for till in self.tills:
            till.print_fails = self.plan.troubles.print_fails

    def _endure(self) -> None:
        for _ in range(self.plan.steps):
            if self.chronicle.violations:
                return
            until_ms = self.agenda.now_ms + self._random.randint(0, _STEP_MS_MAX)
            self._run_until(lambda: False, until_ms - self.agenda.now_ms)
            self._trouble()
            self._visit()

    def _heal(self) -> None:
        """No more trouble: everything that is open must come to an end."""
        self.chronicle.tell("the weather clears")
        self.network.weather = Weather()
        self.network.is_out = False
        self.disk.faults = _calm(self.plan.disk)
        for till in self.tills:
            till.flash.fuel = None
            till.print_fails = 0
            till.skew_s = 0
            if not till.is_on:
                till.switch_on()
        for lane in self.lanes:
            lane.skew_s = 0
        for _ in range(_HEALING_DAYS_MAX):
            # Whoever's clock was ahead of the switch's by more than a day is refused until that day has come.
            if self._run_until(self._is_settled, _HEALING_MS_MAX) or self.chronicle.violations:
                break
            self._leapt_ms += DAY_MS
        if not self._is_settled() and not self.chronicle.violations:
            open_ones = [till.terminal_id for till in self.tills if not till.is_settled] + [
                lane.terminal_id for lane in (*self.lanes, self.host) if not lane.is_settled
            ]
            self.chronicle.violate(f"still open long after the network has healed: {', '.join(open_ones)}")
        self._run_until(lambda: False, 150_000)
        self._run_until(self._is_settled, _HEALING_MS_MAX)

    def _is_settled(self) -> bool:
        return (
            self.switch.is_running
            and all(till.is_settled for till in self.tills)
            and all(lane.is_settled for lane in (*self.lanes, self.host))
        )

    def _run_until(self, reached: Callable[[], bool], within_ms: int) -> bool:
        """Let time pass until something holds; False where it doesn't in time."""
        until_ms = self.agenda.now_ms + within_ms
        passed = False

        def end() -> None:
            nonlocal passed
            passed = True

        appointment = self.agenda.after(within_ms, end)
        while not reached():
            if self.chronicle.violations or passed or self.agenda.done > _ACTIONS_MAX:
                return reached()
            if not self.agenda.step():
                return reached()
        appointment.cancel()
        return self.agenda.now_ms <= until_ms

    # What happens

    def _visit(self) -> None:
        choice = self._random.randrange(10)
        if choice == 0:
            self.club.visit()
        elif choice < 5:
            self._random.choice(self.cashiers).visit()
        else:
            kind = self._random.choice(("purchase", "purchase", "purchase", "redemption", "balance"))
            member = self._random.choice(self.members)
            self._random.choice(self.tills).visit(kind, member.card.track2, amount_of(self._random))

    def _trouble(self) -> None:
        troubles, random = self.plan.troubles, self._random

        def befalls(chance: int) -> bool:
            return random.randrange(1000) < chance

        till = random.choice(self.tills)
        if befalls(troubles.till_loses_power) and till.is_on:
            till.switch_off()
        if befalls(troubles.till_loses_power_writing):
            till.flash.fuel = random.randint(0, 900)
        for each in self.tills:
            if not each.is_on and random.random() < 0.3:
                each.switch_on()
        self._trouble_switch(befalls)
        if befalls(troubles.outage):
            self.network.is_out = True
            self.chronicle.tell("the network is out")
            self.agenda.after(random.randint(100, 60_000), self._network_returns)
        if befalls(troubles.clock_jumps):
            client = random.choice(self._clients())
            client.skew_s = random.choice(
                (0, random.randint(-_CLOCK_OFF_S_MAX, _CLOCK_OFF_S_MAX), random.randint(-60, 60))
            )
            self.chronicle.tell(f"clock of {client.terminal_id} is off by {client.skew_s} s")
        if befalls(troubles.day_passes):
            self._leapt_ms += random.randint(1, 3) * DAY_MS // 2
            self.chronicle.tell("days pass")
        if befalls(troubles.card_blocked) and self.host.is_settled:
            self.host.request(card_action(random.choice(self.members), random.choice("AB")))
        if befalls(troubles.key_changed) and self.host.is_settled:
            self._change_key(random.choice(self._clients()))

    def _trouble_switch(self, befalls: Callable[[int], bool]) -> None:
        troubles, random = self.plan.troubles, self._random
        if befalls(troubles.rules_changed):
            self.switch.rules = table_of(random.choice(BOOKS))
            self.switch.drain()
        if not self.switch.is_running:
            return
        if befalls(troubles.switch_halts_in_a_call):
            how = random.choice((Stop.KILLED, Stop.POWER_CUT))
            self.disk.halt_within(random.randint(0, 12), how)
        if befalls(troubles.switch_killed):
            self.switch.stop(Stop.KILLED)
        elif befalls(troubles.switch_power_cut):
            self.switch.stop(Stop.POWER_CUT)
        elif befalls(troubles.switch_drained):
            self.switch.drain()

    def _network_returns(self) -> None:
        self.network.is_out = False
        self.chronicle.tell("the network is back")

    def _change_key(self, client: Till | Lane) -> None:
        """The host says the new generation first; somebody types it in at the terminal some time later."""
        generation = self._generations.get(client.terminal_id, 1) + 1
        self._generations[client.terminal_id] = generation
        operation = terminal_action(client.terminal_id, client.merchant_id, generation)

        def done(_: Operation, _reply: Message) -> None:
            self.agenda.after(self._random.randint(0, 20_000), install)

        def install() -> None:
            if generation > client.generation:
                client.set_key(generation)
                self.chronicle.tell(f"{client.terminal_id} has key {generation}")

        operation.done = done
        self.host.request(operation)

    # Parts

    def _clients(self) -> list[Till | Lane]:
        return [*self.tills, *self.lanes]

    def _stream(self, name: str) -> Random:
        return Random(f"{name}/{self.plan.seed}")

    def _till(self, number: int) -> Till:
        return Till(
            f"T{number:07d}",
            f"SHOP{number % 2}",
            agenda=self.agenda,
            random=self._stream(f"till {number}"),
            network=self.network,
            chronicle=self.chronicle,
            epoch_s=self.epoch_s,
            master_key=MASTER_KEY,
        )

    def _lane(self, terminal_id: str, merchant_id: str, number: int) -> Lane:
        return Lane(
            terminal_id,
            merchant_id,
            agenda=self.agenda,
            random=self._stream(f"lane {number}"),
            chronicle=self.chronicle,
            epoch_s=self.epoch_s,
            master_key=MASTER_KEY,
        )


def _calm(faults: DiskFaults) -> DiskFaults:
    """The same disk without failures."""
    return DiskFaults(lies=faults.lies, forgiving=faults.forgiving)


@contextmanager
def _quiet_switch() -> Iterator[None]:
    """A simulated switch has a thousand reasons to warn."""
    logger = logging.getLogger("switch")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def run_seed(seed: int, steps: int, *, sabotage: Sabotage = Sabotage.NONE, forgiving: bool = False) -> Report:
    """Live the world of a seed. An exception in any part of it is a broken promise too."""
    started_ns = time.perf_counter_ns()
    street = Street(plan_of(seed, steps, sabotage, forgiving))
    findings: Findings | None = None
    with _quiet_switch():
        try:
            findings = street.live()
        except Exception:  # whatever it is, the seed must be told
            street.chronicle.violate(traceback.format_exc())
    switch, disk = street.switch, street.disk
    return Report(
        seed=seed,
        steps=steps,
        violations=tuple(street.chronicle.violations),
        events=tuple(street.chronicle.events),
        actions=street.agenda.done,
        entries=findings.entries if findings else 0,
        approved=findings.approved if findings else 0,
        reversals=findings.reversals if findings else 0,
        starts=switch.starts,
        disk_calls=disk.calls,
        disk_failures=disk.failures,
        torn_tails=switch.set_aside,
        simulated_s=street.agenda.now_ms // 1000,
        took_ms=(time.perf_counter_ns() - started_ns) // 1_000_000,
        digest=findings.digest if findings else "",
        history=street.chronicle.digest(),
    )
