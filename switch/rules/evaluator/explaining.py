"""Explanations: the recorder that an evaluation reports to, and the words for tests that failed."""

from collections.abc import Callable

from switch.rules.conditions import All, AnyOf, Condition, ItemTest, Not, NumberTest, SetTest, TextTest
from switch.rules.evaluator import condition_wording, wording
from switch.rules.evaluator.compiled import CompiledRule
from switch.rules.evaluator.matching import Check, condition_check, number_reader
from switch.rules.evaluator.run import Run
from switch.rules.evaluator.traces import Trace, Verdict, Wording
from switch.rules.facts import ItemDimension
from switch.rules.table import DeclaredCounter, Programme, TableRule


class Explanation:
    """Collects what becomes of each rule of one request."""

    def __init__(self, programme: Programme, counters: tuple[DeclaredCounter, ...]) -> None:
        self._programme = programme
        self._counters = counters
        self._notes: dict[str, tuple[Verdict, Wording]] = {}
        self._grants: dict[str, list[tuple[int, int, Wording]]] = {}

    def note(self, rule: TableRule, verdict: Verdict, detail: Wording) -> None:
        """A rule's verdict; the last one counts."""
        self._notes[rule.rule_id] = (verdict, detail)

    def grant(self, rule: TableRule, desired: int, granted: int, detail: Wording) -> None:
        """One grant of a rule, given in full or in part."""
        self._grants.setdefault(rule.rule_id, []).append((desired, granted, detail))

    def check(self, rule: CompiledRule) -> Check:
        """Whether a rule matches; the first test that fails becomes its verdict."""

        def matches(run: Run) -> bool:
            parts = iter(rule.parts)
            for verdict, check in rule.checks:
                part = next(parts) if verdict == Verdict.CONDITION else None
                if not check(run):
                    words = _TESTS[verdict](rule.rule, run) if part is None else self._why_not(part, run)
                    self.note(rule.rule, verdict, words)
                    return False
            return True

        return matches

    def traces(self, rules: tuple[TableRule, ...]) -> tuple[Trace, ...]:
        """One trace for each rule, in the order given."""
        return tuple(self._trace(rule) for rule in rules)

    def _trace(self, rule: TableRule) -> Trace:
        grants = self._grants.get(rule.rule_id)
        if grants is None:
            verdict, detail = self._notes.get(rule.rule_id, (Verdict.NOT_REACHED, wording.NOT_REACHED))
            return Trace(rule.rule_id, rule.version, verdict, detail.fa, detail.en, 0, 0)
        desired, granted = sum(grant[0] for grant in grants), sum(grant[1] for grant in grants)
        verdict = Verdict.CLIPPED if granted else Verdict.CAP
        if granted == desired:
            verdict = Verdict.GRANTED
        detail = wording.joined([grant[2] for grant in grants])
        return Trace(rule.rule_id, rule.version, verdict, detail.fa, detail.en, desired, granted)

    def _why_not(self, condition: Condition, run: Run) -> Wording:
        """The first part of a failing condition that fails; of alternatives, all of them."""
        if isinstance(condition, All):
            for part in condition.parts:
                if not condition_check(part, self._counters)(run):
                    return self._why_not(part, run)
        if isinstance(condition, AnyOf):
            return condition_wording.none_of([self._why_not(part, run) for part in condition.parts])
        if isinstance(condition, Not):
            return condition_wording.must_not_hold(self._sentence(condition.part, run))
        return self._sentence(condition, run)

    def _sentence(self, condition: Condition, run: Run) -> Wording:
        """What a condition wants, and what was found."""
        if isinstance(condition, All | AnyOf):
            parts = [self._sentence(part, run) for part in condition.parts]
            return (
                condition_wording.all_of(parts)
                if isinstance(condition, All)
                else condition_wording.any_of(parts)
            )
        if isinstance(condition, Not):
            return condition_wording.must_not_hold(self._sentence(condition.part, run))
        if isinstance(condition, TextTest):
            return condition_wording.text_test(condition, run.texts[condition.dimension])
        if isinstance(condition, NumberTest):
            found = number_reader(condition, self._counters)(run)
            return condition_wording.number_test(condition, found, self._counters)
        if isinstance(condition, SetTest):
            return condition_wording.set_test(condition, run.sets[condition.dimension], self._programme)
        return condition_wording.item_test(condition, _articles(condition, run))


def _articles(test: ItemTest, run: Run) -> list[str]:
    """What the lines of the basket are called in the dimension of a test."""
    if test.dimension == ItemDimension.SKU:
        return [line.sku for line in run.lines]
    if test.dimension == ItemDimension.CATEGORY:
        return [line.category for line in run.lines]
    return [label for line in run.lines for label in line.labels]


_TESTS: dict[Verdict, Callable[[TableRule, Run], Wording]] = {
    Verdict.NOT_TRIGGERED: wording.not_triggered,
    Verdict.NOT_VALID: wording.not_valid,
    Verdict.OUT_OF_WINDOW: wording.out_of_window,
    Verdict.AGREEMENT: wording.agreement,
    Verdict.MEMBER_STATUS: wording.member_status,
}
