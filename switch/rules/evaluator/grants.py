"""Grants as the outcome shows them: who pays for them, and from when until when they can be spent."""

from switch.rules.evaluator.compiled import CompiledEffect, CompiledRule
from switch.rules.evaluator.run import Run
from switch.rules.facts import Subject
from switch.rules.outcome import NEVER_S, EffectType, Funding, Grant, GrantReason, Party
from switch.rules.terms import terms_of

PROGRAMME_NUMBER = 1

# What one effect wants to give: effect, party, its number, amount above 0.
Part = tuple[CompiledEffect, Party, int, int]
# What it gives, and why that is less.
Given = tuple[int, GrantReason]

_DAYS_REMEMBERED = 64
_new = tuple.__new__


def make_grant(
    part: Part, given: Given, source: tuple[int, int], lasting: tuple[int, int], funding: tuple[Funding, ...]
) -> Grant:
    """A grant: what an effect wanted, what it gave, basis and lines, available from and expiry, who pays.

    The grant's constant fields stand ready in the effect.
    """
    effect, *wanted = part
    return _new(Grant, (*effect.head, *wanted, *given, *source, *lasting, *effect.tail, funding))


def cost_grant(run: Run, rule: CompiledRule, index: int, purse: int, units: int) -> Grant:
    """What a member spends for a discount, a gift or a conversion."""
    return Grant(
        rule.rule_id,
        rule.rule.version,
        index,
        EffectType.COST,
        purse,
        Party.MEMBER,
        run.subject.member,
        units,
        units,
        GrantReason.GRANTED,
        units,
        0,
        0,
        NEVER_S,
        rule.rule.effects[index].reference,
        rule.rule.on_return,
        rule.rule.allow_negative,
        rule.rule.restore_budget,
        (),
    )


def cost_grants(run: Run, rule: CompiledRule) -> list[Grant]:
    """Everything that a rule costs."""
    return [cost_grant(run, rule, index, effect.purse, effect.give) for index, effect in rule.cost_effects]


def funding_of(rule: CompiledRule, subject: Subject, granted: int, funded: int) -> tuple[Funding, ...]:
    """Who pays: the budget's funders for the funded part, what rounding leaves by the first of them; the
    programme for the rest."""
    if granted == 0:
        return ()
    if rule.budget is None or not rule.budget.funders:
        return (_new(Funding, (Party.PROGRAMME, PROGRAMME_NUMBER, granted)),)
    parts = []
    funders = rule.budget.funders
    others = sum(funded * funder.share // 1000 for funder in funders[1:])
    for index, funder in enumerate(funders):
        amount = funded * funder.share // 1000 if index else funded - others
        if amount:
            parts.append(Funding(funder.party, _number(funder.party, funder.number, subject), amount))
    if granted > funded:
        parts.append(Funding(Party.PROGRAMME, PROGRAMME_NUMBER, granted - funded))
    return tuple(parts)


def _number(party: Party, number: int, subject: Subject) -> int:
    if party == Party.MERCHANT:
        return subject.merchant
    return PROGRAMME_NUMBER if party == Party.PROGRAMME else number


def terms(effect: CompiledEffect, run: Run) -> tuple[int, int]:
    """Available from and expires at of what an effect gives today."""
    if effect.fixed_terms is not None:
        return effect.fixed_terms
    today = run.moment.day.ordinal
    found = effect.terms_by_day.get(today)
    if found is None:
        if len(effect.terms_by_day) >= _DAYS_REMEMBERED:
            effect.terms_by_day.clear()
        found = terms_of(effect.effect, today, run.clock, run.calendar)
        effect.terms_by_day[today] = found
    return found
