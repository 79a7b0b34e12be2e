"""Written rules as rules of the table."""

from collections.abc import Sequence
from typing import Final, cast

from switch.rules.compiler.agreement import check_agreement
from switch.rules.compiler.conditions import ConditionCompiler
from switch.rules.compiler.dates import day_ordinal, minute_of, moment_s
from switch.rules.compiler.effects import compiled_effect
from switch.rules.compiler.faults import FaultSink
from switch.rules.compiler.logic import all_of
from switch.rules.compiler.names import Names
from switch.rules.compiler.programme import compiled_cap
from switch.rules.conditions import Condition, Operator, TextTest
from switch.rules.facts import TextDimension
from switch.rules.outcome import ReturnPolicy
from switch.rules.schema.rule import Rule, Schedule, Scope
from switch.rules.schema.values import WEEKDAYS
from switch.rules.table import (
    ALWAYS_FROM_S,
    FOREVER_UNTIL_S,
    Basis,
    BasisOf,
    Kind,
    Phase,
    TableRule,
    TimeWindow,
)

_KINDS: Final = {kind.name.lower(): kind for kind in Kind}
_RETURNS: Final = {policy.name.lower(): policy for policy in ReturnPolicy}
_BASES: Final = {of.name.lower(): of for of in BasisOf}
_DAY_BITS: Final = {day: 1 << index for index, day in enumerate(WEEKDAYS)}
# What rules share that name no place; others may be as empty.
_NO_SCOPE: Final = cast(Scope, Rule.model_fields["scope"].default)


class RuleCompiler:
    """Compiles the rules of one document, telling of everything that is wrong with them."""

    def __init__(self, names: Names, conditions: ConditionCompiler) -> None:
        self.names = names
        self.conditions = conditions

    def compiled(self, rule: Rule, faults: FaultSink) -> TableRule:
        """The rule of the table; of no use where `faults` got any."""
        names = self.names
        check_agreement(rule, faults)
        stacking, gate, reversal = rule.stacking, rule.gate, rule.reversal
        if stacking.excludes:
            names.known_rules(stacking.excludes, "stacking.excludes", faults)
        if stacking.requires:
            names.known_rules(stacking.requires, "stacking.requires", faults)
        schedule = rule.schedule
        valid_from_s, valid_until_s = self._validity(schedule, faults)
        return TableRule(
            rule.rule_id,
            rule.version,
            _KINDS[rule.kind],
            _phase(rule),
            rule.priority,
            tuple(sorted(rule.triggers)),
            rule.name.fa,
            rule.name.en,
            rule.member_text.fa,
            rule.member_text.en,
            valid_from_s,
            valid_until_s,
            _windows(schedule),
            _blackout(schedule, faults) if schedule.blackout else (),
            self._condition(rule, faults),
            names.mask("agreement", gate.agreements, "gate.agreements", faults) | names.needed_by(rule),
            tuple(sorted(set(gate.member_status))),
            self._basis(rule),
            tuple(
                [
                    compiled_effect(effect, f"effects.{index}", names, faults)
                    for index, effect in enumerate(rule.effects)
                ]
            ),
            tuple([compiled_cap(f"{rule.rule_id}/{index}", cap) for index, cap in enumerate(rule.caps)]),
            names.budget(rule.budget, "budget", faults) if rule.budget is not None else None,
            names.group(stacking.group, "stacking.group", faults),
            tuple(sorted(set(stacking.excludes))),
            tuple(sorted(set(stacking.requires))),
            stacking.stop_after,
            _RETURNS[reversal.on_return],
            reversal.allow_negative,
            reversal.restore_budget,
        )

    def _condition(self, rule: Rule, faults: FaultSink) -> Condition:
        when = self.conditions.condition(rule.when, "when", faults)
        scope = rule.scope
        if scope is _NO_SCOPE:
            return when
        parts: list[Condition] = [
            TextTest(dimension, Operator.IN, tuple(sorted(set(places))))
            for dimension, places in _places(scope)
            if places
        ]
        return all_of([*parts, when])

    def _validity(self, schedule: Schedule, faults: FaultSink) -> tuple[int, int]:
        start_s, end_s = ALWAYS_FROM_S, FOREVER_UNTIL_S
        if schedule.from_ is not None:
            start_s = _moment(schedule.from_, self.names.zone, "schedule.from", faults, is_end=False)
        if schedule.to is not None:
            end_s = _moment(schedule.to, self.names.zone, "schedule.to", faults, is_end=True)
            if end_s <= start_s:
                faults.add("schedule", "it ends before it begins")
        return start_s, end_s

    def _basis(self, rule: Rule) -> Basis:
        of, _, metric = rule.basis_of.partition(":")
        select = self.conditions.selections
        return Basis(_BASES[of], metric, select(rule.basis.include), select(rule.basis.exclude))


def _phase(rule: Rule) -> Phase:
    if rule.kind == "gift" or rule.stacking.phase == "bonus":
        return Phase.BONUS
    return Phase.MULTIPLIER if rule.kind == "earn" and rule.is_multiplier else Phase.BASE


def _places(scope: Scope) -> Sequence[tuple[TextDimension, tuple[str, ...]]]:
    return (
        (TextDimension.MERCHANT, scope.merchants),
        (TextDimension.BRANCH, scope.branches),
        (TextDimension.TERMINAL, scope.terminals),
        (TextDimension.GUILD, scope.guilds),
        (TextDimension.SECTOR, scope.sectors),
        (TextDimension.CITY, scope.cities),
        (TextDimension.ORGANISATION, scope.organisations),
        (TextDimension.CARD_TYPE, scope.card_types),
        (TextDimension.CHANNEL, scope.channels),
    )


def _moment(text: str, zone: str, path: str, faults: FaultSink, *, is_end: bool) -> int:
    try:
        return moment_s(text, zone, is_end=is_end)
    except ValueError as error:
        faults.add(path, str(error))
        return FOREVER_UNTIL_S if is_end else ALWAYS_FROM_S


def _windows(schedule: Schedule) -> tuple[TimeWindow, ...]:
    return tuple(
        TimeWindow(
            sum({_DAY_BITS[day] for day in window.days}), minute_of(window.from_), minute_of(window.to)
        )
        for window in schedule.windows
    )


def _blackout(schedule: Schedule, faults: FaultSink) -> tuple[tuple[int, int], ...]:
    ranges = []
    for index, written in enumerate(schedule.blackout):
        first, _, last = written.partition("..")
        try:
            days = (day_ordinal(first), day_ordinal(last or first))
        except ValueError as error:
            faults.add(f"schedule.blackout.{index}", str(error))
            continue
        if days[1] < days[0]:
            faults.add(f"schedule.blackout.{index}", "it ends before it begins")
        ranges.append(days)
    return tuple(sorted(set(ranges)))
