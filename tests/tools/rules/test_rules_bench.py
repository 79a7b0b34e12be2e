"""`vafa bench rules`: the contenders agree, the names are there, and the table compares like with like."""

import pytest

from switch.rules.compiler import compile_rules
from tools.bench.measure import Report, Result
from tools.bench.rule_workload import rule_document, sample_requests, sample_rules
from tools.bench.rules import HAS_FLAT, contenders
from tools.commands.bench import table


def test_contenders_agree_and_have_their_names() -> None:
    names = [name for size in (10, 100) for name in contenders(size)]
    kinds = ["rule-engine", "business-rules", "json-logic", "vafa", "reference", *["compiled"] * HAS_FLAT]
    assert names == [f"{kind}@{size}" for size in (10, 100) for kind in kinds]


def test_a_contender_that_finds_other_rules_ends_the_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.bench.rules.MATCHERS", {"wrong": lambda rules: lambda request: []})
    with pytest.raises(AssertionError, match="wrong finds other rules"):
        contenders(100)


def test_the_workload_is_the_same_each_time_and_uses_every_part() -> None:
    rules = sample_rules(1000)
    assert rules == sample_rules(1000)
    assert sample_requests(1000, 5) == sample_requests(1000, 9)[:5]
    for part in ("merchants", "card_types", "tiers", "segment", "weekdays"):
        assert any(getattr(rule, part) for rule in rules)
        assert any(not getattr(rule, part) for rule in rules)
    assert len(compile_rules(rule_document(rules), "test").rules) == 1000


def test_the_table_compares_within_a_size_and_a_unit() -> None:
    results = [
        Result("slow@10", 40.0, "us/decision"),
        Result("fast@10", 5.0, "us/decision"),
        Result("slow@100", 400.0, "us/decision"),
        Result("fast@100", 4.0, "us/decision"),
        Result("compile@100", 12.5, "ms"),
    ]
    lines = table(Report("rules", {"processors": 2}, results)).splitlines()
    assert lines[2] == "| rules | us/decision | times slow |"
    assert lines[4:] == [
        "| slow@10 | 40.000 | 1.0 |",
        "| fast@10 | 5.000 | 8.0 |",
        "| slow@100 | 400.000 | 1.0 |",
        "| fast@100 | 4.000 | 100.0 |",
        "| compile@100 | 12.5 ms | |",
    ]


def test_a_table_without_sizes_compares_with_the_first() -> None:
    results = [Result("one", 50.0, "us/message"), Result("other", 2.5, "us/message")]
    lines = table(Report("codec", {}, results)).splitlines()
    assert lines[2:] == [
        "| codec | us/message | times one |",
        "|---|---:|---:|",
        "| one | 50.000 | 1.0 |",
        "| other | 2.500 | 20.0 |",
    ]
