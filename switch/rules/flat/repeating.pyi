from collections.abc import Sequence

from switch.rules.facts import Facts
from switch.rules.flat.evaluator import FlatEvaluator

class Repeating:
    def __init__(self, evaluator: FlatEvaluator, requests: Sequence[Facts]) -> None: ...
    def decide(self, count: int) -> int: ...
