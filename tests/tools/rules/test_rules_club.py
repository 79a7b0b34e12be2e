"""The club of `vafa rules simulate`: what goes from sale to sale, and how sales are read."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from switch.rule_trials.club import Club
from switch.rule_trials.facts import NameFault, check_names, number_of
from switch.rule_trials.sale import Sale
from switch.rule_trials.wallets import Wallets
from switch.rules.compiler import compile_rules
from switch.rules.facts import NumberDimension, TextDimension
from switch.rules.outcome import NEVER_S
from tools.rules.source import WrongInput, sales_of

TEHRAN = ZoneInfo("Asia/Tehran")
NOW_S = 1_793_521_800
DAY_S = 86_400
POINTS, TIER_POINTS = 91, 95
RULES = """
format = 2
programme = "sample-club"
[tiers]
purse = "tier_points"
levels = [{ name = "bronze", from = 0 }, { name = "silver", from = 100 }]
[[simple]]
rule_id = "EARN-01"
text = "100 points per 1,000,000 rial"
[[rules]]
rule_id = "WAITING"
status = "active"
kind = "earn"
name = { fa = "نمونه", en = "Sample" }
trigger = "visit"
basis = { of = "visits" }
[[rules.effects]]
type = "earn"
purse = "points"
calc = { mode = "fixed", give = 40 }
pending = "P2D"
expiry = { model = "rolling", period = "P10D" }
[[rules]]
rule_id = "HOUSE"
status = "active"
kind = "earn"
name = { fa = "نمونه", en = "Sample" }
trigger = "survey"
basis = { of = "visits" }
effects = [{ type = "earn", purse = "points", calc = { mode = "fixed", give = 30 }, to = "household" }]
[[rules]]
rule_id = "PAY"
status = "active"
kind = "burn"
name = { fa = "نمونه", en = "Sample" }
trigger = "burn_request"
[[rules.effects]]
type = "tender"
purse = "points"
calc = { mode = "rate", give = 1, per = 1000 }
rounding = "ceil"
"""


@pytest.fixture
def club() -> Club:
    return Club(compile_rules(RULES, "test"), NOW_S)


def _sale(**written: object) -> Sale:
    return Sale.model_validate(written)


def _points(club: Club, **written: object) -> int:
    return club.facts(_sale(**written)).balances[POINTS]


def test_wallets_spend_first_to_expire_first() -> None:
    wallets = Wallets()
    wallets.earn(1, POINTS, 10, 0, NEVER_S)
    wallets.earn(1, POINTS, 20, 0, 500)
    wallets.earn(1, POINTS, 5, 300, NEVER_S)
    wallets.spend(1, POINTS, 15, 100)
    assert [wallets.balance(1, POINTS, at_s) for at_s in (100, 300, 500)] == [15, 20, 15]
    wallets.set(1, POINTS, 7)
    assert wallets.balance(1, POINTS, 100) == 7
    assert wallets.balance(2, POINTS, 100) == 0


def test_points_wait_and_expire(club: Club) -> None:
    club.decide(_sale(trigger="visit", at="2026-11-01T10:00"))
    held = [_points(club, at=f"2026-11-{day:02}") for day in (1, 2, 3, 11, 12)]
    assert held == [0, 0, 40, 40, 0]


def test_balances_go_from_sale_to_sale_and_can_be_set(club: Club) -> None:
    club.decide(_sale(amount=3_000_000))
    assert (_points(club), _points(club, member=2)) == (300, 0)
    paid = club.decide(_sale(amount=100_000, pay={"purse": "points"}))
    assert (paid.outcome.net_amount, _points(club)) == (0, 200)
    assert _points(club, balances={"points": 12}) == 12
    short = club.decide(_sale(amount=100_000, pay={"purse": "points"}))
    assert short.outcome.refusal is not None
    assert (short.outcome.refusal.response_code, _points(club)) == ("51", 12)


def test_a_household_holds_together(club: Club) -> None:
    club.decide(_sale(trigger="survey", member=1, household=5))
    assert [_points(club, member=2, household=5), _points(club, member=2)] == [30, 0]
    club.decide(_sale(amount=20_000, member=2, household=5, pay={"purse": "points"}))
    assert _points(club, member=1, household=5) == 10


def test_the_tier_is_that_of_the_tier_points_at_its_boundary(club: Club) -> None:
    tiers = [
        club.facts(_sale(balances={"tier_points": points})).texts[TextDimension.TIER] for points in (99, 100)
    ]
    assert tiers == ["bronze", "silver"]
    assert club.facts(_sale(tier="bronze")).texts[TextDimension.TIER] == "bronze"


def test_days_since_the_last_purchase(club: Club) -> None:
    def days(**written: object) -> int | None:
        return club.facts(_sale(**written)).numbers[NumberDimension.DAYS_SINCE_LAST]

    assert days() is None
    club.decide(_sale(amount=1000, at="2026-11-01T10:00"))
    club.decide(_sale(trigger="visit", at="2026-11-05T10:00"))
    assert [days(at="2026-11-11T10:00"), days(at="2026-11-11T10:00", days_since_last=3)] == [10, 3]
    assert days(member=2) is None


@pytest.mark.parametrize(
    ("written", "at_s"),
    [
        ("2026-11-01T12:00", NOW_S),
        ("2026-11-01", NOW_S),
        ("1405-08-10T12:00", NOW_S),
        ("1405-08-10 12:00:30", NOW_S + 30),
        ("2026-11-01T12:00+00:00", NOW_S + 12_600),
        ("2026-11-01T08:30:00Z", NOW_S),
        (None, 77),
    ],
)
def test_times_are_read(written: str | None, at_s: int) -> None:
    assert _sale(at=written).at_s(TEHRAN, 77) == at_s


def test_times_of_toml_are_read(tmp_path: Path) -> None:
    path = tmp_path / "sales.toml"
    path.write_text("[[sales]]\nat = 2026-11-01T12:00:00\n[[sales]]\nat = 1405-08-10\n", "utf-8")
    assert [sale.at_s(TEHRAN, 0) for sale in sales_of(str(path))] == [NOW_S, NOW_S]


@pytest.mark.parametrize(
    "written",
    [
        {"amount": 1.5},
        {"amount": -1},
        {"amount": "1000"},
        {"colour": "red"},
        {"trigger": "purchse"},
        {"at": "yesterday"},
        {"at": "1405-07-31"},
        {"at": "2026-02-30T10:00"},
        {"at": 5},
        {"merchant": "M1", "branch": "M2/1"},
        {"pay": {"purse": "points", "amount": 5, "units": 5}},
        {"lines": [{"amount": 5, "quantity": 0}]},
        {"lines": [{"amount": 5}] * 65},
    ],
)
def test_sales_that_make_no_sense_are_refused(written: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Sale.model_validate(written)


def test_names_that_nobody_declares_are_told(club: Club) -> None:
    other = compile_rules('format = 2\nprogramme = "other"\nsegments = { vip = 0 }\n', "other")
    check_names(_sale(segments=["vip"]), [club.table, other])
    for written in (
        {"segments": ["vip"]},
        {"agreements": ["terms"]},
        {"balances": {"gold": 1}},
        {"pay": {"purse": "gold"}},
        {"tier": "gold"},
        {"reward": "EARN-1"},
        {"trigger": "conversion", "reward": "92"},
    ):
        with pytest.raises(NameFault, match="the rules declare"):
            check_names(_sale(**written), [club.table])
    assert club.facts(_sale(segments=["vip"])).sets == (0, 0)


def test_places_count_apart() -> None:
    numbers = {number_of(name) for name in ("M1", "M2", "M1/1", "T0000001")}
    assert len(numbers) == 4
    assert number_of("") == 0
    assert max(numbers) < 1 << 48


@pytest.mark.parametrize(
    "text",
    [
        '{"sales": [{"amount": 1}, {"amount": 2}]}',
        '[{"amount": 1}, {"amount": 2}]',
        '{"amount": 1}\n\n{"amount": 2}\n',
        "[[sales]]\namount = 1\n[[sales]]\namount = 2\n",
    ],
)
def test_sales_in_every_form(text: str, tmp_path: Path) -> None:
    path = tmp_path / "sales.txt"
    path.write_text(text, "utf-8")
    assert [sale.amount for sale in sales_of(str(path))] == [1, 2]


def test_one_sale_alone(tmp_path: Path) -> None:
    path = tmp_path / "sale.toml"
    path.write_text('amount = 5\ntier = "gold"\n', "utf-8")
    assert [(sale.amount, sale.tier) for sale in sales_of(str(path))] == [(5, "gold")]
    path.write_text(json.dumps({"sales": [{"amount": 1}, {"amount": "x"}]}), "utf-8")
    with pytest.raises(WrongInput, match=r"sale 2\.amount"):
        list(sales_of(str(path)))


def test_an_event_is_what_triggers(club: Club) -> None:
    def event(**written: object) -> str:
        return club.facts(_sale(**written)).texts[TextDimension.EVENT]

    assert (event(trigger="review"), event(trigger="review", event="review")) == ("review", "review")
    assert (event(), event(event="spring")) == ("", "spring")
    # The switch is told one name, by which a rule is found and which its conditions see.
    with pytest.raises(ValidationError, match="an event is what triggers"):
        _sale(trigger="review", event="analysis-ok")
