"""Rules and effects made ready: what doesn't depend on the request is worked out here, once."""

from collections.abc import Sequence
from enum import IntEnum

from switch.rules.caps import Cap, CapOf
from switch.rules.conditions import Condition, NumberSource, NumberTest, TextTest
from switch.rules.evaluator.amounts import (
    Amount,
    BasisReader,
    basis_reader,
    bounded,
    level_amount,
    raw_amount,
)
from switch.rules.evaluator.matching import (
    Check,
    agreements_check,
    all_of,
    blackout_check,
    condition_check,
    flat,
    status_check,
    tests_of,
    trigger_check,
    validity_check,
    window_check,
)
from switch.rules.evaluator.traces import Verdict, Wording
from switch.rules.facts import NumberDimension
from switch.rules.outcome import NEVER_S, EffectType, Party
from switch.rules.purses import Purse
from switch.rules.table import (
    ALWAYS_FROM_S,
    FOREVER_UNTIL_S,
    BasisOf,
    Budget,
    CalcMode,
    Effect,
    ExpiryModel,
    Kind,
    PendingKind,
    Phase,
    RuleTable,
    StackMode,
    TableRule,
)


class Stage(IntEnum):
    """When a rule is looked at, in this order. A conversion has only GATES and CONVERSION."""

    GATES = 0
    DISCOUNTS = 1
    BURN = 2
    CONVERSION = 3
    BASE = 4
    MULTIPLIER = 5
    BONUS = 6


_STAGES = {
    Kind.GATE: Stage.GATES,
    Kind.DISCOUNT: Stage.DISCOUNTS,
    Kind.BURN: Stage.BURN,
    Kind.CONVERT: Stage.CONVERSION,
    Kind.GIFT: Stage.BONUS,
}
_PHASES = {Phase.BASE: Stage.BASE, Phase.MULTIPLIER: Stage.MULTIPLIER, Phase.BONUS: Stage.BONUS}
_EARNING = frozenset((EffectType.EARN, EffectType.ITEM, EffectType.VOUCHER, EffectType.TICKET))
_GRANTING = {
    Kind.DISCOUNT: frozenset((EffectType.DISCOUNT,)),
    Kind.BURN: frozenset((EffectType.TENDER,)),
    Kind.CONVERT: frozenset((EffectType.CONVERT,)),
    Kind.EARN: _EARNING,
    Kind.GIFT: _EARNING,
}
_HOLDERS = frozenset((Party.MEMBER, Party.HOUSEHOLD, Party.GIFT_CARD))  # whose purses have lots
_DAY_FACTS = frozenset(
    (
        NumberDimension.DATE,
        NumberDimension.WEEKDAY,
        NumberDimension.MONTH,
        NumberDimension.DAY,
        NumberDimension.JALALI_DATE,
        NumberDimension.JALALI_MONTH,
        NumberDimension.JALALI_DAY,
    )
)
_LATE = (CapOf.UNITS, CapOf.LIABILITY)
_AT_ONCE_FOR_EVER = (0, NEVER_S)


class CompiledEffect:
    """One effect. `purse` is None where units are minor units of the bill (discounts).

    `amount` is for a basis above 0, `raw` the same before minimum and maximum; `levels` are the amounts of
    introducers, who get it instead where there are any. `is_plain`: it is for the member and depends on the
    basis alone; `is_bounded`: a cap, a limit or a budget may cut it. `head` and `tail` are the first and last
    fields of its grants, `title` what members call the purse. `fixed_terms` are available-from and expiry
    where these don't depend on the day.
    """

    __slots__ = (
        "amount",
        "effect",
        "ends_at_s",
        "fixed_terms",
        "head",
        "is_bounded",
        "is_multiplier",
        "is_plain",
        "levels",
        "limits",
        "party",
        "purse",
        "raw",
        "tail",
        "terms_by_day",
        "title",
    )

    def __init__(self, rule: TableRule, index: int, table: RuleTable) -> None:
        effect = rule.effects[index]
        is_discount = effect.type == EffectType.DISCOUNT
        code = 0 if is_discount else effect.target if effect.type == EffectType.CONVERT else effect.purse
        self.effect = effect
        self.purse: Purse | None = table.purses.get(code)
        self.party = Party.MEMBER if is_discount or effect.levels else effect.to
        self.title = Wording("تخفیف", "discount") if is_discount else title_of(code, table)
        self.is_multiplier = effect.mode == CalcMode.MULTIPLIER
        self.raw: Amount = raw_amount(effect)
        self.amount: Amount = bounded(self.raw, effect.minimum, effect.maximum)
        self.levels: tuple[Amount, ...] = tuple(
            bounded(level_amount(level, effect.rounding), effect.minimum, effect.maximum)
            for level in (() if is_discount else effect.levels)
        )
        self.limits: tuple[Cap, ...] = (
            tuple(limit.cap for limit in table.limits if limit.purse == code)
            if self.party in _HOLDERS and rule.kind in (Kind.EARN, Kind.GIFT)
            else ()
        )
        self.is_plain = self.party == Party.MEMBER and not (self.levels or self.is_multiplier)
        self.is_bounded = bool(self.limits) or rule.budget is not None or _has_late_caps(rule)
        self.ends_at_s = effect.expiry.until_s if effect.expiry.model == ExpiryModel.FIXED else NEVER_S
        self.head = (rule.rule_id, rule.version, index, effect.type, code)
        self.tail = (effect.reference, rule.on_return, rule.allow_negative, rule.restore_budget)
        self.fixed_terms = self._fixed_terms(effect, is_discount)
        self.terms_by_day: dict[int, tuple[int, int]] = {}

    def _fixed_terms(self, effect: Effect, is_discount: bool) -> tuple[int, int] | None:
        if is_discount or self.party not in _HOLDERS:
            return _AT_ONCE_FOR_EVER
        if effect.pending == PendingKind.AFTER or effect.expiry.model == ExpiryModel.ROLLING:
            return None
        return (0 if effect.pending == PendingKind.NONE else NEVER_S), self.ends_at_s


class CompiledRule:
    """One rule. `position` is its place in evaluation order, stage by stage.

    `checks` are all its tests in the order in which an explanation names them. The index needs them apart:
    those of texts alone (`text_parts`), of the time (`time_parts`) and of the rest (`other_parts`).
    `competes`: only the best of its group counts. `is_linked`: excludes, requires, stop_after, costs, or
    named by such a rule. `early_caps` are looked at before anything is computed, `late_caps` when something
    is granted.
    """

    __slots__ = (
        "basis",
        "budget",
        "checks",
        "competes",
        "cost_effects",
        "costs",
        "early_caps",
        "effects",
        "group",
        "is_linked",
        "late_caps",
        "member_texts",
        "mode",
        "other_parts",
        "parts",
        "position",
        "rule",
        "rule_id",
        "stage",
        "text_parts",
        "time_key",
        "time_parts",
    )

    def __init__(self, rule: TableRule, position: int, table: RuleTable, named: frozenset[str]) -> None:
        self.rule = rule
        self.rule_id = rule.rule_id
        self.position = position
        self.stage = stage_of(rule)
        basis = rule.basis
        if rule.kind == Kind.DISCOUNT and basis.of == BasisOf.NET_AFTER_BURN:
            basis = basis._replace(of=BasisOf.AMOUNT)  # nothing has been burnt yet
        self.basis: BasisReader = basis_reader(basis)
        self.early_caps = tuple(cap for cap in rule.caps if cap.of in (CapOf.USES, CapOf.AMOUNT))
        self.late_caps = tuple(cap for cap in rule.caps if cap.of in _LATE)
        self.budget: Budget | None = None if rule.budget is None else table.budgets[rule.budget]
        granting = _GRANTING.get(rule.kind, frozenset())
        self.effects = tuple(
            CompiledEffect(rule, index, table)
            for index, effect in enumerate(rule.effects)
            if effect.type in granting
        )
        costs_something = rule.kind in (Kind.DISCOUNT, Kind.GIFT)
        self.cost_effects: tuple[tuple[int, Effect], ...] = tuple(
            (index, effect)
            for index, effect in enumerate(rule.effects)
            if costs_something and effect.type == EffectType.COST
        )
        self.costs = _sums(self.cost_effects, table)
        self.group = rule.group
        self.mode = table.groups[rule.group].mode if rule.group < len(table.groups) else StackMode.SUM
        self.competes = self.mode != StackMode.SUM
        self.is_linked = bool(
            rule.excludes or rule.requires or rule.stop_after or self.costs or rule.rule_id in named
        )
        text = (rule.member_text_fa, rule.member_text_en)
        self.member_texts = () if text == ("", "") else (text,)
        self._split(table)

    def _split(self, table: RuleTable) -> None:
        rule = self.rule
        self.parts: tuple[Condition, ...] = tuple(flat(rule.condition))
        texts: list[Check] = []
        others: list[Check] = []
        times: list[Check] = []
        time_tests: list[NumberTest] = []
        checks: list[tuple[Verdict, Check]] = [(Verdict.NOT_TRIGGERED, trigger_check(rule))]
        if rule.valid_from_s > ALWAYS_FROM_S or rule.valid_until_s < FOREVER_UNTIL_S:
            times.append(validity_check(rule))
            checks.append((Verdict.NOT_VALID, times[-1]))
        if rule.windows:
            times.append(window_check(rule.windows))
            checks.append((Verdict.OUT_OF_WINDOW, times[-1]))
        if rule.blackout:
            times.append(blackout_check(rule.blackout))
            checks.append((Verdict.OUT_OF_WINDOW, times[-1]))
        if rule.agreements:
            others.append(agreements_check(rule.agreements))
            checks.append((Verdict.AGREEMENT, others[-1]))
        if rule.statuses:
            texts.append(status_check(rule.statuses))
            checks.append((Verdict.MEMBER_STATUS, texts[-1]))
        for part in self.parts:
            check = condition_check(part, table.counters)
            checks.append((Verdict.CONDITION, check))
            if is_day_test(part):
                assert isinstance(part, NumberTest)  # noqa: S101  (tells the type checker)
                times.append(check)
                time_tests.append(part)
            elif all(isinstance(test, TextTest) for test in tests_of(part)):
                texts.append(check)
            else:
                others.append(check)
        self.checks = tuple(checks)
        self.text_parts = all_of(texts)
        self.time_parts = all_of(times)
        self.other_parts = all_of(others)
        self.time_key = (
            rule.valid_from_s,
            rule.valid_until_s,
            rule.windows,
            rule.blackout,
            tuple(time_tests),
        )


def stage_of(rule: TableRule) -> Stage:
    """The stage in which a rule is looked at."""
    return _STAGES[rule.kind] if rule.kind in _STAGES else _PHASES[rule.phase]


def is_day_test(part: Condition) -> bool:
    """Whether a test is of the date alone."""
    return isinstance(part, NumberTest) and part.source == NumberSource.FACT and part.index in _DAY_FACTS


def compile_table(table: RuleTable) -> tuple[CompiledRule, ...]:
    """All rules of a table, stage by stage, within a stage in table order."""
    named = frozenset(name for rule in table.rules for name in (*rule.excludes, *rule.requires))
    ordered = sorted(table.rules, key=stage_of)
    return tuple(CompiledRule(rule, position, table, named) for position, rule in enumerate(ordered))


def _has_late_caps(rule: TableRule) -> bool:
    return any(cap.of in _LATE for cap in rule.caps)


def _sums(
    cost_effects: Sequence[tuple[int, Effect]], table: RuleTable
) -> tuple[tuple[int, int, Wording], ...]:
    """Purse, what has to be in it, and what members call it."""
    sums: dict[int, int] = {}
    for _, effect in cost_effects:
        sums[effect.purse] = sums.get(effect.purse, 0) + effect.give
    return tuple((code, units, title_of(code, table)) for code, units in sums.items())


def title_of(code: int, table: RuleTable) -> Wording:
    """What members call a purse."""
    purse = table.purses.get(code)
    return Wording(str(code), str(code)) if purse is None else Wording(purse.title_fa, purse.title_en)
