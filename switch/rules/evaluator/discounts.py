"""Stage 2: discounts. They lower the bill, never below 0."""

from switch.rules.evaluator import wording
from switch.rules.evaluator.capping import allow, basis_within_caps, count_granted, count_occasion
from switch.rules.evaluator.compiled import CompiledRule
from switch.rules.evaluator.grants import Part, cost_grants, funding_of, make_grant, terms
from switch.rules.evaluator.run import Run
from switch.rules.evaluator.selection import Entries, select
from switch.rules.evaluator.stacking import Proposal, resolve
from switch.rules.outcome import Grant, GrantReason, Party

# Grants, what they cost, and the member texts of the rules behind them.
Discounts = tuple[list[Grant], list[Grant], list[tuple[str, str]]]


def discount(run: Run, entries: Entries) -> Discounts:
    """All discounts of a request."""
    proposals: list[Proposal] = []
    competing = False
    for rule in select(run, entries):
        proposal = _propose(run, rule)
        if proposal is not None:
            proposals.append(proposal)
            competing = competing or rule.competes
    if competing:
        proposals = resolve(run, proposals)
    grants: list[Grant] = []
    costs: list[Grant] = []
    texts: list[tuple[str, str]] = []
    left = run.amount
    for proposal in proposals:
        rule, basis, _, _ = proposal
        granted = _grant(run, proposal, left, grants)
        left -= granted
        if granted:
            count_occasion(run, rule, basis)
            costs += cost_grants(run, rule)
            texts += rule.member_texts
    return grants, costs, texts


def _propose(run: Run, rule: CompiledRule) -> Proposal | None:
    basis, lines = rule.basis(run)
    if rule.early_caps:
        within = basis_within_caps(run, rule, basis)
        if within is None:
            return None
        basis = within
    parts: list[Part] = []
    if basis > 0:
        for effect in rule.effects:
            desired = 0 if run.facts.at_s >= effect.ends_at_s else effect.amount(basis)
            if desired > 0:
                parts.append((effect, Party.MEMBER, run.subject.member, desired))
    if parts:
        return rule, basis, lines, parts
    if run.recorder is not None:
        wording.note_nothing(run.recorder, rule, basis, run.facts.at_s)
    return None


def _grant(run: Run, proposal: Proposal, bill: int, grants: list[Grant]) -> int:
    """Grants what caps and the rest of the bill leave, and returns its sum."""
    rule, basis, lines, parts = proposal
    total = 0
    for part in parts:
        effect, _, _, desired = part
        granted, reason, funded = allow(run, rule, effect, desired)
        if granted > bill - total:
            granted, reason = bill - total, GrantReason.BILL
            funded = min(funded, granted)
        count_granted(run, rule, effect, granted, funded)
        total += granted
        funding = funding_of(rule, run.subject, granted, funded)
        grants.append(make_grant(part, (granted, reason), (basis, lines), terms(effect, run), funding))
        if run.recorder is not None:
            run.recorder.grant(rule.rule, desired, granted, wording.granted(effect, granted, reason))
    return total
