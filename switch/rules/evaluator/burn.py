"""Stage 3: tender. The bill, or a part of it, is paid from a purse by the first burn rule that suits."""

from typing import NamedTuple

from switch.rules.caps import Cap, CapOf
from switch.rules.evaluator import wording
from switch.rules.evaluator.capping import counted, key
from switch.rules.evaluator.compiled import CompiledEffect, CompiledRule
from switch.rules.evaluator.gates import refusal_by
from switch.rules.evaluator.grants import make_grant
from switch.rules.evaluator.run import Run
from switch.rules.evaluator.selection import Entries, keeps
from switch.rules.evaluator.traces import Verdict
from switch.rules.outcome import NEVER_S, EffectType, Grant, GrantReason, Party, Refusal
from switch.rules.table import Effect

INVALID_AMOUNT = "13"
NOT_PERMITTED = "57"
EXCEEDS_AMOUNT = "61"
EXCEEDS_FREQUENCY = "65"


class Tender(NamedTuple):
    """What is paid from the purse: `part` of the bill, and what the member reads."""

    grant: Grant
    part: int
    member_texts: tuple[tuple[str, str], ...]


def pay_from_purse(run: Run, entries: Entries, payable: int) -> Tender | Refusal:
    """Pays what the request asks for, or refuses it. Whether the balance suffices is the ledger's matter."""
    found = _first(run, entries)
    if found is None:
        return Refusal("", 0, NOT_PERMITTED, "", "")
    rule, effect = found
    shares = shares_of(run, effect.effect, payable)
    code = INVALID_AMOUNT if shares is None else _refusal_code(run, rule, effect, shares, payable)
    if shares is None or code:
        if run.recorder is not None:
            run.recorder.note(rule.rule, Verdict.REFUSED, wording.refused(code))
        return refusal_by(rule.rule, code)
    part, units = shares
    for cap in rule.rule.caps:
        delta = _measured(cap, effect, part, units)
        run.count(key(run, cap), cap.per, delta, True, cap.of == CapOf.USES)
    if run.recorder is not None:
        run.recorder.grant(rule.rule, units, units, wording.granted(effect, units, GrantReason.GRANTED))
    wanted = (effect, Party.MEMBER, run.subject.member, units)
    grant = make_grant(wanted, (units, GrantReason.GRANTED), (part, 0), (0, NEVER_S), ())
    return Tender(grant, part, rule.member_texts)


def _first(run: Run, entries: Entries) -> tuple[CompiledRule, CompiledEffect] | None:
    run.stopped_by = ""
    for entry in entries:
        if not keeps(run, entry):
            continue
        for effect in entry[0].effects:
            if effect.effect.type == EffectType.TENDER and effect.effect.purse == run.facts.tender_purse:
                return entry[0], effect
    return None


def shares_of(run: Run, effect: Effect, payable: int) -> tuple[int, int] | None:
    """The part of the bill and the units that pay it, rounded up; None for an amount that makes no sense."""
    amount, units = run.facts.tender_amount, run.facts.tender_units
    if amount is None and units is None:
        return payable, units_for(effect, payable)
    if amount is not None:
        return (amount, units_for(effect, amount)) if 0 < amount <= payable else None
    if units is None or units <= 0:
        return None
    part = units * effect.per // effect.give
    if part >= payable:
        return payable, units_for(effect, payable)
    return (part, units) if part > 0 else None


def units_for(effect: Effect, part: int) -> int:
    """Units that a part of the bill costs; rounded up, or the last of it would be free."""
    return -(-part * effect.give // effect.per)


def _refusal_code(
    run: Run, rule: CompiledRule, effect: CompiledEffect, shares: tuple[int, int], payable: int
) -> str:
    """Empty where the tender is allowed."""
    part, units = shares
    bounds = effect.effect
    if bounds.step > 0 and units % bounds.step != 0 and part != payable:
        return INVALID_AMOUNT
    if 0 < bounds.maximum < units or units < bounds.minimum:
        return EXCEEDS_AMOUNT
    if part * 1000 > (bounds.share_max or 1000) * payable:
        return EXCEEDS_AMOUNT
    for cap in rule.rule.caps:
        if counted(run, cap) + _measured(cap, effect, part, units) > cap.limit:
            return EXCEEDS_FREQUENCY if cap.of == CapOf.USES else EXCEEDS_AMOUNT
    return ""


def _measured(cap: Cap, effect: CompiledEffect, part: int, units: int) -> int:
    """What a tender counts on a cap."""
    if cap.of == CapOf.USES:
        return 1
    if cap.of == CapOf.AMOUNT:
        return part
    return units if cap.of == CapOf.UNITS or effect.purse is None else effect.purse.value(units)
