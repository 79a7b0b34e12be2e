"""Rule data, the table compiled from it, and what it grants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.ledger.purses import PurseCode
from switch.rules.compiler import RuleFaults, compile_rules, load_rules
from switch.rules.evaluator import earnings, rate, tender
from switch.rules.table import Effect, EffectType, Rounding, RuleTable, RuleTableFault

DEFAULT = load_rules(None)


@pytest.mark.parametrize(
    ("amount", "points", "credit"),
    [
        (2_500_000, 250, 50_000),
        (9_999, 0, 199),
        (10_000, 1, 200),
        (49, 0, 0),
        (999_999_999_999, 99_999_999, 19_999_999_999),
    ],
)
def test_default_rules_earn(amount: int, points: int, credit: int) -> None:
    got = {grant.purse: (grant.amount, grant.rule.rule_id) for grant in earnings(DEFAULT, amount)}
    wanted = {PurseCode.POINTS: (points, "EARN-01"), PurseCode.CREDIT: (credit, "EARN-02")}
    assert got == {purse: pair for purse, pair in wanted.items() if pair[0]}


@pytest.mark.parametrize(("amount", "points"), [(1, 1), (1000, 1), (1001, 2), (100_500, 101)])
def test_default_rules_tender(amount: int, points: int) -> None:
    by_points, by_credit = (
        tender(DEFAULT, PurseCode.POINTS, amount),
        tender(DEFAULT, PurseCode.CREDIT, amount),
    )
    assert by_points is not None
    assert by_credit is not None
    assert (by_points.amount, by_points.rule.rule_id) == (points, "BURN-04")
    assert by_credit.amount == amount


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.integers(0, 10**12))
def test_rounding_is_exact(give: int, per: int, amount: int) -> None:
    def rounded(rounding: Rounding) -> int:
        return rate(Effect(EffectType.EARN, PurseCode.POINTS, rounding, give, per, 0, 0), amount)

    low, near, high = rounded(Rounding.FLOOR), rounded(Rounding.HALF_UP), rounded(Rounding.CEIL)
    assert low * per <= amount * give < (low + 1) * per
    assert (high - 1) * per < amount * give <= high * per
    assert abs(2 * near * per - 2 * amount * give) <= per
    assert low <= near <= high


def test_table_survives_its_bytes() -> None:
    again = RuleTable.unpack(DEFAULT.packed)
    assert (again.digest, again.rules) == (DEFAULT.digest, DEFAULT.rules)


def test_order_in_the_file_means_nothing() -> None:
    assert RuleTable(tuple(reversed(DEFAULT.rules))).digest == DEFAULT.digest


@given(st.data())
def test_other_bytes_are_refused_or_another_table(data: st.DataObject) -> None:
    """A changed byte is an unknown form, or plainly other rules: never the same table."""
    packed = bytearray(DEFAULT.packed)
    offset = data.draw(st.integers(0, len(packed) - 1))
    packed[offset] ^= data.draw(st.integers(1, 255))
    try:
        table = RuleTable.unpack(bytes(packed))
    except RuleTableFault:
        return
    assert table.packed == bytes(packed)
    assert table.digest != DEFAULT.digest


@given(st.integers(0, len(DEFAULT.packed) - 1))
def test_short_bytes_are_refused(length: int) -> None:
    with pytest.raises(RuleTableFault):
        RuleTable.unpack(DEFAULT.packed[:length])
    with pytest.raises(RuleTableFault):
        RuleTable.unpack(DEFAULT.packed + b"\0")


RULE = """
format = 1
programme = "vafa"
[[rules]]
rule_id = "{rule_id}"
version = 1
status = "active"
kind = "earn"
priority = 1
name = {{ fa = "ن", en = "n" }}
member_text = {{ fa = "ن", en = "{text}" }}
trigger = {{ type = "purchase" }}
basis = {{ of = "net_after_burn" }}
[[rules.effects]]
type = "earn"
purse = "points"
calc = {{ mode = "{mode}", per = {per}, give = 3 }}
rounding = "floor"
min = 2
max = 5
"""


def rule(rule_id: str = "R-1", text: str = "n", mode: str = "rate", per: str = "10") -> str:
    return RULE.format(rule_id=rule_id, text=text, mode=mode, per=per)


def test_minimum_and_maximum() -> None:
    table = compile_rules(rule(), "test")
    assert [sum(grant.amount for grant in earnings(table, amount)) for amount in (6, 7, 16, 17, 99)] == [
        0,
        2,
        4,
        5,
        5,
    ]


def test_all_faults_are_told_at_once() -> None:
    second = rule("bad id", text="x" * 161, per="1.5").split("[[rules]]")[1]
    third = rule("R-1", mode="percent").split("[[rules]]")[1]
    text = (
        rule().replace("vafa", "Not A Name")
        + "[[rules]]"
        + second
        + "[[rules]]"
        + rule().split("[[rules]]")[1]
    )
    with pytest.raises(RuleFaults) as caught:
        compile_rules(text + "[[rules]]" + third, "rules.toml")
    told = str(caught.value)
    for part in ("programme", "bad id: rule_id", "160 bytes", "per", "R-1: id stands twice", "per = 100"):
        assert part in told
    assert told.startswith("rules.toml: ")


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(RuleFaults, match="Extra inputs"):
        compile_rules(rule().replace("basis =", "caps = []\nbasis ="), "test")


def test_inactive_rules_stay_out() -> None:
    assert compile_rules(rule().replace('"active"', '"paused"'), "test").rules == ()
