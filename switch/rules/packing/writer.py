"""A table's parts as numbers and texts. A text stands once, in the order of first use.

Where a part has a text, its number is 0 for the next text not yet used, else one more than the text's place.
"""

from switch.rules.caps import Cap, CapWindow, Limit
from switch.rules.conditions import All, Condition, ItemTest, Not, NumberTest, SetTest, TextTest
from switch.rules.packing.integers import folded
from switch.rules.table import Basis, Budget, DeclaredCounter, Effect, Programme, StackGroup, TableRule

# What kind of node of a condition follows.
NODE_TEXT, NODE_NUMBER, NODE_SET, NODE_ITEM, NODE_ALL, NODE_ANY, NODE_NOT = range(7)


class TableWriter:
    """Collects what is to be packed."""

    __slots__ = ("numbers", "texts")

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.texts: dict[str, int] = {}

    def text(self, text: str) -> int:
        """Number of a text: 0 the first time."""
        texts = self.texts
        number = texts.get(text, 0)
        if number == 0:
            texts[text] = len(texts) + 1
        return number

    def strings(self, texts: tuple[str, ...]) -> None:
        """A list of texts."""
        self.numbers.append(len(texts))
        for text in texts:
            self.numbers.append(self.text(text))

    def programme(self, programme: Programme) -> None:
        """The head of the table."""
        numbers, text = self.numbers, self.text
        numbers += (text(programme.name), text(programme.time_zone), programme.calendar)
        numbers.append(len(programme.purses))
        for purse in programme.purses:
            numbers += (purse.code, text(purse.name), text(purse.title_fa), text(purse.title_en))
            numbers += (purse.unit, text(purse.currency))
            numbers += map(int, purse[6:])
        for named in (programme.segments, programme.agreements):
            numbers.append(len(named))
            for name, bit in named:
                numbers += (text(name), bit)
        numbers += (programme.tier_purse, len(programme.tiers))
        for tier in programme.tiers:
            numbers += (text(tier.name), tier.from_balance)
        numbers += (programme.return_days, programme.hold_minutes)

    def groups(self, groups: tuple[StackGroup, ...]) -> None:
        """Stack groups."""
        self.numbers.append(len(groups))
        for group in groups:
            self.numbers += (self.text(group.name), group.mode)

    def budgets(self, budgets: tuple[Budget, ...]) -> None:
        """Budgets with their funders."""
        self.numbers.append(len(budgets))
        for budget in budgets:
            self.numbers += (
                self.text(budget.budget_id),
                self.text(budget.counter),
                budget.amount,
                int(budget.in_rial),
                budget.on_empty,
                len(budget.funders),
            )
            for funder in budget.funders:
                self.numbers += funder

    def limits(self, limits: tuple[Limit, ...]) -> None:
        """Limits of purses."""
        self.numbers.append(len(limits))
        for limit in limits:
            self.numbers.append(limit.purse)
            self._cap(limit.cap)

    def counters(self, counters: tuple[DeclaredCounter, ...]) -> None:
        """Declared counters."""
        self.numbers.append(len(counters))
        for counter in counters:
            self.numbers += (
                self.text(counter.counter_id),
                self.text(counter.counter),
                counter.of,
                self.text(counter.metric),
                counter.per,
            )
            self._window(counter.window)
            self._condition(counter.condition)

    def rule(self, rule: TableRule) -> None:
        """One rule."""
        numbers, text = self.numbers, self.text
        numbers += (text(rule.rule_id), rule.version, rule.kind, rule.phase, rule.priority)
        self.strings(rule.triggers)
        numbers += (
            text(rule.name_fa),
            text(rule.name_en),
            text(rule.member_text_fa),
            text(rule.member_text_en),
            rule.valid_from_s,
            rule.valid_until_s,
            len(rule.windows),
        )
        for window in rule.windows:
            numbers += window
        numbers.append(len(rule.blackout))
        for days in rule.blackout:
            numbers += days
        self._condition(rule.condition)
        numbers.append(rule.agreements)
        self.strings(rule.statuses)
        self._basis(rule.basis)
        numbers.append(len(rule.effects))
        for effect in rule.effects:
            self._effect(effect)
        numbers.append(len(rule.caps))
        for cap in rule.caps:
            self._cap(cap)
        numbers += (0 if rule.budget is None else rule.budget + 1, rule.group)
        self.strings(rule.excludes)
        self.strings(rule.requires)
        numbers += (
            int(rule.stop_after),
            rule.on_return,
            int(rule.allow_negative),
            int(rule.restore_budget),
        )

    def _effect(self, effect: Effect) -> None:
        numbers, text = self.numbers, self.text
        numbers += effect[:6]
        numbers.append(len(effect.bands))
        for band in effect.bands:
            numbers += band
        numbers += effect[7:14]
        numbers += effect.expiry
        numbers += (effect.to, effect.to_number, len(effect.levels))
        for level in effect.levels:
            numbers += level
        numbers += (
            text(effect.reference),
            text(effect.response_code),
            text(effect.text_fa),
            text(effect.text_en),
        )

    def _cap(self, cap: Cap) -> None:
        self.numbers += (self.text(cap.counter), cap.of, cap.per)
        self._window(cap.window)
        self.numbers += (cap.limit, int(cap.clips))

    def _window(self, window: CapWindow) -> None:
        self.numbers += window

    def _basis(self, basis: Basis) -> None:
        self.numbers += (basis.of, self.text(basis.metric))
        for tests in (basis.include, basis.exclude):
            self.numbers.append(len(tests))
            for test in tests:
                self._condition(test)

    def _condition(self, condition: Condition) -> None:
        numbers = self.numbers
        if isinstance(condition, TextTest | ItemTest):
            node = NODE_TEXT if isinstance(condition, TextTest) else NODE_ITEM
            numbers += (node, condition.dimension, condition.operator)
            self.strings(condition.values)
        elif isinstance(condition, NumberTest):
            numbers += (NODE_NUMBER, condition.source, condition.index, self.text(condition.name))
            numbers.append(condition.operator)
            for bound in (condition.low, condition.high):
                numbers.append(0 if bound is None else folded(bound) + 1)
        elif isinstance(condition, SetTest):
            numbers += (NODE_SET, condition.dimension, condition.operator, condition.mask)
        elif isinstance(condition, Not):
            numbers.append(NODE_NOT)
            self._condition(condition.part)
        else:
            numbers += (NODE_ALL if isinstance(condition, All) else NODE_ANY, len(condition.parts))
            for part in condition.parts:
                self._condition(part)
