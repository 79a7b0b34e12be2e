"""Caps of rules, limits of purses and budgets: how much may be granted of what is desired; counting it."""

from switch.rules.caps import Cap, CapOf, CapPer, WindowKind
from switch.rules.counting import budget_key, key_of, value_of
from switch.rules.evaluator import wording
from switch.rules.evaluator.compiled import CompiledEffect, CompiledRule
from switch.rules.evaluator.run import Run
from switch.rules.evaluator.traces import Verdict
from switch.rules.outcome import CounterKey, GrantReason
from switch.rules.purses import Purse
from switch.rules.table import Budget, OnEmpty

# Granted, why it is less than desired, and how much of it the budget's funders pay.
Allowed = tuple[int, GrantReason, int]


def counted(run: Run, cap: Cap) -> int:
    """What a cap had counted before this request."""
    if cap.per == CapPer.TRANSACTION or cap.window.kind == WindowKind.ROLLING:
        return value_of(run.counters, cap, run.subject, run.moment, run.calendar)
    return run.counters.value(key(run, cap))


def key(run: Run, cap: Cap) -> CounterKey:
    """The counter that this request moves for a cap."""
    found = run.keys.get(cap.counter)
    if found is None:
        found = run.keys[cap.counter] = key_of(cap, run.subject, run.moment, run.calendar)
    return found


def basis_within_caps(run: Run, rule: CompiledRule, basis: int) -> int | None:
    """The basis as far as the caps of occasions and amounts let it count; None where the rule is skipped."""
    for cap in rule.early_caps:
        value = counted(run, cap)
        if cap.of == CapOf.USES:
            fits = value + 1 <= cap.limit
        else:
            left = cap.limit - value
            fits = left > 0 if cap.clips else basis <= left
            if fits:
                basis = min(basis, left)
        if not fits:
            if run.recorder is not None:
                run.recorder.note(rule.rule, Verdict.CAP, wording.cap(cap, value))
            return None
    return basis


def is_broken(run: Run, rule: CompiledRule, amount: int) -> bool:
    """Whether one more occasion of this amount would break one of the rule's caps."""
    return any(
        counted(run, cap) + (1 if cap.of == CapOf.USES else amount) > cap.limit for cap in rule.early_caps
    )


def allow(run: Run, rule: CompiledRule, effect: CompiledEffect, desired: int) -> Allowed:
    """How much of a desired amount rule caps, purse limits and the budget leave. Counts nothing yet."""
    amount, reason = desired, GrantReason.GRANTED
    purse = effect.purse
    for cap in rule.late_caps:
        fitting = _fitting(run, cap, purse, amount)
        if fitting < amount:
            amount, reason = fitting, GrantReason.RULE_CAP
    for cap in effect.limits:
        fitting = _fitting(run, cap, purse, amount)
        if fitting < amount:
            amount, reason = fitting, GrantReason.LIMIT
    if rule.budget is None:
        return amount, reason, amount
    return _within_budget(run, rule.budget, purse, amount, reason)


def _within_budget(
    run: Run, budget: Budget, purse: Purse | None, amount: int, reason: GrantReason
) -> Allowed:
    counter = budget_key(budget.counter)
    left = budget.amount - run.counters.value(counter) - run.used.get(counter, 0)
    measure = purse if budget.in_rial else None
    if amount == 0 or _measured(measure, amount) <= left:
        return amount, reason, amount
    if budget.on_empty == OnEmpty.NOTIFY:
        return amount, GrantReason.OVER_BUDGET, amount
    funded = _greatest(measure, left)
    if budget.on_empty == OnEmpty.STOP:
        return funded, GrantReason.BUDGET, funded
    return amount, GrantReason.OVER_BUDGET, funded


def count_granted(run: Run, rule: CompiledRule, effect: CompiledEffect, granted: int, funded: int) -> None:
    """Counts what is granted on the rule's caps and the purse's limits, and what is funded on the budget."""
    purse = effect.purse
    for caps in (rule.late_caps, effect.limits):
        for cap in caps:
            delta = _measured(purse if cap.of == CapOf.LIABILITY else None, granted)
            run.count(key(run, cap), cap.per, delta, True, False)
    if rule.budget is not None:
        delta = _measured(purse if rule.budget.in_rial else None, funded)
        restore = rule.rule.restore_budget
        run.count(budget_key(rule.budget.counter), CapPer.GLOBAL, delta, restore, False)


def count_occasion(run: Run, rule: CompiledRule, basis: int) -> None:
    """Counts one use and its basis on the rule's caps."""
    for cap in rule.early_caps:
        is_use = cap.of == CapOf.USES
        run.count(key(run, cap), cap.per, 1 if is_use else basis, True, is_use)


def _fitting(run: Run, cap: Cap, purse: Purse | None, amount: int) -> int:
    """The part of an amount that a cap lets through."""
    used = run.used.get(key(run, cap), 0) if run.used else 0
    left = cap.limit - counted(run, cap) - used
    measure = purse if cap.of == CapOf.LIABILITY else None
    if _measured(measure, amount) <= left:
        return amount
    return _greatest(measure, left) if cap.clips else 0


def _measured(purse: Purse | None, amount: int) -> int:
    """An amount in what a cap counts: its rial value in a purse, else the units themselves."""
    return amount if purse is None else purse.value(amount)


def _greatest(purse: Purse | None, left: int) -> int:
    """The greatest amount that measures no more than what is left."""
    if left <= 0:
        return 0
    return left if purse is None else left * purse.value_per // purse.value_give
