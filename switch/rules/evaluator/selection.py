"""Which of the matching rules of a stage are kept: excludes, requires, stop_after, and what they cost."""

from collections.abc import Sequence

from switch.rules.evaluator import wording
from switch.rules.evaluator.compiled import CompiledRule
from switch.rules.evaluator.matching import Check
from switch.rules.evaluator.run import Run
from switch.rules.evaluator.traces import Verdict, Wording

# A rule that may match, and the test that still has to tell; None where it is known to match.
Entry = tuple[CompiledRule, Check | None]
Entries = Sequence[Entry]


def select(run: Run, entries: Entries) -> list[CompiledRule]:
    """The kept rules of a stage, in table order."""
    run.stopped_by = ""
    kept = []
    for rule, check in entries:
        if check is not None and not check(run):
            continue
        if (rule.is_linked or run.stopped_by) and not admits(run, rule):
            continue
        kept.append(rule)
    return kept


def keeps(run: Run, entry: Entry) -> bool:
    """Whether one rule is kept, for stages that take the first that suits."""
    rule, check = entry
    return (check is None or check(run)) and (not (rule.is_linked or run.stopped_by) or admits(run, rule))


def admits(run: Run, rule: CompiledRule) -> bool:
    """Whether a matching rule is kept beside those kept before; if so, what it excludes and stops counts."""
    excluded_by = run.excluded.get(rule.rule_id)
    if excluded_by is not None:
        return _refuses(run, rule, Verdict.EXCLUDED, wording.excluded(excluded_by))
    if run.stopped_by:
        return _refuses(run, rule, Verdict.STOPPED, wording.stopped(run.stopped_by))
    for required in rule.rule.requires:
        if required not in run.kept:
            return _refuses(run, rule, Verdict.REQUIRES, wording.requires(required))
    for purse, cost, title in rule.costs:
        balance = run.facts.balances.get(purse, 0)
        if balance < cost:
            return _refuses(run, rule, Verdict.BALANCE, wording.balance(title, cost, balance))
    run.kept.add(rule.rule_id)
    for excluded in rule.rule.excludes:
        run.excluded.setdefault(excluded, rule.rule_id)
    if rule.rule.stop_after:
        run.stopped_by = rule.rule_id
    return True


def _refuses(run: Run, rule: CompiledRule, verdict: Verdict, detail: Wording) -> bool:
    if run.recorder is not None:
        run.recorder.note(rule.rule, verdict, detail)
    return False
