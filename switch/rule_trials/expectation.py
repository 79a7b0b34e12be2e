"""Whether a decision is as its sale expects it."""

from switch.rule_trials.club import Decision
from switch.rule_trials.sale import Expectation
from switch.rule_trials.telling import grant_line
from switch.rules.table import RuleTable


def surprises(table: RuleTable, decision: Decision) -> list[str]:
    """One line for each thing that is not as expected; none without an expectation."""
    expected = decision.sale.expect
    if expected is None:
        return []
    outcome, facts = decision.outcome, decision.facts
    came = Expectation(
        net=outcome.net_amount,
        discount=outcome.discount,
        discounts=tuple(grant_line(table, facts, grant) for grant in outcome.discounts),
        costs=tuple(grant_line(table, facts, grant) for grant in outcome.costs),
        tender=grant_line(table, facts, outcome.tender) if outcome.tender else "",
        grants=tuple(grant_line(table, facts, grant) for grant in outcome.grants),
        refused=outcome.refusal.response_code if outcome.refusal else "",
        fa=_texts(decision, 0),
        en=_texts(decision, 1),
    )
    wanted, found = expected.model_dump(), came.model_dump()
    return [
        f"{name}: expected {_shown(wanted[name])}, came {_shown(found[name])}"
        for name in Expectation.model_fields
        if wanted[name] is not None and wanted[name] != found[name]
    ]


def _texts(decision: Decision, language: int) -> tuple[str, ...]:
    refusal = decision.outcome.refusal
    texts = [(refusal.text_fa, refusal.text_en)] if refusal else decision.outcome.texts
    return tuple(pair[language] for pair in texts if pair[language])


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(str(each) for each in value) or "nothing"
    return str(value) if value != "" else "nothing"
