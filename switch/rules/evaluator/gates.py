"""Stage 1: gates. They refuse a request or let it pass; the first refusal ends the evaluation."""

from switch.rules.evaluator import wording
from switch.rules.evaluator.capping import count_occasion, is_broken
from switch.rules.evaluator.compiled import CompiledRule
from switch.rules.evaluator.run import Run
from switch.rules.evaluator.selection import Entries, select
from switch.rules.evaluator.traces import Verdict
from switch.rules.outcome import EffectType, Refusal
from switch.rules.table import TableRule


def pass_gates(run: Run, entries: Entries) -> Refusal | None:
    """None where all gates let the request pass; it then counts on their caps."""
    gates = select(run, entries)
    for gate in gates:
        refusal = _refusal(run, gate)
        if refusal is not None:
            if run.recorder is not None:
                run.recorder.note(gate.rule, Verdict.REFUSED, wording.refused(refusal.response_code))
            return refusal
        if run.recorder is not None:
            run.recorder.note(gate.rule, Verdict.PASSED, wording.PASSED)
    for gate in gates:
        count_occasion(run, gate, run.amount)
    return None


def _refusal(run: Run, gate: CompiledRule) -> Refusal | None:
    """A gate with caps refuses only what would break one of them."""
    if gate.early_caps and not is_broken(run, gate, run.amount):
        return None
    for effect in gate.rule.effects:
        if effect.type == EffectType.DENY or (
            effect.type == EffectType.REQUIRE_PIN and not run.facts.has_pin
        ):
            return refusal_by(gate.rule, effect.response_code, effect.text_fa, effect.text_en)
    return None


def refusal_by(rule: TableRule, response_code: str, text_fa: str = "", text_en: str = "") -> Refusal:
    """A refusal in the name of a rule."""
    return Refusal(rule.rule_id, rule.version, response_code, text_fa, text_en)
