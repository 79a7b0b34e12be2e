"""Conversion of one purse into another, at the rate of the first rule that suits. A stage of its own."""

from switch.rules.caps import CapOf
from switch.rules.evaluator import wording
from switch.rules.evaluator.amounts import rounded
from switch.rules.evaluator.burn import EXCEEDS_AMOUNT, EXCEEDS_FREQUENCY, INVALID_AMOUNT, NOT_PERMITTED
from switch.rules.evaluator.capping import counted, key
from switch.rules.evaluator.compiled import CompiledEffect, CompiledRule
from switch.rules.evaluator.gates import refusal_by
from switch.rules.evaluator.grants import PROGRAMME_NUMBER, cost_grant, make_grant, terms
from switch.rules.evaluator.run import Run
from switch.rules.evaluator.selection import Entries, keeps
from switch.rules.evaluator.traces import Verdict
from switch.rules.outcome import Funding, Grant, GrantReason, Party, Refusal

# What leaves the one purse, what enters the other, and what the member reads.
Conversion = tuple[Grant, Grant, tuple[tuple[str, str], ...]]


def convert(run: Run, entries: Entries) -> Conversion | Refusal:
    """Converts `tender_units` of `tender_purse` into the purse whose code is `reward`."""
    found = _first(run, entries)
    if found is None:
        return Refusal("", 0, NOT_PERMITTED, "", "")
    rule, compiled = found
    effect = compiled.effect
    units = run.facts.tender_units or 0
    code = _refusal_code(run, rule, compiled, units)
    given = 0 if code else rounded(units * effect.give, effect.per, effect.rounding)
    if given == 0:
        code = code or INVALID_AMOUNT
        if run.recorder is not None:
            run.recorder.note(rule.rule, Verdict.REFUSED, wording.refused(code))
        return refusal_by(rule.rule, code)
    for cap in rule.rule.caps:
        if cap.of in (CapOf.USES, CapOf.UNITS):
            is_use = cap.of == CapOf.USES
            run.count(key(run, cap), cap.per, 1 if is_use else units, True, is_use)
    if run.recorder is not None:
        run.recorder.grant(rule.rule, given, given, wording.granted(compiled, given, GrantReason.GRANTED))
    index = compiled.head[2]
    wanted = (compiled, Party.MEMBER, run.subject.member, given)
    funding = (Funding(Party.PROGRAMME, PROGRAMME_NUMBER, given),)
    grant = make_grant(wanted, (given, GrantReason.GRANTED), (units, 0), terms(compiled, run), funding)
    return cost_grant(run, rule, index, effect.purse, units), grant, rule.member_texts


def _first(run: Run, entries: Entries) -> tuple[CompiledRule, CompiledEffect] | None:
    run.stopped_by = ""
    for entry in entries:
        if not keeps(run, entry):
            continue
        for compiled in entry[0].effects:
            effect = compiled.effect
            if effect.purse == run.facts.tender_purse and str(effect.target) == run.facts.reward:
                return entry[0], compiled
    return None


def _refusal_code(run: Run, rule: CompiledRule, compiled: CompiledEffect, units: int) -> str:
    """Empty where the conversion is allowed."""
    bounds = compiled.effect
    if units <= 0 or (bounds.step > 0 and units % bounds.step != 0):
        return INVALID_AMOUNT
    if 0 < bounds.maximum < units or units < bounds.minimum:
        return EXCEEDS_AMOUNT
    for cap in rule.rule.caps:
        if cap.of == CapOf.USES and counted(run, cap) + 1 > cap.limit:
            return EXCEEDS_FREQUENCY
        if cap.of == CapOf.UNITS and counted(run, cap) + units > cap.limit:
            return EXCEEDS_AMOUNT
    return ""
