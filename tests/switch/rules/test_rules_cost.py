"""Cost estimates: what a mix of sales gives, what one sale gives at most, and how long a budget lasts."""

from datetime import datetime

import pytest

from switch.rules.compiler import RuleFaults, load_rules
from switch.rules.cost import DEFAULT_MIX, Mix, RuleCost, estimate, estimated_rial, parse_mix
from tests.switch.rules.rule_files import Json, burn, compiled, cost, discount, earn, rule
from tests.switch.rules.wrong_documents import MULTIPLIER, effect

NOW_S = int(datetime.fromisoformat("2026-11-01T12:00+03:30").timestamp())


def mix(*sales: Json) -> Mix:
    return Mix.model_validate({"sales": sales})


ONE_MILLION = mix({"amount": 1_000_000})


def only(costs: tuple[RuleCost, ...], rule_id: str = "R-1") -> RuleCost:
    (found,) = (each for each in costs if each.rule_id == rule_id)
    return found


def test_default_rules_by_hand() -> None:
    points, credit = estimate(
        load_rules(None), mix({"weight": 3, "amount": 1_500_000}, {"amount": 50}), NOW_S
    )
    # Three sales of four give 150 points and 30,000 rial, the fourth 1 rial; a point is owed as 1,000 rial.
    assert points == RuleCost("EARN-01", 91, 750, 112_500, 112_500_000, 150, 150_000, "", 0, None)
    assert credit == RuleCost("EARN-02", 92, 1000, 22_500_250, 22_500_250, 30_000, 30_000, "", 0, None)


def test_the_default_mix_is_of_everyday_sales() -> None:
    found = estimate(load_rules(None), DEFAULT_MIX, NOW_S)
    average = sum(sale.weight * sale.amount for sale in DEFAULT_MIX.sales) // 100
    assert only(found, "EARN-02").rial == average * 1000 * 2 // 100
    assert estimated_rial(load_rules(None), DEFAULT_MIX, NOW_S) == sum(each.rial for each in found)


def test_a_rule_costs_only_where_it_holds() -> None:
    table = compiled(
        rule(
            when={"f": "tier", "op": "=", "v": "gold"},
            gate={"agreements": ["terms"]},
            scope={"cities": ["a"]},
        ),
        agreements={"terms": 4},
    )
    golden: Json = {"amount": 1_000_000, "facts": {"tier": "gold", "city": "a"}, "agreements": ["terms"]}
    got = only(estimate(table, mix({"weight": 9, "amount": 1_000_000}, golden), NOW_S))
    assert (got.sales, got.units) == (100, 10_000)
    nobody = only(estimate(table, ONE_MILLION, NOW_S))
    # The worst case leaves conditions aside.
    assert (nobody.sales, nobody.units, nobody.worst_units, nobody.worst_rial) == (0, 0, 100, 100_000)


def test_events_lines_metrics_and_times() -> None:
    table = compiled(
        rule("R-1", trigger="review", basis={"of": "visits"}, effects=[earn(50)]),
        rule(
            "R-2", basis={"of": "metric:miles"}, effects=effect(calc={"mode": "rate", "give": 1, "per": 10})
        ),
        rule("R-3", basis={"of": "lines", "include": [{"f": "item.category", "v": ["food"]}]}),
        rule("R-4", schedule={"windows": [{"days": ["FRI"]}]}, effects=[earn(7)]),
    )
    lines = [{"category": "food", "amount": 40_000}, {"sku": "x", "amount": 60_000}]
    sales: list[Json] = [
        {"trigger": "review", "amount": 0},
        {"amount": 100_000, "metrics": {"miles": 120}, "lines": lines, "at": "2026-11-06T10:00"},
    ]
    found = estimate(table, mix(*sales), NOW_S)
    assert {each.rule_id: each.units for each in found} == {
        "R-1": 25_000,
        "R-2": 6_000,
        "R-3": 2_000,
        "R-4": 3_500,
    }


def test_discounts_count_in_rial_and_costs_are_no_cost() -> None:
    reward = discount("D-2", trigger="burn_request", effects=[*discount()["effects"], cost(1000)])  # type: ignore[misc]
    table = compiled(discount(), reward)
    asked: Json = {"amount": 500_000, "reward": "D-2", "balances": {"points": 1000}}
    found = estimate(table, mix({"amount": 500_000}, asked), NOW_S)
    assert only(found, "D-1") == RuleCost("D-1", 0, 1000, 50_000_000, 50_000_000, 50_000, 50_000, "", 0, None)
    assert (only(found, "D-2").sales, only(found, "D-2").rial) == (500, 25_000_000)


def test_worst_case_of_multipliers_and_caps_of_one_sale() -> None:
    per_sale: Json = {"of": "units", "per": "transaction", "limit": 80}
    found = estimate(
        compiled(rule(caps=[per_sale]), rule("R-2", effects=[MULTIPLIER]), burn()), ONE_MILLION, NOW_S
    )
    assert only(found).worst_units == 80
    assert only(found, "R-2").worst_units == 80
    limited = compiled(rule(), rule("R-2", effects=[{**MULTIPLIER, "max": 30}]))
    assert only(estimate(limited, ONE_MILLION, NOW_S), "R-2").worst_units == 30


@pytest.mark.parametrize(("unit", "amount", "lasts"), [("units", 1_000, 20), ("rial", 1_001_000, 21)])
def test_how_long_a_budget_lasts(unit: str, amount: int, lasts: int) -> None:
    table = compiled(rule(budget="B"), budgets=[{"id": "B", "amount": amount, "unit": unit}])
    half = mix({"amount": 1_000_000}, {"amount": 10})
    got = only(estimate(table, half, NOW_S))
    assert (got.budget, got.budget_amount, got.sales_to_empty_budget) == ("B", amount, lasts)
    assert (
        only(estimate(table, mix({"amount": 10}, {"amount": 10**6, "trigger": "trade"}), NOW_S)).worst_units
        == 100
    )
    never = compiled(rule(budget="B", trigger="trade"), budgets=[{"id": "B", "amount": 1, "unit": "units"}])
    assert only(estimate(never, ONE_MILLION, NOW_S)).sales_to_empty_budget is None


def test_a_mix_is_read_from_toml_and_json() -> None:
    toml = '[[sales]]\nweight = 2\namount = 10\nfacts = { tier = "gold", enrolled_days = 4 }\n'
    json = '{"sales": [{"weight": 2, "amount": 10, "facts": {"tier": "gold", "enrolled_days": 4}}]}'
    assert parse_mix(toml, "a") == parse_mix(json, "b")
    for wrong in ("sales = []", "[[sales]]\namount = 1.5\n", "[[sales]]\namount = 1\ncolour = 2\n", "x"):
        with pytest.raises(RuleFaults):
            parse_mix(wrong, "c")


def test_a_mix_names_only_what_is_there() -> None:
    sale: Json = {
        "amount": 1,
        "facts": {"colour": "red", "tier": 5},
        "segments": ["vip"],
        "agreements": ["terms"],
        "balances": {"gold": 1},
        "at": "1405-12-30",
    }
    with pytest.raises(RuleFaults) as caught:
        estimate(load_rules(None), mix(sale), NOW_S)
    assert len(caught.value.faults) == 6
