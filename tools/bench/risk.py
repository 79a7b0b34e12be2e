"""How much of planted fraud the limits of the handbook catch, how much of what they tell is right, and what
counting costs.

A month of a club's traffic (`risk_traffic`) goes through the very counters of the risk service. An episode is
caught when the limit meant for its kind raises an alert that names its member or terminal while it goes on;
such an alert is right, and so is one of any limit that names an episode of another kind. `us_per_transaction`
is the processor time of counting alone, under all limits, without a database. Two seeds, summed up.
"""

import time
from dataclasses import dataclass
from typing import Final, NamedTuple

from host_api.services.risk.counting.measures import RiskMeasure, RiskPer
from host_api.services.risk.counting.sight import Sight, subject_of
from host_api.services.risk.counting.window import Counter, LimitRule, count, counts
from tools.bench.measure import Report, Result, machine
from tools.bench.risk_traffic import (
    BURNT_AT_ONCE,
    CLONED_CARD,
    KINDS,
    NIGHT_SALES,
    OWN_CARD,
    REFUND_LOOP,
    STOLEN_CARD,
    Episode,
    Traffic,
    traffic,
)

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS
_NS_PER_US: Final = 1_000

# As the page about risk suggests them to begin with.
LIMITS: Final = {
    REFUND_LOOP: LimitRule(1, RiskMeasure.QUICK_RETURNS, RiskPer.MEMBER, _DAY_MS, 2, quick_ms=_HOUR_MS),
    OWN_CARD: LimitRule(2, RiskMeasure.SALES, RiskPer.MEMBER_AT_TERMINAL, _DAY_MS, 6),
    STOLEN_CARD: LimitRule(3, RiskMeasure.SALES, RiskPer.CARD, _HOUR_MS, 5),
    CLONED_CARD: LimitRule(4, RiskMeasure.FAR_HOPS, RiskPer.CARD, 6 * _HOUR_MS, 0, speed_kmh=250),
    NIGHT_SALES: LimitRule(
        5, RiskMeasure.SALES, RiskPer.TERMINAL, 6 * _HOUR_MS, 3, from_minute=0, until_minute=300
    ),
    BURNT_AT_ONCE: LimitRule(6, RiskMeasure.REDEMPTIONS, RiskPer.MEMBER, _DAY_MS, 3),
}


class Size(NamedTuple):
    """How much is simulated."""

    members: int
    days: int
    episodes_of_each: int
    seeds: int


FULL: Final = Size(members=10_000, days=30, episodes_of_each=60, seeds=2)
QUICK: Final = Size(members=2_000, days=30, episodes_of_each=20, seeds=1)


@dataclass
class Tally:
    """Alerts of one limit and episodes of its kind."""

    alerts: int = 0
    right: int = 0
    episodes: int = 0
    caught: int = 0

    @property
    def precision(self) -> float:
        """Percent of the alerts that were right."""
        return 100 * self.right / self.alerts if self.alerts else 100.0

    @property
    def recall(self) -> float:
        """Percent of the episodes that were caught."""
        return 100 * self.caught / self.episodes if self.episodes else 100.0


class Alert(NamedTuple):
    """What a limit told."""

    kind: str
    sight: Sight


def run(*, quick: bool) -> Report:
    """All figures."""
    size = QUICK if quick else FULL
    tallies = {kind: Tally() for kind in KINDS}
    spent_ns = transactions = 0
    for seed in range(size.seeds):
        made = traffic(seed, members=size.members, days=size.days, episodes_of_each=size.episodes_of_each)
        began_ns = time.process_time_ns()
        alerts = alerts_of(made)
        spent_ns += time.process_time_ns() - began_ns
        transactions += len(made.sights)
        judge(made, alerts, tallies)
    together = Tally(
        sum(each.alerts for each in tallies.values()),
        sum(each.right for each in tallies.values()),
        sum(each.episodes for each in tallies.values()),
        sum(each.caught for each in tallies.values()),
    )
    results = [
        Result("us_per_transaction", spent_ns / _NS_PER_US / transactions, "µs"),
        Result("transactions", transactions, "sales and returns"),
    ]
    for name, tally in (*tallies.items(), ("all", together)):
        results += [
            Result(f"{name}.episodes", tally.episodes, "episodes"),
            Result(f"{name}.alerts", tally.alerts, "alerts"),
            Result(f"{name}.precision", tally.precision, "%"),
            Result(f"{name}.recall", tally.recall, "%"),
        ]
    return Report("risk", machine(), results)


def alerts_of(made: Traffic) -> list[Alert]:
    """What the limits tell; within a window one alert of a subject, as in the service."""
    counters: dict[tuple[int, str], Counter] = {}
    found: list[Alert] = []
    for sight in made.sights:
        for kind, rule in LIMITS.items():
            subject = subject_of(rule.per, sight) if counts(rule, sight) else None
            if subject is None:
                continue
            counter = counters.setdefault((rule.id, subject), Counter())
            if count(rule, counter, sight) is not None and sight.at_ms >= counter.quiet_until_ms:
                counter.quiet_until_ms = sight.at_ms + rule.window_ms
                found.append(Alert(kind, sight))
    return found


def judge(made: Traffic, alerts: list[Alert], tallies: dict[str, Tally]) -> None:
    """Hold alerts against episodes."""
    by_member: dict[int, list[Episode]] = {}
    by_terminal: dict[str, list[Episode]] = {}
    for episode in made.episodes:
        by_member.setdefault(episode.member_id, []).append(episode)
        by_terminal.setdefault(episode.terminal_id, []).append(episode)
    caught: set[Episode] = set()
    for alert in alerts:
        near = by_terminal.get(alert.sight.terminal_id or "", []) if alert.kind == NIGHT_SALES else []
        near = [*near, *by_member.get(alert.sight.member_id or 0, [])]
        named = [one for one in near if one.begin_ms <= alert.sight.at_ms <= one.end_ms]
        tallies[alert.kind].alerts += 1
        tallies[alert.kind].right += bool(named)
        caught.update(one for one in named if one.kind == alert.kind)
    for episode in made.episodes:
        tallies[episode.kind].episodes += 1
        tallies[episode.kind].caught += episode in caught
