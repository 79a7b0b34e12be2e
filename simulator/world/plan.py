"""What a seed makes of a world: how big it is, and how bad its weather."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from simulator.world.disk import DiskFaults

DAY_MS = 86_400_000


class Sabotage(StrEnum):
    """Ways to break a world on purpose, to see that its checkers notice."""

    NONE = "none"
    REPLY_BEFORE_SYNC = "reply-before-sync"
    SYNC_LIES = "sync-lies"
    FORGET_REQUESTS = "forget-requests"


@dataclass(slots=True)
class Weather:
    """Of the network. Chances are parts of 1,000 for each frame, delays are milliseconds."""

    lost: int = 0
    doubled: int = 0
    overtakes: int = 0
    cut: int = 0
    split: int = 0
    refused: int = 0
    delay_ms_max: int = 20
    long_delay: int = 0
    long_delay_ms_max: int = 20


@dataclass(slots=True)
class Troubles:
    """Of everything else. Chances are parts of 1,000: of each visit for what befalls tills and the switch."""

    till_loses_power: int = 0
    till_loses_power_writing: int = 0
    switch_killed: int = 0
    switch_power_cut: int = 0
    switch_halts_in_a_call: int = 0
    switch_drained: int = 0
    rules_changed: int = 0
    key_changed: int = 0
    card_blocked: int = 0
    clock_jumps: int = 0
    day_passes: int = 0
    outage: int = 0
    print_fails: int = 0


@dataclass(slots=True)
class Plan:
    """Everything that a seed decides before the world begins."""

    seed: int
    steps: int
    tills: int
    registers: int
    members: int
    segment_bytes: int
    sync_ms_max: int
    weather: Weather
    troubles: Troubles
    disk: DiskFaults
    sabotage: Sabotage = Sabotage.NONE


def plan_of(seed: int, steps: int, sabotage: Sabotage = Sabotage.NONE, forgiving: bool = False) -> Plan:
    """The plan of a seed. Each trouble is on in about half of all worlds, and then weak or strong."""
    random = Random(f"plan/{seed}")

    def chance(strongest: int) -> int:
        if random.random() < 0.5:
            return 0
        return max(int(strongest * random.choice((0.1, 0.3, 1.0))), 1)

    weather = Weather(
        lost=chance(60),
        doubled=chance(80),
        overtakes=chance(300),
        cut=chance(50),
        split=chance(400),
        refused=chance(200),
        delay_ms_max=random.choice((2, 30, 400)),
        long_delay=chance(150),
        long_delay_ms_max=random.choice((3_000, 20_000)),
    )
    troubles = Troubles(
        till_loses_power=chance(80),
        till_loses_power_writing=chance(120),
        switch_killed=chance(60),
        switch_power_cut=chance(60),
        switch_halts_in_a_call=chance(100),
        switch_drained=chance(40),
        rules_changed=chance(60),
        key_changed=chance(60),
        card_blocked=chance(80),
        clock_jumps=chance(80),
        day_passes=chance(40),
        outage=chance(40),
        print_fails=chance(100),
    )
    disk = DiskFaults(
        write_fails=chance(200),
        write_is_short=chance(3_000),
        no_space=chance(150),
        sync_fails=chance(300),
        lies=sabotage is Sabotage.SYNC_LIES,
        forgiving=forgiving,
    )
    return Plan(
        seed=seed,
        steps=steps,
        tills=random.randint(1, 3),
        registers=random.randint(1, 3),
        members=random.randint(2, 5),
        segment_bytes=random.choice((4_096, 16_384, 1 << 20)),
        sync_ms_max=random.choice((1, 20, 300)),
        weather=weather,
        troubles=troubles,
        disk=disk,
        sabotage=sabotage,
    )
