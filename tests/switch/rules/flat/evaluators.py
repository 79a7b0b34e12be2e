"""The plain and the flat evaluator of one table side by side; without a C compiler the plain one only."""

from switch.rules.evaluator.core import Evaluator
from switch.rules.facts import Facts
from switch.rules.outcome import CounterView, Outcome
from switch.rules.table import RuleTable

try:
    from switch.rules.flat.evaluator import FlatEvaluator
except ImportError:
    HAS_FLAT = False
else:
    HAS_FLAT = True


class Both:
    """Decides everything twice and compares; counts what the flat evaluator could decide."""

    def __init__(self) -> None:
        self.purchases = 0
        self.native = 0

    def evaluators(self, table: RuleTable) -> "Pair":
        """The two evaluators of a table."""
        return Pair(self, table)

    @property
    def share(self) -> float:
        """Of the purchases without reward, those that the flat evaluator decided."""
        return self.native / self.purchases


class Pair:
    """Two evaluators of one table."""

    def __init__(self, both: Both, table: RuleTable) -> None:
        self._both = both
        self._plain = Evaluator(table)
        self._flat = FlatEvaluator(table)

    def evaluate(self, facts: Facts, counters: CounterView) -> Outcome:
        """What both decide."""
        expected = self._plain.evaluate(facts, counters)
        found = self._flat.evaluate(facts, counters)
        is_own = facts.trigger == "purchase" and not facts.reward
        assert is_own or found is None
        assert found is None or found == expected
        self._both.purchases += is_own
        self._both.native += found is not None
        return expected
