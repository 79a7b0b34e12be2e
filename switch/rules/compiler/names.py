"""What the rules of a document may refer to, by name, with faults for what isn't there."""

from collections.abc import Iterable
from typing import Final

from switch.rules.compiler.faults import FaultSink
from switch.rules.schema.document import Head
from switch.rules.schema.rule import DEFAULT_GROUP, Rule

# Stands for a name in a section that is itself at fault: what refers to it is not judged.
_UNJUDGED: Final = 0


class Names:
    """Declared names of one document. `unjudged` are sections whose names are not known for their faults."""

    def __init__(self, head: Head, rule_ids: Iterable[str], unjudged: frozenset[str]) -> None:
        self.head = head
        self.zone = head.time_zone
        self.unjudged = unjudged
        self.purses = {purse.name: purse.code for purse in head.purses}
        self.counters = {counter.id: index for index, counter in enumerate(head.counters)}
        self.budgets = {budget.id: index for index, budget in enumerate(head.budgets)}
        self.groups = {
            DEFAULT_GROUP: 0,
            **{group.name: index for index, group in enumerate(head.groups, start=1)},
        }
        self.tiers = {level.name for level in head.tiers.levels} if head.tiers else None
        self.rule_ids = frozenset(rule_ids)

    def purse(self, name: str, path: str, faults: FaultSink) -> int:
        """Code of a purse."""
        return self._place("purse", self.purses, name, path, faults)

    def counter(self, name: str, path: str, faults: FaultSink) -> int:
        """Place of a declared counter."""
        return self._place("counter", self.counters, name, path, faults)

    def budget(self, name: str, path: str, faults: FaultSink) -> int:
        """Place of a budget."""
        return self._place("budget", self.budgets, name, path, faults)

    def group(self, name: str, path: str, faults: FaultSink) -> int:
        """Place of a stack group."""
        return self._place("group", self.groups, name, path, faults)

    def mask(self, what: str, names: Iterable[str], path: str, faults: FaultSink) -> int:
        """Bits of segments or agreements (`what` in the singular)."""
        bits = self.head.segments if what == "segment" else self.head.agreements
        mask = 0
        for name in names:
            mask |= 1 << self._place(what, bits, name, path, faults)
        return mask

    def needed_by(self, rule: Rule) -> int:
        """Bits of agreements that all rules of this kind need; unknown names are the head's fault."""
        bits = self.head.agreements
        mask = 0
        for name in self.head.agreements_for(rule):
            mask |= 1 << bits[name] if name in bits else 0
        return mask

    def known_rules(self, ids: Iterable[str], path: str, faults: FaultSink) -> None:
        """Tells of ids that no rule of the document has."""
        for rule_id in ids:
            if rule_id not in self.rule_ids:
                faults.add(path, f"there is no rule {rule_id}")

    def _place(self, what: str, places: dict[str, int], name: str, path: str, faults: FaultSink) -> int:
        place = places.get(name)
        if place is not None:
            return place
        if f"{what}s" not in self.unjudged:
            faults.add(path, f"there is no {what} {name}")
        return _UNJUDGED
