"""Stage 5: what a request earns, in three phases: base, multipliers on it, bonuses and gifts."""

from switch.rules.evaluator import wording
from switch.rules.evaluator.capping import allow, basis_within_caps, count_granted, count_occasion
from switch.rules.evaluator.compiled import CompiledEffect
from switch.rules.evaluator.grants import PROGRAMME_NUMBER, Part, cost_grants, funding_of, make_grant, terms
from switch.rules.evaluator.run import Run
from switch.rules.evaluator.selection import Entries, select
from switch.rules.evaluator.stacking import Proposal, resolve
from switch.rules.outcome import Funding, Grant, GrantReason, Party

_new = tuple.__new__
_MEMBER = Party.MEMBER
_GRANTED = GrantReason.GRANTED
_PROGRAMME = Party.PROGRAMME

# Grants, what gifts cost, and the member texts of the rules behind them.
Earnings = tuple[list[Grant], list[Grant], list[tuple[str, str]]]


def earn(run: Run, bases: Entries, multipliers: Entries, bonuses: Entries) -> Earnings:
    """Everything that a request earns. Caps see the grants in order of phase, rule, effect and level."""
    proposals = _phase(run, bases, ()) if bases else []
    if multipliers:
        proposals = proposals + _phase(run, multipliers, proposals)
    if bonuses:
        proposals = proposals + _phase(run, bonuses, ())
    grants: list[Grant] = []
    costs: list[Grant] = []
    texts: list[tuple[str, str]] = []
    for proposal in proposals:
        if _grant(run, proposal, grants):
            rule = proposal[0]
            if rule.early_caps:
                count_occasion(run, rule, proposal[1])
            if rule.cost_effects:
                costs += cost_grants(run, rule)
            texts += rule.member_texts
    return grants, costs, texts


def _phase(run: Run, entries: Entries, base: list[Proposal] | tuple[()]) -> list[Proposal]:
    """What the rules of one phase want to give; `base` is what multipliers multiply."""
    member, at_s = run.subject.member, run.facts.at_s
    proposals: list[Proposal] = []
    competing = False
    for rule in select(run, entries):
        basis, lines = rule.basis(run)
        if rule.early_caps:
            within = basis_within_caps(run, rule, basis)
            if within is None:
                continue
            basis = within
        parts: list[Part] = []
        if basis > 0:
            for effect in rule.effects:
                if not effect.is_plain:
                    _add_parts(run, effect, basis, base, parts)
                elif at_s < effect.ends_at_s:
                    desired = effect.amount(basis)
                    if desired > 0:
                        parts.append((effect, _MEMBER, member, desired))
        if parts:
            proposals.append((rule, basis, lines, parts))
            competing = competing or rule.competes
        elif run.recorder is not None:
            wording.note_nothing(run.recorder, rule, basis, at_s)
    return resolve(run, proposals) if competing else proposals


def _add_parts(
    run: Run, effect: CompiledEffect, basis: int, base: list[Proposal] | tuple[()], parts: list[Part]
) -> None:
    """The parts of an effect that isn't a plain earning of the member."""
    if run.facts.at_s >= effect.ends_at_s:
        return
    if effect.levels:
        for upline, amount in zip(run.facts.uplines, effect.levels, strict=False):
            desired = amount(basis)
            if desired > 0:
                parts.append((effect, Party.MEMBER, upline, desired))
        return
    if effect.is_multiplier:
        basis = _base_earning(run, effect.effect.purse, base)
    desired = effect.amount(basis) if basis > 0 else 0
    if desired > 0:
        party, number = _beneficiary(run, effect)
        parts.append((effect, party, number, desired))


def _base_earning(run: Run, purse: int, base: list[Proposal] | tuple[()]) -> int:
    """What the member's own base earning of a purse comes to, before caps."""
    member = run.subject.member
    return sum(
        desired
        for _, _, _, parts in base
        for effect, party, number, desired in parts
        if effect.effect.purse == purse and party == Party.MEMBER and number == member
    )


def _beneficiary(run: Run, effect: CompiledEffect) -> tuple[Party, int]:
    subject = run.subject
    if effect.party == Party.HOUSEHOLD and subject.household:
        return Party.HOUSEHOLD, subject.household
    if effect.party in (Party.MEMBER, Party.HOUSEHOLD):
        return Party.MEMBER, subject.member
    if effect.party == Party.MERCHANT:
        return Party.MERCHANT, subject.merchant
    return effect.party, effect.effect.to_number


def _grant(run: Run, proposal: Proposal, grants: list[Grant]) -> bool:
    """Grants what caps leave of a rule's proposal; whether that is anything."""
    rule, basis, lines, parts = proposal
    anything = False
    for part in parts:
        effect, _, _, desired = part
        if effect.is_bounded:
            granted, reason, funded = allow(run, rule, effect, desired)
            count_granted(run, rule, effect, granted, funded)
            funding = funding_of(rule, run.subject, granted, funded)
        else:
            granted, reason = desired, _GRANTED
            funding = (_new(Funding, (_PROGRAMME, PROGRAMME_NUMBER, granted)),)
        anything = anything or granted > 0
        lasting = effect.fixed_terms or terms(effect, run)
        grants.append(make_grant(part, (granted, reason), (basis, lines), lasting, funding))
        if run.recorder is not None:
            run.recorder.grant(rule.rule, desired, granted, wording.granted(effect, granted, reason))
    return anything
