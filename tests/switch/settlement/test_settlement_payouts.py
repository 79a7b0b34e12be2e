"""What the programme owes: an accountant's table, and that who pays a discount is who the rules said pays."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from protocol.dialect import purchase_from
from switch.authoriser.draft import grant_records
from switch.authoriser.request import Details, Financial
from switch.journal.entries import TransactionEntry
from switch.rules.compiler import compile_rules
from switch.rules.evaluator import evaluate
from switch.rules.outcome import Outcome, Party
from switch.settlement.discounts import Discounts, Payer, Shares
from switch.settlement.figures import Discount, Payout, Sale
from switch.settlement.report import By, GroupLines, report_of, sum_of
from switch.settlement.writing import csv_text, json_form, text
from tests.amounts import many
from tests.switch.rules.sample_names import Json
from tests.switch.rules.sample_requests import Counters, Scene, cases
from tests.switch.settlement.shops import POINTS, Shops

PAGE = (Path(__file__).parent / "payouts.md").read_text("utf-8")
RULES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]
PARTNER = "partner:5"


class Accountant:
    """Plays the events of the page and looks at the report behind each."""

    def __init__(self) -> None:
        self.shops = Shops()
        self.shops.adopt(compile_rules(RULES, "payouts"))
        self.requests: dict[str, tuple[Financial, int]] = {}

    def play(self, event: str) -> None:
        words = event.replace(",", "").split()
        number = words.pop(0) if words[0].isdecimal() else ""
        match words:
            case ["buy", amount, till]:
                self._ask(number, till, "000000", int(amount), Details())
            case ["pay", amount, till]:
                self._ask(number, till, purchase_from(POINTS), int(amount), Details())
            case ["return", amount, till, "of", sale]:
                self._ask(number, till, "200000", int(amount), Details(original_rrn=self.requests[sale][1]))
            case ["reverse", original]:
                request = self.requests[original][0]
                assert self.shops.send(self.shops.reversal_of(request)).response_code == "00"
            case ["next", "day"]:
                self.shops.next_day()
            case _:
                raise AssertionError(event)

    def group(self, by: By, *names: str) -> GroupLines:
        """A group of the open day; one without anything has nothing."""
        day = self.shops.state.business.open_day.day
        report = report_of(self.shops.totals(day), day, by)
        assert report.agrees
        return next((group for group in report.groups if group.names == names), sum_of(()))

    def _ask(self, number: str, till: str, code: str, amount: int, details: Details) -> None:
        request, reply = self.shops.ask(till, code, amount, details=details)
        assert reply.response_code == "00", reply
        self.requests[number] = (request, reply.position)


def rows() -> list[tuple[str, list[int]]]:
    lines = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("|")][2:]
    return [
        (cells[0].strip(), [int(cell.replace(",", "")) for cell in cells[1:]])
        for cells in ([cell.strip() for cell in line] for line in lines)
    ]


def test_the_accountants_table() -> None:
    accountant = Accountant()
    for event, expected in rows():
        accountant.play(event)
        shop = accountant.group(By.MERCHANT, "SHOP1")
        found = [
            shop.sales[Sale.DISCOUNT],
            *shop.discounts,
            shop.payouts[Payout.TENDERED_RIAL],
            shop.payouts[Payout.DISCOUNTS_RIAL],
            shop.payouts[Payout.FUNDED_RIAL],
            shop.rial,
        ]
        assert found == expected, event
        assert sum(shop.payouts) == shop.rial
        branches = sum_of(accountant.group(By.BRANCH, "SHOP1", f"{number:06d}") for number in (1, 2))
        for same in (branches, accountant.group(By.GUILD, "food")):
            assert (same.discounts, same.payouts) == (shop.discounts, shop.payouts), event
        both = sum_of([shop, accountant.group(By.MERCHANT, "SHOP2")])
        partner = accountant.group(By.PARTNER, PARTNER)
        assert partner.rial == partner.payouts[Payout.DISCOUNTS_RIAL]
        assert partner.rial == -both.discounts[Discount.DISCOUNT_BY_PARTNERS], event


def test_branches_have_the_discounts_of_their_own_tills() -> None:
    accountant = Accountant()
    for event, _ in rows()[:6]:
        accountant.play(event)
    one, two = (accountant.group(By.BRANCH, "SHOP1", f"{number:06d}") for number in (1, 2))
    assert one.discounts == (0, 45_000, 40_000, 25_000)
    # Its own sale, less what came back there of the other branch's.
    assert two.discounts == (33_335, 37_500 - 11_667, 20_000 - 13_334, 12_500 - 8_334)


def test_a_shop_that_gives_no_discount_is_owed_none() -> None:
    accountant = Accountant()
    for event, _ in rows()[:2]:
        accountant.play(event)
    asked = RULES.replace(
        'trigger = "purchase"\nbudget = "SALES"', 'trigger = "burn_request"\nbudget = "SALES"'
    )
    accountant.shops.adopt(compile_rules(asked, "payouts"))
    accountant.play("3 buy 1,000,000 T0000003")
    other = accountant.group(By.MERCHANT, "SHOP2")
    assert (other.sales[Sale.DISCOUNT], other.discounts) == (0, (0, 0, 0, 0))
    assert other.payouts[Payout.DISCOUNTS_RIAL] == 0


@pytest.mark.parametrize("code", ["000000", purchase_from(POINTS)])
def test_the_reversal_of_a_return_leaves_every_column_as_it_was(code: str) -> None:
    """Also those of who earned at the till itself: the shop and a charity."""
    shops = Shops()
    shops.buy("T0000001", 2_000_000)
    _, sold = shops.ask("T0000001", code, 400_000, details=Details(reward="OFF"))
    assert sold.response_code == "00"
    day = shops.state.business.open_day.day
    before = {by: report_of(shops.totals(), day, by).groups for by in By}
    returned, reply = shops.ask("T0000002", "200000", 123_457, details=Details(original_rrn=sold.position))
    assert reply.response_code == "00"
    assert {by: report_of(shops.totals(), day, by).groups for by in By} != before
    assert shops.send(shops.reversal_of(returned)).response_code == "00"
    for by in By:
        for was, now in zip(before[by], report_of(shops.totals(), day, by).groups, strict=False):
            assert now._replace(sales=was.sales, flows=was.flows) == was
        totals = [sum_of(groups) for groups in (before[by], report_of(shops.totals(), day, by).groups)]
        assert totals[0].flows == totals[1].flows
        assert totals[0].purses == totals[1].purses


def test_the_table_that_decided_a_sale_tells_its_funders_for_ever() -> None:
    accountant = Accountant()
    accountant.play("1 buy 1,000,000 T0000001")
    generous = RULES.replace('party = "merchant", share = 400', 'party = "merchant", share = 1').replace(
        'party = "programme", share = 350', 'party = "programme", share = 749'
    )
    accountant.shops.adopt(compile_rules(generous, "payouts"))
    accountant.play("2 return 500,000 T0000001 of 1")
    assert accountant.group(By.MERCHANT, "SHOP1").discounts == (50_000, 17_500, 20_000, 12_500)
    accountant.play("3 buy 10,000 T0000001")
    assert accountant.group(By.MERCHANT, "SHOP1").discounts == (50_000, 18_249, 20_001, 12_750)


def test_the_report_has_the_columns_in_every_form(tmp_path: Path) -> None:
    accountant = Accountant()
    for event, _ in rows()[:6]:
        accountant.play(event)
    day = accountant.shops.state.business.open_day.day
    report = report_of(accountant.shops.totals(day), day, By.MERCHANT)
    form = json_form(report)
    shop = form["groups"][0]
    assert shop["sales"]["discount_by_partners"] == 29_166
    assert shop["payouts"] == {
        "tendered_rial": 90_000,
        "discounts_rial": 99_999,
        "funded_rial": -83_000,
        "loaded_rial": 0,
        "earned_rial": 0,
        "other_rial": 0,
    }
    assert sum(shop["payouts"].values()) == shop["rial"]
    assert set(shop["payouts"]) | set(shop["sales"]) <= set(form["titles"])
    written = list(csv.DictReader(io.StringIO(csv_text(report))))
    own = [row for row in written if row["merchant"] == "SHOP1"]
    assert [row["discounts_rial"] for row in own] == ["99999", "0"]
    assert (own[0]["tendered_rial"], own[0]["funded_rial"]) == (
        own[1]["tendered_rial"],
        own[1]["funded_rial"],
    )
    told = text(report)
    assert "              29,166  Discounts that partners pay, rial · تخفیف به هزینهٔ شریکان (ریال)" in told
    assert "             -83,000  Owed for earnings paid for, rial · بابت تأمین پاداش (ریال)" in told


@pytest.fixture(scope="module")
def template() -> TransactionEntry:
    """An entry, of which only what a decision puts into it matters."""
    shops = Shops()
    shops.buy("T0000001", 1000)
    return shops.last_entry()


def said_by(outcome: Outcome) -> Shares:
    """Who pays the discounts, as the rules said at the time."""
    found: Shares = {}
    for grant in outcome.discounts:
        for party, number, amount in grant.funding:
            payer = Payer(party, number if party is Party.PARTNER else 0)
            found[payer] = found.get(payer, 0) + amount
    return found


@settings(
    max_examples=many(150),
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
        HealthCheck.function_scoped_fixture,
    ],
)
@given(case=cases())
def test_the_journal_tells_what_the_rules_said(template: TransactionEntry, case: tuple[Json, Scene]) -> None:
    document, scene = case
    table = compile_rules(json.dumps(document), "sample")
    discounts = Discounts({})
    discounts.adopt(7, table)
    counters = Counters(scene.noise)
    for facts in scene.requests:
        outcome = evaluate(table, facts, counters)
        entry = template._replace(
            rule_table_version=7, grants=grant_records(outcome), counter_moves=outcome.counter_moves
        )
        shares = discounts.of_sale(entry)
        assert shares == said_by(outcome)
        assert sum(shares.values()) == outcome.discount
        counters.add(outcome.counter_moves)
