"""Lints: each is found where it is due, and only there."""

from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files

import pytest

from switch.rules.compiler import parse_rules
from switch.rules.lints import Severity, lint
from tests.switch.rules.rule_files import Json, burn, cost, discount, earn, parsed, rule
from tests.switch.rules.wrong_documents import DENY, MULTIPLIER, effect

NOW_S = int(datetime.fromisoformat("2026-11-01T12:00+03:30").timestamp())
FIRST: Json = {"groups": [{"name": "one", "mode": "first"}]}
IN_ONE: Json = {"group": "one"}
BUDGET: Json = {"id": "B", "amount": 9, "unit": "units"}


def codes(*rules: Json, **parts: object) -> list[str]:
    return [f"{each.code} {each.rule_id}".strip() for each in lint(parsed(*rules, **parts), NOW_S)]


def has(f: str, op: str, v: object = None) -> Json:
    return {"f": f, "op": op} if v is None else {"f": f, "op": op, "v": v}


def amount(op: str, v: object) -> Json:
    return has("amount", op, v)


def test_default_rules_are_clean() -> None:
    text = files("switch.rules").joinpath("default_rules.toml").read_text("utf-8")
    assert lint(parse_rules(text, "default"), NOW_S) == []


def test_texts_are_in_both_languages() -> None:
    lasting: Json = {"model": "rolling", "period": "P1Y"}
    silent = rule(effects=[earn(pending="P400D", expiry=lasting, max=1)], member_text={})
    found = lint(parsed(silent, segments={"vip": 1}), NOW_S)
    assert [(each.code, each.severity) for each in found] == [
        ("pending_after_expiry", Severity.ERROR),
        ("missing_text", Severity.HINT),
        ("unused_segment", Severity.HINT),
    ]
    for each in found:
        assert any("آ" <= letter <= "ی" for letter in each.text_fa)
        assert each.text_en.isascii()


CONTRADICTIONS: list[list[Json]] = [
    [amount(">", 5), amount("<", 6)],
    [amount("=", 5), amount("!=", 5)],
    [amount("in", [1, 3]), amount("between", [2, 2])],
    [amount(">=", 1), {"not": has("amount", "exists")}],
    [has("city", "in", ["a", "b"]), has("city", "in", ["c"])],
    [has("city", "in", ["a", "b"]), has("city", "not_in", ["a", "b"])],
    [has("city", "=", "a"), {"not": has("city", "in", ["a", "c"])}],
    [has("city", "=", "a"), {"not": has("city", "exists")}],
    [has("segment", "has", "vip"), {"not": has("segment", "has_any", ["vip", "young"])}],
    [has("segment", "has_all", ["vip", "young"]), {"not": has("segment", "has", "young")}],
    [has("segment", "exists"), {"not": has("segment", "exists")}],
    [has("item.sku", "any_in", ["a"]), {"not": has("item.sku", "any_in", ["a", "b"])}],
    [has("item.sku", "all_in", ["a"]), has("item.sku", "any_in", ["b"])],
    [has("item.category", "all_in", ["a"]), has("item.category", "all_in", ["b"])],
    [has("item.label", "all_in", ["a"]), {"not": has("item.label", "any_in", ["a"])}],
    [has("weekday", "in", ["SAT"]), {"not": has("weekday", "<=", 3)}],
    [has("balance.points", ">", 5), {"not": has("balance.points", ">", 3)}],
    [has("metric.m", "<", 3), has("metric.m", ">", 3)],
    [{"any": [amount("<", 3), has("city", "=", "a")]}, amount(">", 3), has("city", "=", "b")],
    [{"not": {"any": [amount("<", 3), amount(">=", 3)]}}, has("amount", "exists")],
]
POSSIBILITIES: list[list[Json]] = [
    [amount(">", 5), amount("<", 7)],
    [{"not": amount(">", 5)}, {"not": amount("<=", 5)}],
    [has("city", "in", ["a", "b"]), has("city", "not_in", ["a"])],
    [{"not": has("city", "in", ["a"])}, {"not": has("city", "not_in", ["a"])}],
    [has("segment", "has_any", ["vip", "young"]), {"not": has("segment", "has", "young")}],
    [has("segment", "has", "vip"), {"not": has("segment", "has_all", ["vip", "young"])}],
    [has("item.sku", "any_in", ["a"]), has("item.sku", "any_in", ["b"])],
    [has("item.label", "all_in", ["a"]), has("item.label", "all_in", ["b"])],
    [{"not": has("item.sku", "any_in", ["a"])}, {"not": has("item.sku", "all_in", ["b"])}],
    [has("weekday", "in", ["SAT", "FRI"]), {"not": has("weekday", "=", "SAT")}],
    [{"any": [amount("<", 3), has("city", "=", "a")]}, amount(">", 3)],
]
SETS: Json = {"segments": {"vip": 1, "young": 2}}


@pytest.mark.parametrize("parts", CONTRADICTIONS)
def test_conditions_that_never_hold_together(parts: Sequence[Json]) -> None:
    assert "contradiction R-1" in codes(rule(when={"all": parts}), **SETS)
    assert "contradiction R-1" in codes(rule(when={"all": parts[::-1]}), **SETS)


@pytest.mark.parametrize("parts", POSSIBILITIES)
def test_conditions_that_can_hold_together(parts: Sequence[Json]) -> None:
    assert "contradiction R-1" not in codes(rule(when={"all": parts}), **SETS)


def test_an_event_is_called_by_its_trigger() -> None:
    def contradicts(value: str, trigger: object) -> bool:
        wanted = rule(when=has("event", "in", [value]), trigger=trigger, basis={"of": "visits"})
        return "contradiction R-1" in codes(wanted)

    assert contradicts("analysis-ok", "review")
    assert not contradicts("review", "review")
    assert not contradicts("custom:analysis", ["review", "custom:analysis"])
    # A purchase may have come about by something that a host names.
    assert not contradicts("spring", ["purchase", "review"])


def test_conditions_against_schedule_scope_and_gate() -> None:
    def contradicts(when: Json, **parts: object) -> bool:
        return codes(rule(when=when, **parts), agreements={"a": 0})[:1] == ["contradiction R-1"]

    evening: Json = {"windows": [{"days": ["FRI"], "from": "22:00", "to": "02:00"}]}
    assert contradicts(has("minute", "=", "12:00"), schedule=evening)
    assert contradicts(has("weekday", "=", "SUN"), schedule=evening)
    assert not contradicts(
        {"all": [has("weekday", "=", "SAT"), has("minute", "=", "01:00")]}, schedule=evening
    )
    assert contradicts({"all": [has("weekday", "=", "SAT"), has("minute", "=", "23:00")]}, schedule=evening)
    nowruz: Json = {"from": "1406-01-01", "to": "1406-01-13"}
    assert contradicts(has("jalali.month", "=", 7), schedule=nowruz)
    assert contradicts(has("date", "<", "2027-03-21"), schedule=nowruz)
    assert contradicts(has("month", "=", 5), schedule=nowruz)
    assert not contradicts(has("jalali.date", "=", "1406-01-13"), schedule=nowruz)
    assert not contradicts(has("weekday", "=", "FRI"), schedule=nowruz)
    assert contradicts(has("weekday", "=", "MON"), schedule={"from": "1406-01-01", "to": "1406-01-01"})
    assert contradicts(has("branch", "=", "M1/2"), scope={"branches": ["M1/1"]})
    assert contradicts(has("member.status", "=", "active"), gate={"member_status": ["blocked"]})
    assert contradicts({"not": has("agreement", "has", "a")}, gate={"agreements": ["a"]})
    covered: Json = {**nowruz, "blackout": ["1406-01-01..1406-01-05", "1406-01-04..1406-01-13"]}
    assert contradicts(amount(">", 1), schedule=covered)
    assert not contradicts(amount(">", 1), schedule={**covered, "to": "1406-01-14"})


def test_a_search_that_takes_too_long_finds_nothing() -> None:
    """Each of so many numbers must be in a metric of its own, and there is one metric less."""

    def crowd(numbers: int) -> Json:
        places = range(numbers - 1)
        return {"all": [{"any": [has(f"metric.m{x}", "=", y) for x in places]} for y in range(numbers)]}

    assert codes(rule(when=crowd(4))) == ["contradiction R-1"]
    assert codes(rule(when=crowd(8))) == []


def test_expired() -> None:
    assert codes(rule(schedule={"to": "2026-10-31"})) == ["expired R-1"]
    assert codes(rule(schedule={"to": "2026-11-01"})) == []
    fixed: Json = {"model": "fixed", "at": "2026-10-31"}
    assert codes(rule(effects=effect(expiry=fixed))) == ["expired R-1"]
    assert codes(rule(schedule={"to": "2026-10-31"}, status="ended")) == []


def test_pending_longer_than_it_lasts() -> None:
    def found(pending: str, **expiry: object) -> bool:
        return codes(rule(effects=effect(pending=pending, expiry=expiry))) == ["pending_after_expiry R-1"]

    assert found("P30D", model="rolling", period="P30D")
    assert not found("P29D", model="rolling", period="P30D")
    assert found("P31D", model="rolling", period="P1M")
    assert not found("P14D", model="rolling", period="P1M")
    assert found("P20D", model="fixed", at="2026-11-20")
    assert not found("P19D", model="fixed", at="2026-11-20")
    assert not found("P9999D", model="never")


def test_unbounded() -> None:
    bare = [earn(), {**earn(), "max": 5}]
    daily: Json = {"of": "units", "per": "member", "window": "day", "limit": 9}
    assert codes(rule(effects=bare)) == ["unbounded R-1"]
    assert codes(rule(effects=bare[1:])) == []
    assert codes(rule(effects=bare, caps=[daily])) == []
    assert codes(rule(effects=bare, budget="B"), budgets=[BUDGET]) == []
    assert codes(rule(effects=bare), limits=[{**daily, "purse": "points"}]) == []
    assert codes(rule(effects=bare), limits=[{**daily, "purse": "coins"}]) == ["unbounded R-1"]
    # Tier points are worth nothing and can't be spent.
    assert codes(rule(effects=[earn(purse="tier_points")])) == []
    spent = rule("G-1", kind="gift", trigger="burn_request", effects=[earn(max=1), cost(5, "tier_points")])
    assert codes(rule(effects=[earn(purse="tier_points")]), spent) == ["unbounded R-1"]


def test_events_without_amounts() -> None:
    assert codes(rule(trigger="review")) == ["no_basis R-1"]
    assert codes(rule(trigger="review", basis={"of": "visits"})) == []
    assert codes(rule(trigger=["review", "purchase"])) == []
    assert codes(rule(trigger="trade")) == []


def test_missing_texts() -> None:
    assert codes(rule(member_text={"fa": "م"})) == ["missing_text R-1"]
    assert codes(rule(member_text={}, effects=effect(to="merchant"))) == []
    assert codes(rule(kind="gate", effects=[{"type": "require_pin"}])) == ["missing_text R-1"]
    assert codes(rule(kind="gate", member_text={}, effects=[DENY])) == []


def test_unreachable_by_exclusion() -> None:
    wide, narrow = amount(">", 5), {"all": [amount(">", 9), has("city", "=", "a")]}
    first = rule("R-1", priority=200, when=wide, stacking={"excludes": ["R-2"]})
    assert codes(first, rule("R-2", when=narrow)) == ["unreachable R-2"]
    assert codes(first, rule("R-2", when=amount(">", 4))) == []
    assert codes({**first, "priority": 50}, rule("R-2", when=narrow)) == []
    assert codes({**first, "trigger": "trade"}, rule("R-2", when=narrow)) == []
    assert codes({**first, "schedule": {"from": "2026-01-01"}}, rule("R-2", when=narrow)) == []
    assert codes({**first, "status": "draft"}, rule("R-2", when=narrow)) == []
    saturday: Json = {"windows": [{"days": ["SAT"]}]}
    assert codes({**first, "schedule": saturday}, rule("R-2", when=narrow)) == []
    assert codes({**first, "schedule": saturday}, rule("R-2", when=narrow, schedule=saturday)) == [
        "unreachable R-2"
    ]
    # The first is not always there itself.
    other = rule("R-0", priority=300, stacking={"excludes": ["R-1"]}, when=has("sector", "=", "x"))
    assert codes(other, first, rule("R-2", when=narrow)) == []


def test_unreachable_by_a_stop_and_by_what_is_required() -> None:
    stop = rule("R-1", priority=200, stacking={"stop_after": True})
    assert codes(stop, rule("R-2")) == ["unreachable R-2"]
    assert codes(stop, rule("R-2", stacking={"phase": "bonus"})) == []
    need: Json = {"requires": ["R-1"]}
    assert codes(rule("R-1", status="draft"), rule("R-2", stacking=need)) == ["unreachable R-2"]
    assert codes(rule("R-1", priority=1), rule("R-2", stacking=need)) == ["unreachable R-2"]
    assert codes(rule("R-1", trigger="trade"), rule("R-2", stacking=need)) == ["unreachable R-2"]
    assert codes(rule("R-1", when=amount("<", 5)), rule("R-2", when=amount(">", 5), stacking=need)) == [
        "unreachable R-2"
    ]
    assert codes(rule("R-1"), rule("R-2", stacking=need)) == []
    paid = rule("R-2", stacking={"requires": ["B-1"]})
    assert codes(burn(), paid) == []


def test_unreachable_in_a_group_of_the_first() -> None:
    def found(first: Json, second: Json) -> list[str]:
        return codes({**first, "stacking": IN_ONE}, {**second, "stacking": IN_ONE}, **FIRST)

    assert found(rule("R-1", priority=200), rule("R-2")) == ["unreachable R-2"]
    assert found(rule("R-1", priority=200, when=amount(">", 5)), rule("R-2")) == []
    assert found(rule("R-1", priority=200, effects=effect(min=5)), rule("R-2")) == []
    once: Json = {"of": "uses", "per": "member", "window": "day", "limit": 1}
    assert found(rule("R-1", priority=200, caps=[once]), rule("R-2")) == []
    small = effect(calc={"mode": "rate", "give": 1, "per": 10**9})
    assert found(rule("R-1", priority=200, effects=small), rule("R-2")) == []
    visits = rule("R-1", priority=200, effects=[earn(max=10)], basis={"of": "visits"})
    assert found(visits, rule("R-2")) == ["unreachable R-2"]


def test_overlap_in_a_group_of_the_first() -> None:
    def found(first: Json, second: Json) -> list[str]:
        return codes({**first, "stacking": IN_ONE}, {**second, "stacking": IN_ONE}, **FIRST)

    low, high = rule("R-1", when=amount("<", 9)), rule("R-2", when=amount(">", 5))
    assert found(low, high) == ["overlap R-1"]
    assert found(low, {**high, "when": amount(">=", 9)}) == []
    assert found(low, {**high, "priority": 1}) == []
    assert found(low, {**high, "trigger": "trade"}) == []
    places = [{"scope": {"branches": [branch]}} for branch in ("M1/1", "M1/2")]
    assert found({**low, **places[0]}, {**high, **places[1]}) == []
    assert found({**low, **places[0]}, {**high, **places[0]}) == ["overlap R-1"]
    assert (
        found({**low, "schedule": {"to": "2026-12-01"}}, {**high, "schedule": {"from": "2026-12-02"}}) == []
    )
    rewards = [discount(each, trigger="burn_request") for each in ("D-1", "D-2")]
    assert found(*rewards) == []


def test_many_rules_are_compared_by_what_they_need() -> None:
    branches = [
        rule(f"R-{index}", scope={"branches": [f"M{index // 2}/1"]}, stacking=IN_ONE) for index in range(1000)
    ]
    found = codes(*branches, **FIRST)
    assert found.count("overlap R-0") == 1
    # Each pair of one branch: one overlaps, the other always loses.
    assert len(found) == 1000
    crowd = [rule(f"R-{index}", stacking=IN_ONE, when=amount("=", index)) for index in range(250)]
    assert codes(*crowd, **FIRST) == ["too_many_pairs"]


def test_tender_taken_by_an_earlier_rule() -> None:
    assert codes(burn("B-1", priority=200), burn("B-2")) == ["unreachable B-2"]
    assert codes(burn("B-1", priority=200, when=has("tier", "=", "gold")), burn("B-2")) == []
    by_credit: Json = {"type": "tender", "purse": "credit", "calc": {"mode": "rate", "give": 1, "per": 1}}
    assert codes(burn("B-1", priority=200), burn("B-2", effects=[by_credit])) == []


def test_a_multiplier_needs_something_to_multiply() -> None:
    times = rule("R-2", effects=[{**MULTIPLIER, "max": 9}])
    assert codes(times) == ["unreachable R-2"]
    assert codes(rule(), times) == []
    assert codes(rule(stacking={"phase": "bonus"}), times) == ["unreachable R-2"]
    assert codes(rule(effects=effect(to="merchant")), times) == ["unreachable R-2"]


def convert(rule_id: str, purse: str, target: str, give: int, per: int) -> Json:
    calc: Json = {"mode": "rate", "give": give, "per": per}
    effects = [{"type": "convert", "purse": purse, "target": target, "calc": calc}]
    return rule(rule_id, kind="convert", trigger="conversion", effects=effects)


def test_earning_on_what_is_paid_with_points() -> None:
    whole_bill = rule(basis={"of": "amount"})
    assert codes(whole_bill, burn()) == ["earn_loop R-1"]
    assert codes(whole_bill) == []
    assert codes(rule(), burn()) == []
    assert codes({**whole_bill, "effects": [earn(max=10)]}, burn()) == []
    # A point pays 1,000 rial; a point for every 900 rial of the whole bill mints points.
    generous = effect(calc={"mode": "rate", "give": 1, "per": 900})
    found = lint(parsed({**whole_bill, "effects": generous}, burn()), NOW_S)
    assert [(each.code, each.severity) for each in found] == [
        ("earn_loop", Severity.WARNING),
        ("earn_loop", Severity.ERROR),
    ]
    assert "111 out of every 100" in found[1].text_en


def test_conversions_that_go_round() -> None:
    there = convert("C-1", "points", "credit", 1000, 1)
    assert codes(there, convert("C-2", "credit", "points", 1, 1000)) == []
    assert codes(there, convert("C-2", "credit", "points", 1, 999)) in (["earn_loop C-1"], ["earn_loop C-2"])
    by_coins = [convert("C-2", "credit", "coins", 1, 100), convert("C-3", "coins", "points", 11, 100)]
    assert len(codes(there, *by_coins)) == 1
    assert codes(there, by_coins[0], convert("C-3", "coins", "points", 1, 10)) == []


def test_costs_below_what_they_buy() -> None:
    def gift(*effects: Json) -> Json:
        return rule("G-1", kind="gift", trigger="burn_request", effects=list(effects))

    assert codes(gift(earn(10, max=10), cost(10))) == ["cheap_cost G-1"]
    assert codes(gift(earn(9, max=9), cost(10))) == []
    off: Json = {"type": "discount", "calc": {"mode": "fixed", "give": 50_001}}
    dear = discount(trigger="burn_request", effects=[off, cost(50)])
    assert codes(dear, burn()) == ["cheap_cost D-1"]
    assert codes({**dear, "effects": [off, cost(51)]}, burn()) == []
    assert codes(dear) == []
    # A gift of coins for points, and points for coins.
    assert codes(gift(earn(5, "coins", max=5), cost(10)), convert("C-1", "coins", "points", 3, 1)) in (
        ["earn_loop C-1"],
        ["earn_loop G-1"],
    )


def test_what_is_declared_and_never_used() -> None:
    declared: Json = {
        "segments": {"vip": 0},
        "agreements": {"terms": 0},
        "groups": [{"name": "g", "mode": "sum"}],
        "budgets": [BUDGET],
        "counters": [{"id": "c", "of": "visits", "per": "member", "window": "day"}],
    }
    unused = [f"unused_{kind}" for kind in ("segment", "agreement", "budget", "counter", "group")]
    assert codes(rule(), **declared) == unused
    uses = {"all": [{"not": has("segment", "has", "vip")}, has("counter.c", ">", 1)]}
    user = rule(
        when=uses, gate={"agreements": ["terms"]}, budget="B", stacking={"group": "g"}, status="draft"
    )
    assert codes(user, **declared) == []
