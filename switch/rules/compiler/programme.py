"""The part of the table that all rules share: programme, groups, budgets, limits, declared counters."""

from collections import Counter
from typing import Final, NamedTuple

from switch.rules.caps import Cap, CapOf, CapPer, CapWindow, Limit, WindowKind
from switch.rules.compiler.conditions import ConditionCompiler
from switch.rules.compiler.faults import FaultSink
from switch.rules.compiler.names import Names
from switch.rules.outcome import Party
from switch.rules.purses import Purse, PurseUnit
from switch.rules.schema.document import BudgetSpec, Head, LimitSpec
from switch.rules.schema.rule import DEFAULT_GROUP, CapSpec
from switch.rules.table import (
    Budget,
    Calendar,
    CounterOf,
    DeclaredCounter,
    Funder,
    OnEmpty,
    Programme,
    StackGroup,
    StackMode,
    Tier,
)

_PARTIES: Final = {"programme": Party.PROGRAMME, "merchant": Party.MERCHANT, "partner": Party.PARTNER}
_CAP_OF: Final = {
    "units": CapOf.UNITS,
    "uses": CapOf.USES,
    "amount": CapOf.AMOUNT,
    "liability": CapOf.LIABILITY,
}
_CAP_PER: Final = {per.name.lower(): per for per in CapPer}
_WINDOWS: Final = {kind.name.lower(): CapWindow(kind, 0) for kind in WindowKind if kind != WindowKind.ROLLING}
# A cap per transaction keeps no counter; its window says nothing.
_NO_WINDOW: Final = CapWindow(WindowKind.LIFETIME, 0)


class Shared(NamedTuple):
    """Everything of a table but its rules."""

    programme: Programme
    groups: tuple[StackGroup, ...]
    budgets: tuple[Budget, ...]
    limits: tuple[Limit, ...]
    counters: tuple[DeclaredCounter, ...]


def compiled_shared(names: Names, conditions: ConditionCompiler, faults: FaultSink) -> Shared:
    """What the document declares for all its rules."""
    head = names.head
    _check_repeats(head, faults)
    needed = head.agreements_needed
    names.mask("agreement", needed.earn, "agreements_needed.earn", faults)
    names.mask("agreement", needed.spend, "agreements_needed.spend", faults)
    tiers = head.tiers
    programme = Programme(
        head.programme,
        head.time_zone,
        Calendar[head.calendar.upper()],
        tuple(sorted(_purses(head))),
        _by_bit("segments", head.segments, faults),
        _by_bit("agreements", head.agreements, faults),
        names.purse(tiers.purse, "tiers.purse", faults) if tiers else 0,
        tuple(Tier(level.name, level.from_) for level in tiers.levels) if tiers else (),
        head.return_days,
        head.hold_minutes,
    )
    groups = (
        StackGroup(DEFAULT_GROUP, StackMode.SUM),
        *(StackGroup(group.name, StackMode[group.mode.upper()]) for group in head.groups),
    )
    counters = []
    for index, counter in enumerate(head.counters):
        of, _, metric = counter.of.partition(":")
        counters.append(
            DeclaredCounter(
                counter.id,
                f"counter:{counter.id}",
                CounterOf[of.upper()],
                metric,
                _CAP_PER[counter.per],
                compiled_window(counter.window),
                conditions.condition(counter.when, f"counters.{index}.when", faults),
            )
        )
    limits = tuple(_limit(limit, index, names, faults) for index, limit in enumerate(head.limits))
    return Shared(programme, groups, tuple(map(_budget, head.budgets)), limits, tuple(counters))


def compiled_cap(counter: str, written: CapSpec | LimitSpec) -> Cap:
    """A cap or limit under the name of its counters."""
    return Cap(
        counter,
        _CAP_OF[written.of],
        _CAP_PER[written.per],
        compiled_window(written.window),
        written.limit,
        written.on_hit == "clip",
    )


def compiled_window(written: str | None) -> CapWindow:
    """The window of a cap or counter; none for a cap per transaction."""
    if written is None:
        return _NO_WINDOW
    window = _WINDOWS.get(written)
    return window or CapWindow(WindowKind.ROLLING, int(written.removeprefix("rolling:P")[:-1]))


def _purses(head: Head) -> list[Purse]:
    return [
        Purse(
            purse.code,
            purse.name,
            purse.title.fa,
            purse.title.en,
            PurseUnit[purse.unit.upper()],
            purse.currency,
            purse.value.give,
            purse.value.per,
            purse.overdraft_max,
            purse.return_may_overdraw,
            purse.pooled,
            purse.transferable,
            purse.inactivity_days,
            purse.restore_grace_days,
        )
        for purse in head.purses
    ]


def _limit(written: LimitSpec, index: int, names: Names, faults: FaultSink) -> Limit:
    purse = names.purse(written.purse, f"limits.{index}.purse", faults)
    return Limit(purse, compiled_cap(f"limit:{written.purse}/{index}", written))


def _budget(written: BudgetSpec) -> Budget:
    return Budget(
        written.id,
        f"budget:{written.id}",
        written.amount,
        written.unit == "rial",
        OnEmpty[written.on_empty.upper()],
        tuple(
            Funder(_PARTIES[funder.party], funder.number or 0, funder.share) for funder in written.funded_by
        ),
    )


def _by_bit(section: str, bits: dict[str, int], faults: FaultSink) -> tuple[tuple[str, int], ...]:
    if len(set(bits.values())) != len(bits):
        faults.add(section, "two names have the same bit")
    return tuple(sorted(bits.items(), key=lambda pair: pair[1]))


def _check_repeats(head: Head, faults: FaultSink) -> None:
    for section, names in (
        ("purses", [purse.name for purse in head.purses]),
        ("purses", [f"with code {purse.code}" for purse in head.purses]),
        ("groups", [DEFAULT_GROUP, *(group.name for group in head.groups)]),
        ("budgets", [budget.id for budget in head.budgets]),
        ("counters", [counter.id for counter in head.counters]),
    ):
        for name in sorted(name for name, times in Counter(names).items() if times > 1):
            faults.add(section, f"{section[:-1]} {name} stands twice")
