"""The evaluator of one table: runs the stages in order and puts the outcome together."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from switch.rules.counting import key_of
from switch.rules.evaluator.burn import pay_from_purse
from switch.rules.evaluator.compiled import CompiledRule, Stage, compile_table
from switch.rules.evaluator.conversion import convert
from switch.rules.evaluator.discounts import discount
from switch.rules.evaluator.earn import earn
from switch.rules.evaluator.explaining import Explanation
from switch.rules.evaluator.gates import pass_gates
from switch.rules.evaluator.index import Index, Stages
from switch.rules.evaluator.matching import PURCHASE, Check, condition_check
from switch.rules.evaluator.run import Run
from switch.rules.evaluator.selection import Entries
from switch.rules.evaluator.traces import Trace
from switch.rules.facts import Facts
from switch.rules.local_time import clock_of
from switch.rules.outcome import CounterView, Grant, Outcome, Refusal
from switch.rules.table import CounterOf, DeclaredCounter, RuleTable

CONVERSION = "conversion"

_GATES, _DISCOUNTS, _BURN, _CONVERSION, _BASE, _MULTIPLIER, _BONUS = (int(stage) for stage in Stage)


class Evaluator:
    """A table made ready: its compiled rules, its index and what it remembers. For one thread at a time."""

    __slots__ = (
        "_calendar",
        "_clock",
        "_counters",
        "_declared",
        "_index",
        "_programme",
        "_rules",
        "_table_rules",
    )

    def __init__(self, table: RuleTable) -> None:
        self._programme = table.programme
        self._calendar = table.programme.calendar
        self._clock = clock_of(table.programme.time_zone)
        with _collector_paused():
            self._rules = compile_table(table)
            self._index = Index(self._rules, self._clock)
        self._counters = table.counters
        self._declared: tuple[tuple[DeclaredCounter, Check], ...] = tuple(
            (declared, condition_check(declared.condition, table.counters)) for declared in table.counters
        )
        self._table_rules = table.rules

    def evaluate(self, facts: Facts, counters: CounterView) -> Outcome:
        """What the rules decide about one request. `counters` are as they stand before it."""
        run = Run(facts, counters, self._clock, self._calendar, None)
        return self._decide(run, self._index.candidates(run))

    def explain(self, facts: Facts, counters: CounterView) -> tuple[Outcome, tuple[Trace, ...]]:
        """The same decision, and of every rule of the table, in its order, why it did what it did."""
        explanation = Explanation(self._programme, self._counters)
        run = Run(facts, counters, self._clock, self._calendar, explanation)
        stages: list[list[tuple[CompiledRule, Check]]] = [[] for _ in Stage]
        for rule in self._rules:
            stages[rule.stage].append((rule, explanation.check(rule)))
        outcome = self._decide(run, tuple(tuple(stage) for stage in stages))
        return outcome, explanation.traces(self._table_rules)

    def _decide(self, run: Run, stages: Stages) -> Outcome:
        gates = stages[_GATES]
        if gates:
            refusal = pass_gates(run, gates)
            if refusal is not None:
                return _refused(run, refusal)
        if run.facts.trigger == CONVERSION:
            return self._conversion(run, stages[_CONVERSION])
        discounts: list[Grant] = []
        costs: list[Grant] = []
        texts: list[tuple[str, str]] = []
        reduction = 0
        if stages[_DISCOUNTS]:
            discounts, costs, texts = discount(run, stages[_DISCOUNTS])
            reduction = sum(grant.granted for grant in discounts)
        payable = run.amount - reduction
        tender, tendered = None, 0
        if run.facts.tender_purse and payable:
            paid = pay_from_purse(run, stages[_BURN], payable)
            if isinstance(paid, Refusal):
                return _refused(run, paid)
            tender, tendered, tender_texts = paid
            texts += tender_texts
            run.points_paid = tendered * 1000 // run.amount
        run.net = payable - tendered
        grants, gift_costs, earn_texts = earn(run, stages[_BASE], stages[_MULTIPLIER], stages[_BONUS])
        if self._declared and run.facts.trigger == PURCHASE:
            self._count_declared(run)
        return Outcome(
            None,
            run.amount,
            reduction,
            tendered,
            run.net,
            tuple(discounts),
            (*costs, *gift_costs),
            tender,
            tuple(grants),
            run.counter_moves(),
            tuple(dict.fromkeys(texts + earn_texts)),
        )

    def _conversion(self, run: Run, entries: Entries) -> Outcome:
        converted = convert(run, entries)
        if isinstance(converted, Refusal):
            return _refused(run, converted)
        cost, grant, texts = converted
        moves = run.counter_moves()
        return Outcome(None, run.amount, 0, 0, run.amount, (), (cost,), None, (grant,), moves, texts)

    def _count_declared(self, run: Run) -> None:
        for declared, check in self._declared:
            if not check(run):
                continue
            if declared.of == CounterOf.VISITS:
                delta = 1
            elif declared.of == CounterOf.AMOUNT:
                delta = run.amount
            elif declared.of == CounterOf.QUANTITY:
                delta = sum(line.quantity for line in run.lines)
            else:
                delta = run.facts.metrics.get(declared.metric) or 0
            key = key_of(declared, run.subject, run.moment, run.calendar)
            run.count(key, declared.per, delta, True, declared.of == CounterOf.VISITS)


def _refused(run: Run, refusal: Refusal) -> Outcome:
    return Outcome(refusal, run.amount, 0, 0, run.amount, (), (), None, (), (), ())


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Nothing of what is made here is garbage: looking for it takes four times as long as making it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


_evaluators: WeakKeyDictionary[RuleTable, Evaluator] = WeakKeyDictionary()


def evaluator_of(table: RuleTable) -> Evaluator:
    """The evaluator of a table; made at its first use, kept as long as the table."""
    evaluator = _evaluators.get(table)
    if evaluator is None:
        evaluator = _evaluators[table] = Evaluator(table)
    return evaluator


def evaluate(table: RuleTable, facts: Facts, counters: CounterView) -> Outcome:
    """What the rules of a table decide about one request."""
    return evaluator_of(table).evaluate(facts, counters)


def explain(table: RuleTable, facts: Facts, counters: CounterView) -> tuple[Outcome, tuple[Trace, ...]]:
    """What `evaluate` decides, and one trace for each rule in table order."""
    return evaluator_of(table).explain(facts, counters)
