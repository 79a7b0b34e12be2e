"""Which of several matching rules of a group count."""

from collections.abc import Iterable

from switch.rules.evaluator import wording
from switch.rules.evaluator.compiled import CompiledRule
from switch.rules.evaluator.grants import Part
from switch.rules.evaluator.run import Run
from switch.rules.evaluator.traces import Verdict
from switch.rules.table import StackMode

# What one rule wants to give: rule, basis, lines, parts (at least one).
Proposal = tuple[CompiledRule, int, int, list[Part]]


def resolve(run: Run, proposals: list[Proposal]) -> list[Proposal]:
    """What is left of the proposals of one phase after the groups' modes; in the same order."""
    groups: dict[int, list[Proposal]] = {}
    for proposal in proposals:
        if proposal[0].competes:
            groups.setdefault(proposal[0].group, []).append(proposal)
    losers: set[int] = set()
    for rivals in groups.values():
        winner = _winner(rivals)[0]
        for rule, _, _, _ in rivals:
            if rule is winner:
                continue
            losers.add(rule.position)
            if run.recorder is not None:
                run.recorder.note(rule.rule, Verdict.STACK, wording.stack(winner.rule_id))
    return [proposal for proposal in proposals if proposal[0].position not in losers]


def _winner(rivals: list[Proposal]) -> Proposal:
    """The first in table order wins a tie: min and max take the first of equals."""
    mode = rivals[0][0].mode
    if mode == StackMode.BEST_FOR_MEMBER:
        return max(rivals, key=lambda proposal: worth(proposal[3]))
    if mode == StackMode.BEST_FOR_OWNER:
        return min(rivals, key=lambda proposal: worth(proposal[3]))
    return rivals[0]


def worth(parts: Iterable[Part]) -> int:
    """Rial value of what a rule wants to give; a discount is worth itself."""
    return sum(
        desired if effect.purse is None else effect.purse.value(desired) for effect, _, _, desired in parts
    )
