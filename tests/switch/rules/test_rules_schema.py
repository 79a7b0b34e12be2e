"""Wrong rule documents: each fault is told, with its rule and its place, and all of them at once."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from switch.rules.compiler import RuleFaults, compile_document, load_rules, parse_rules
from switch.rules.schema import SCHEMA_URN, RuleSet
from tests.amounts import many
from tests.switch.rules.rule_files import (
    Json,
    burn,
    compiled,
    cost,
    discount,
    document,
    earn,
    faults_of,
    rule,
    text_of,
)
from tests.switch.rules.strategies import documents
from tests.switch.rules.wrong_documents import (
    BUDGET,
    CONVERT,
    DENY,
    MULTIPLIER,
    PURSE,
    WRONG_HEADS,
    WRONG_RULES,
    effect,
    when,
)
from tools.generators.rule_set_schema import rule_set_schema


@pytest.mark.parametrize(("wrong", "told"), WRONG_RULES, ids=[told[:60] for _, told in WRONG_RULES])
def test_each_fault_of_a_rule_is_told(wrong: Json, told: str) -> None:
    faults = faults_of(document(wrong))
    assert any(told in fault for fault in faults), faults


def test_the_rules_that_were_made_wrong_are_right() -> None:
    convert = rule("C-1", kind="convert", trigger="conversion", effects=[CONVERT])
    assert (
        faults_of(document(rule(), rule("R-2", kind="gate", effects=[DENY]), burn(), discount(), convert))
        == []
    )
    fixed: Json = {"type": "discount", "calc": {"mode": "fixed", "give": 1}}
    costly = discount("D-2", trigger="burn_request", effects=[fixed, cost(5)])
    assert faults_of(document(rule(effects=[MULTIPLIER]), costly)) == []


@pytest.mark.parametrize(("wrong", "told"), WRONG_HEADS, ids=[told[:60] for _, told in WRONG_HEADS])
def test_each_fault_of_a_document_is_told(wrong: Json, told: str) -> None:
    faults = faults_of({**document(), **wrong})
    assert any(told in fault for fault in faults), faults


def test_a_budget_in_units_counts_one_purse() -> None:
    shared = document(
        rule("R-1", budget="B"), rule("R-2", budget="B", effects=[earn(1, "coins")]), budgets=[BUDGET]
    )
    assert faults_of(shared) == [
        "R-2: budget: B already counts units of points; units of different purses can't be added"
    ]
    assert faults_of({**shared, "budgets": [{**BUDGET, "unit": "rial"}]}) == []


def test_all_faults_are_told_at_once() -> None:
    faults = faults_of(
        document(
            rule("R-1", version=0, when={"all": [{"f": "amount", "op": ">=", "v": None}, {}]}),
            rule("R-2", effects=effect(purse="gold"), stacking={"requires": ["R-1"], "excludes": ["R-8"]}),
            rule("R-2", schedule={"from": "2026-02-30"}),
            rule("", trigger="burn_request"),
            simple=[{"rule_id": "S-1", "text": "10 pionts for review"}],
            programme="Not a name",
            time_zone="Nowhere",
        )
    )
    for part in (
        "rule set: programme",
        "rule set: time_zone",
        "R-1: version",
        "R-1: when.all.1: a condition is",
        "R-2: effects.0.purse: there is no purse gold",
        "R-2: stacking.excludes: there is no rule R-8",
        "R-2: id stands twice",
        "R-2: schedule.from: there is no day",
        "rule 4: rule_id",
        "S-1: text: “pionts” at character 4",
    ):
        assert any(fault.startswith(part) for fault in faults), (part, faults)
    # R-1 is there, though at fault; and what only follows from another fault isn't told.
    assert not any("no rule R-1" in fault or "at least 1 item" in fault for fault in faults)


def test_a_line_not_understood_still_has_its_id() -> None:
    needs = rule(stacking={"requires": ["S-1"]})
    faults = faults_of(document(needs, simple=[{"rule_id": "S-1", "text": "nonsense"}]))
    assert [fault.split(":")[0] for fault in faults] == ["S-1"]


def test_what_refers_to_a_faulty_section_is_not_judged() -> None:
    faults = faults_of(document(rule(effects=effect(purse="gold")), purses=[{"code": 1}]))
    assert faults
    assert not any("no purse" in fault for fault in faults)


def test_faults_say_where_they_come_from() -> None:
    with pytest.raises(RuleFaults) as caught:
        parse_rules(text_of(document(rule(version=0))), "rules.json")
    assert str(caught.value).startswith("rules.json: 1 faults in the rules\nR-1: version")
    assert caught.value.source == "rules.json"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("format = ", "Invalid value"),
        ('{"format": 2, "format": 2}', "key format stands twice"),
        ('{"format": 2, "a": NaN}', "NaN is no number"),
        ('{"format": 2', "Expecting"),
        ('{"a":' + "[" * 50_000, "nested too deeply"),
        ("a = " + "[" * 50_000, "nested too deeply"),
        ('{"format": 1' + "0" * 5000 + "}", "Exceeds the limit"),
        ("[rules]\nx = 1\n", "rule set: rules"),
        ("format = 2", "rule set: programme: Field required"),
        ("", "rule set: format: Field required"),
    ],
    ids=range(10),
)
def test_unreadable_text_is_a_fault(text: str, told: str) -> None:
    assert any(told in fault for fault in faults_of(text)), faults_of(text)


def test_a_file_of_other_characters_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_bytes(b"programme = '\xff'")
    with pytest.raises(RuleFaults, match="not UTF-8"):
        load_rules(path)


def test_conditions_have_bounds() -> None:
    deep: Json = {"f": "amount", "op": "=", "v": 1}
    for _ in range(7):
        deep = {"not": deep}
    assert faults_of(document(rule(when=deep))) == []
    assert faults_of(document(rule(when={"not": deep}))) == [
        "R-1: when.not.not.not.not.not.not.not.not: a condition has at most 8 levels"
    ]
    many = {"all": [{"f": "amount", "op": "!=", "v": number} for number in range(64)]}
    assert faults_of(document(rule(when=many))) == []
    many["all"].append({"f": "amount", "op": "=", "v": 1})
    assert "at most 64 tests" in faults_of(document(rule(when=many)))[0]
    assert "at most 64 tests" in faults_of(document(when("amount", "not_in", list(range(65)))))[0]


def test_a_document_made_in_code_is_checked_too() -> None:
    with pytest.raises(RuleFaults, match="no purse gold"):
        compile_document(RuleSet.model_validate(document(rule(effects=effect(purse="gold")))))


def test_built_in_purses_are_there_where_none_is_declared() -> None:
    purses = {purse.name: purse.code for purse in compiled(rule()).programme.purses}
    assert purses == {
        "items": 90,
        "points": 91,
        "credit": 92,
        "coins": 93,
        "wallet": 94,
        "tier_points": 95,
        "gift": 96,
        "stamps": 97,
        "vouchers": 98,
        "tickets": 99,
    }
    assert set(compiled(rule(), purses=[PURSE]).purses) == {91}


def test_a_document_survives_its_own_text() -> None:
    full = parse_rules(text_of(document(rule(when={"not": {"f": "city", "op": "exists"}}), burn())), "test")
    again = parse_rules(json.dumps(full.model_dump(mode="json", exclude_none=True)), "test")
    assert again == full


def test_the_published_schema_is_current() -> None:
    text = files("switch.rules").joinpath("rule-set.schema.json").read_text("utf-8")
    assert text == rule_set_schema(), "stale: python -m tools.generators"
    assert json.loads(text)["$id"] == SCHEMA_URN


@settings(max_examples=many(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_random_documents_are_right(written: Json) -> None:
    assert faults_of({"$schema": SCHEMA_URN, **written}) == []
