from switch.rules.facts import Facts
from switch.rules.outcome import CounterView, Outcome
from switch.rules.table import RuleTable

class FlatEvaluator:
    def __init__(self, table: RuleTable) -> None: ...
    def evaluate(self, facts: Facts, counters: CounterView) -> Outcome | None: ...
