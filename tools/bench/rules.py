"""Decide a purchase by 10 to 10,000 rules, beside rule-engine, business-rules and json-logic-qubit.

All contenders hold the same generated rules (scopes of merchants and card types, tiers, segments, weekdays,
bounds of the amount) and must find the same rules for the same purchases, or the benchmark ends. Each call
decides another one of 5,000 purchases. The others only tell which rules match, in the form that is fastest in
each of them; `vafa` also computes what is granted, with reasons, funding and texts. `compiled` does that on
flat memory, from facts to grants, and is there where it was built. `reference` is our second evaluator, which
reads the rule document as it was written. `compile` is the time from the JSON document of 10,000 rules to the
table, `ready` the time from the table to its first decision.
"""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from statistics import median
from typing import NamedTuple, TypeVar

from switch.rule_trials.club import Club
from switch.rule_trials.sale import Sale
from switch.rules.compiler import compile_rules, parse_rules
from switch.rules.evaluator import evaluate
from switch.rules.facts import Facts
from switch.rules.outcome import CounterKey, CounterView, Outcome
from switch.rules.reference import decide_by_reading
from tools.bench.measure import Contender, Report, Result, machine, us_per_unit
from tools.bench.rule_rivals import MATCHERS
from tools.bench.rule_workload import (
    WEEKDAYS,
    SampleRequest,
    SampleRule,
    rule_document,
    sample_requests,
    sample_rules,
)

try:
    from switch.rules.flat.evaluator import FlatEvaluator
    from switch.rules.flat.repeating import Repeating
except ImportError:  # no C compiler was there at installation
    HAS_FLAT = False
else:
    HAS_FLAT = True

SIZES = (10, 100, 1_000, 10_000)
REFERENCE_SIZES = (10, 100, 1_000)
_REQUESTS = 5_000
# Decisions of `compiled` in one call, which would take longer than one of them.
_IN_ONE_CALL = 1_000
_ROUNDS = {10: 15, 100: 15, 1_000: 9, 10_000: 5}
_QUICK_ROUNDS = {10: 5, 100: 5, 1_000: 3, 10_000: 3}
# Purchases on which all contenders are proved to agree, by the number of rules.
_PROOFS = {10: 200, 100: 100, 1_000: 20, 10_000: 4}
_COMPILE_ROUNDS = 3
_Request = TypeVar("_Request")


class NoCounters:
    """Nothing has been counted yet."""

    def value(self, key: CounterKey) -> int:
        """Always 0."""
        return 0


class _Requests(NamedTuple):
    """The same purchases as the others and as ours see them."""

    mappings: list[Mapping[str, object]]
    facts: list[Facts]


def contenders(size: int) -> dict[str, Contender]:
    """All contenders for so many rules by name, each proved to find the same rules."""
    rules = sample_rules(size)
    samples = sample_requests(size, _REQUESTS)
    document = rule_document(rules)
    requests = _requests(samples, document)
    expected = [_matching(rules, sample) for sample in samples[: _PROOFS[size]]]
    calls: dict[str, Callable[[], object]] = {}
    for name, make in MATCHERS.items():
        matcher = make(rules)
        _prove(name, [matcher(each) for each in requests.mappings[: len(expected)]], expected)
        calls[f"{name}@{size}"] = _in_turn(matcher, requests.mappings)
    for name, decide in _ours(size, document).items():
        found = [_granting(decide(each)) for each in requests.facts[: len(expected)]]
        _prove(name, found, [sorted(ids) for ids in expected])
        calls[f"{name}@{size}"] = _in_turn(decide, requests.facts)
    all_of_them = {name: Contender(call) for name, call in calls.items()}
    if HAS_FLAT:
        flat = FlatEvaluator(compile_rules(document, "benchmark"))
        outcomes = [flat.evaluate(each, NoCounters()) for each in requests.facts[: len(expected)]]
        found = [[] if outcome is None else _granting(outcome) for outcome in outcomes]
        _prove("compiled", found, [sorted(ids) for ids in expected])
        repeating = Repeating(flat, requests.facts)
        all_of_them[f"compiled@{size}"] = Contender(lambda: repeating.decide(_IN_ONE_CALL), _IN_ONE_CALL)
    return all_of_them


def run(*, quick: bool) -> Report:
    """Microseconds per decision of each contender; milliseconds until the largest rule set decides."""
    results: list[Result] = []
    for size in SIZES:
        figures = us_per_unit(
            contenders(size),
            rounds=(_QUICK_ROUNDS if quick else _ROUNDS)[size],
            round_s=0.02 if quick else 0.2,
        )
        results += [Result(name, round(value, 3), "us/decision") for name, value in figures.items()]
    rounds = 1 if quick else _COMPILE_ROUNDS
    for name, value in (("compile", compile_ms(rounds)), ("ready", ready_ms(rounds))):
        results.append(Result(f"{name}@{SIZES[-1]}", round(value, 1), "ms"))
    return Report("rules", machine(), results)


def compile_ms(rounds: int) -> float:
    """Milliseconds from the document of the largest rule set to its table: the median of so many rounds."""
    document = rule_document(sample_rules(SIZES[-1]))

    def once() -> float:
        start = time.perf_counter()
        compile_rules(document, "benchmark")
        return (time.perf_counter() - start) * 1000

    return median(once() for _ in range(rounds))


def ready_ms(rounds: int) -> float:
    """Milliseconds from the largest table to its first decision: the median of so many rounds."""
    document = rule_document(sample_rules(SIZES[-1]))
    facts = _requests(sample_requests(SIZES[-1], 1), document).facts[0]

    def once() -> float:
        table = compile_rules(document, "benchmark")
        start = time.perf_counter()
        evaluate(table, facts, NoCounters())
        return (time.perf_counter() - start) * 1000

    return median(once() for _ in range(rounds))


def _ours(size: int, document: str) -> dict[str, Callable[[Facts], Outcome]]:
    table = compile_rules(document, "benchmark")
    counters: CounterView = NoCounters()
    found: dict[str, Callable[[Facts], Outcome]] = {"vafa": lambda facts: evaluate(table, facts, counters)}
    if size in REFERENCE_SIZES:
        written = parse_rules(document, "benchmark")
        found["reference"] = lambda facts: decide_by_reading(written, facts, counters)
    return found


def facts_of(samples: list[SampleRequest], document: str) -> list[Facts]:
    """What our evaluators see of purchases in a club of these rules."""
    club = Club(compile_rules(document, "benchmark"), now_s=0)
    return [club.facts(_sale(each)) for each in samples]


def _requests(samples: list[SampleRequest], document: str) -> _Requests:
    return _Requests([sample._asdict() for sample in samples], facts_of(samples, document))


def _sale(sample: SampleRequest) -> Sale:
    day = WEEKDAYS.index(sample.weekday)
    return Sale(
        at=f"2026-11-{7 + day:02}T12:00",
        merchant=sample.merchant,
        card_type=sample.card_type,
        tier=sample.tier,
        segments=sample.segments,
        amount=sample.amount,
    )


def _matching(rules: list[SampleRule], sample: SampleRequest) -> list[str]:
    """What the generated rules mean, in the plainest way."""
    return [
        rule.rule_id
        for rule in rules
        if rule.amount_from <= sample.amount < rule.amount_until
        and (not rule.merchants or sample.merchant in rule.merchants)
        and (not rule.card_types or sample.card_type in rule.card_types)
        and (not rule.tiers or sample.tier in rule.tiers)
        and (not rule.weekdays or sample.weekday in rule.weekdays)
        and (not rule.segment or rule.segment in sample.segments)
    ]


def _granting(outcome: Outcome) -> list[str]:
    return sorted(grant.rule_id for grant in outcome.grants)


def _prove(name: str, found: list[list[str]], expected: list[list[str]]) -> None:
    if found != expected:
        raise AssertionError(f"{name} finds other rules")


def _in_turn(call: Callable[[_Request], object], requests: list[_Request]) -> Callable[[], object]:
    turn: Iterator[_Request] = itertools.cycle(requests)
    return lambda: call(next(turn))
