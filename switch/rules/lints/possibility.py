"""Whether conditions can hold together, and whether one follows from another."""

from collections.abc import Sequence
from typing import Final

from switch.rules.compiler.logic import all_of, negated
from switch.rules.conditions import All, AnyOf, Condition, Not
from switch.rules.lints.knowledge import Knowledge

# Where so many steps find no answer, conditions count as possible.
STEPS_MAX: Final = 2_000


class _Search:
    """One search for a request that fulfils everything."""

    def __init__(self) -> None:
        self.steps_left = STEPS_MAX

    def can_hold(self, knowledge: Knowledge, goals: tuple[Condition, ...]) -> bool:
        """Whether all goals can hold on top of what is known."""
        choices: list[tuple[Condition, ...]] = []
        pending = list(goals)
        while pending:
            self.steps_left -= 1
            if self.steps_left < 0:
                return True
            goal = pending.pop()
            if isinstance(goal, All):
                pending.extend(goal.parts)
            elif isinstance(goal, AnyOf):
                choices.append(goal.parts)
            elif isinstance(goal, Not):
                inner = goal.part
                if isinstance(inner, All | AnyOf | Not):
                    pending.append(negated(inner))
                    continue
                further = knowledge.assuming(inner, holds=False)
                if further is None:
                    return False
                knowledge = further
            else:
                further = knowledge.assuming(goal, holds=True)
                if further is None:
                    return False
                knowledge = further
        if not choices:
            return True
        choices.sort(key=len)
        rest = tuple(AnyOf(parts) for parts in choices[1:])
        return any(self.can_hold(knowledge, (part, *rest)) for part in choices[0])


def can_hold_together(conditions: Sequence[Condition]) -> bool:
    """False only where no request fulfils all conditions."""
    return _Search().can_hold(Knowledge(), tuple(conditions))


def follows(conclusion: Condition, premises: Sequence[Condition]) -> bool:
    """True only where every request that fulfils the premises fulfils the conclusion."""
    if isinstance(conclusion, All):
        return all(follows(part, premises) for part in conclusion.parts)
    return not can_hold_together((all_of(premises), negated(conclusion)))
