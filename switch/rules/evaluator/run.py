"""One evaluation under way: what is asked, and what has been decided so far."""

from switch.rules.caps import CapPer
from switch.rules.evaluator.traces import Recorder
from switch.rules.facts import Facts, NumberDimension
from switch.rules.local_time import LocalClock, LocalTime
from switch.rules.outcome import CounterKey, CounterMove, CounterView
from switch.rules.table import Calendar

# For SKU, CATEGORY and LABEL: the bits of the basket lines of each value.
Articles = tuple[dict[str, int], dict[str, int], dict[str, int]]
MoveKey = tuple[CounterKey, bool, bool]


class Run:
    """The facts within easy reach, and the state that stages hand on.

    `net` and `points_paid` are NET_AMOUNT and POINTS_PAID at the present stage. `kept` are the ids of rules
    kept so far, as far as other rules name them; `excluded` maps an id to the rule that excludes it;
    `stopped_by` is the rule that ended the present stage. `used` is what this decision has counted on a key;
    `keys` are those of caps, by the name of their counters.
    """

    __slots__ = (
        "_articles",
        "amount",
        "calendar",
        "clock",
        "counters",
        "excluded",
        "facts",
        "kept",
        "keys",
        "lines",
        "moment",
        "moves",
        "net",
        "numbers",
        "points_paid",
        "recorder",
        "sets",
        "stopped_by",
        "subject",
        "texts",
        "used",
    )

    def __init__(
        self,
        facts: Facts,
        counters: CounterView,
        clock: LocalClock,
        calendar: Calendar,
        recorder: Recorder | None,
    ) -> None:
        self.facts = facts
        self.texts = facts.texts
        self.numbers = facts.numbers
        self.sets = facts.sets
        self.lines = facts.lines
        self.subject = facts.subject
        self.counters = counters
        self.clock = clock
        self.moment: LocalTime = clock.at(facts.at_s)
        self.calendar = calendar
        self.recorder = recorder
        self.amount = self.net = facts.numbers[NumberDimension.AMOUNT] or 0
        self.points_paid = 0
        self.kept: set[str] = set()
        self.excluded: dict[str, str] = {}
        self.stopped_by = ""
        self._articles: Articles | None = None
        self.keys: dict[str, CounterKey] = {}
        self.used: dict[CounterKey, int] = {}
        self.moves: dict[MoveKey, int] = {}

    def articles(self) -> Articles:
        """Which lines of the basket have which article, category and label."""
        found = self._articles
        if found is None:
            found = self._articles = ({}, {}, {})
            skus, categories, labels = found
            for index, line in enumerate(self.lines):
                bit = 1 << index
                skus[line.sku] = skus.get(line.sku, 0) | bit
                categories[line.category] = categories.get(line.category, 0) | bit
                for label in line.labels:
                    labels[label] = labels.get(label, 0) | bit
        return found

    def count(self, key: CounterKey, per: CapPer, delta: int, restore: bool, is_use: bool) -> None:
        """Counts on a key; what is per transaction is forgotten with the decision."""
        if delta == 0:
            return
        self.used[key] = self.used.get(key, 0) + delta
        if per != CapPer.TRANSACTION:
            move = (key, restore, is_use)
            self.moves[move] = self.moves.get(move, 0) + delta

    def counter_moves(self) -> tuple[CounterMove, ...]:
        """What the decision adds to counters, by key."""
        if not self.moves:
            return ()
        return tuple(
            CounterMove(key, delta, restore, is_use)
            for (key, restore, is_use), delta in sorted(self.moves.items())
        )
