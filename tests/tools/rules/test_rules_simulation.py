"""Totals of `vafa rules simulate`, and who wins or loses by a change."""

from switch.rule_trials.sale import Sale
from switch.rule_trials.simulation import Simulation
from switch.rules.compiler import compile_rules

NOW_S = 1_793_521_800
HEAD = 'format = 2\nprogramme = "sample-club"\n'
OLD = HEAD + '[[simple]]\nrule_id = "EARN-01"\ntext = "100 points per 1,000,000 rial"\n'
NEW = """
format = 2
programme = "sample-club"
segments = { vip = 0 }
[[budgets]]
id = "shared"
amount = 250
unit = "units"
funded_by = [{ party = "merchant", share = 500 }, { party = "programme", share = 500 }]
[[rules]]
rule_id = "EARN-01"
status = "active"
kind = "earn"
name = { fa = "نمونه", en = "Sample" }
trigger = "purchase"
effects = [{ type = "earn", purse = "points", calc = { mode = "rate", give = 50, per = 1000000 } }]
budget = "shared"
[[rules]]
rule_id = "VIP-10"
status = "active"
kind = "discount"
name = { fa = "نمونه", en = "Sample" }
trigger = "purchase"
when = { f = "segment", op = "has", v = "vip" }
effects = [{ type = "discount", calc = { mode = "percent", give = 10 } }]
[[rules]]
rule_id = "GATE"
status = "active"
kind = "gate"
name = { fa = "نمونه", en = "Sample" }
trigger = "purchase"
when = { f = "amount", op = ">", v = 50000000 }
effects = [{ type = "deny", code = "61" }]
"""


def _played(*sales: dict[str, object], against: bool = True) -> Simulation:
    old = compile_rules(OLD, "old") if against else None
    simulation = Simulation(compile_rules(NEW, "new"), old, NOW_S)
    for sale in sales:
        simulation.play(Sale.model_validate(sale))
    return simulation


SALES: tuple[dict[str, object], ...] = (
    {"member": 1, "amount": 2_000_000, "segments": ["vip"], "merchant": "M1"},
    {"member": 2, "amount": 2_000_000, "merchant": "M1"},
    {"member": 3, "amount": 2_000_000, "merchant": "M1"},
    {"member": 4, "amount": 60_000_000},
    {"member": 5, "trigger": "visit"},
)


def test_totals_are_the_sums_of_what_was_decided() -> None:
    simulation = _played(*SALES)
    totals = simulation.side.totals
    assert (totals.sales, totals.refused) == (5, {"61": 1})
    assert (totals.amount_rial, totals.discount_rial, totals.net_rial) == (6_000_000, 200_000, 5_800_000)
    assert totals.given == {"points": 250}
    assert totals.liability_rial == 250_000
    assert totals.cost_rial == 450_000
    assert totals.cost_per_1000_sales_rial == 90_000_000
    earn, discount = totals.rules["EARN-01"], totals.rules["VIP-10"]
    # 90 points of what is left after the discount, 100, and 60 of 100 that the budget still has.
    assert (earn.times, earn.given, earn.cut_short) == (3, {"points": 250}, 1)
    assert earn.funded_rial == {"merchant": 125_000, "programme": 125_000}
    assert (discount.times, discount.discount_rial, discount.liability_rial) == (1, 200_000, 0)
    assert (totals.rules["GATE"].times, totals.rules["GATE"].refused) == (0, 1)


def test_winners_and_losers() -> None:
    change = _played(*SALES).change()
    assert change is not None
    # The first gets 90 points and 200,000 rial for 200 points; the others lose; the fifth did nothing.
    assert (change.winners, change.losers, change.unchanged) == (1, 3, 1)
    assert (change.won_rial, change.lost_rial) == (90_000, 100_000 + 140_000 + 6_000_000)
    assert change.most == ((1, 90_000),)
    assert change.least == ((4, -6_000_000), (3, -140_000), (2, -100_000))


def test_the_same_rules_change_nothing() -> None:
    table = compile_rules(NEW, "new")
    simulation = Simulation(table, table, NOW_S)
    for sale in SALES:
        simulation.play(Sale.model_validate(sale))
    change = simulation.change()
    assert change is not None
    assert (change.winners, change.losers, change.unchanged) == (0, 0, 5)
    assert simulation.other is not None
    assert simulation.side.totals == simulation.other.totals


def test_without_another_rule_set_there_is_no_change() -> None:
    simulation = _played(*SALES[:3], against=False)
    assert simulation.change() is None
    assert simulation.side.totals.sales == 3


def test_expectations_are_counted_and_told() -> None:
    met = {"member": 2, "amount": 2_000_000, "merchant": "M1", "expect": {
        "net": 2_000_000, "grants": ["EARN-01: 100 points, funded by merchant 50 and programme 50"],
    }}  # fmt: skip
    missed = {"member": 4, "amount": 60_000_000, "note": "large", "expect": {"net": 1}}
    simulation = _played(met, missed)
    assert (simulation.expected, simulation.surprised) == (2, 1)
    assert simulation.surprises == [
        "sale 2 (large): net: expected 1, came 60000000",
        "sale 2 (large): refused: expected nothing, came 61",
    ]
