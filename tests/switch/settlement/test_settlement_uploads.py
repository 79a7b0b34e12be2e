"""A till's totals against the switch's: agreement, uploads, and what they bring to light."""

import pytest

from protocol.reconciliation import NO_TOTALS, BatchTotals, totals_fields
from switch.authoriser.decision import Reply
from switch.authoriser.request import Reconciliation
from switch.journal.entries import ReconciliationEntry, Verdict
from switch.ledger.accounts import account_number
from switch.ledger.business_day import DAYS_KEPT, UPLOAD_MAX
from switch.ledger.requests import REMEMBERED_REQUESTS
from switch.rules.outcome import Party
from switch.settlement.report import By, report_of
from switch.settlement.standing import Standing, TerminalStanding
from tests.switch.scenarios.club import HOST, token
from tests.switch.settlement.shops import Shops, month_day, record_of

TILL = "T0000001"
WRONG = BatchTotals(debits_number=7, debits_amount=77)


@pytest.fixture
def shops() -> Shops:
    return Shops()


def code_of(reply: Reply) -> tuple[str, str]:
    """Fields 39 and 66."""
    return reply.response_code, dict(reply.fields).get(66, "")


def standing_of(shops: Shops, till: str = TILL, day: int = 0) -> TerminalStanding:
    """How the till's day stands in the report."""
    day = day or shops.state.business.open_day.day
    totals = shops.totals(day)
    totals.reconciliations = [
        entry
        for entry in (shops.find(position) for position in range(1, len(shops.raws) + 1))
        if isinstance(entry, ReconciliationEntry)
    ]
    report = report_of(totals, day, By.MERCHANT)
    return next(terminal for terminal in report.terminals if terminal.terminal_id == till)


def test_totals_that_agree_settle_the_day(shops: Shops) -> None:
    sale = shops.buy(TILL, 2_000_000)
    shops.buy("T0000002", 5_000)
    shops.send(shops.reversal_of(sale))
    shops.ask(TILL, "210094", 300_000)
    totals = BatchTotals(1, 0, 1, 1, 300_000, 0, 2_000_000, 2_000_000)
    assert standing_of(shops).standing is Standing.NONE
    reply = shops.send(shops.reconcile(TILL, totals))
    assert code_of(reply) == ("00", "1")
    assert dict(reply.fields) == {66: "1", **totals_fields(totals)}
    assert dict(reply.tags) == {"DF38": "000000000001", "DF39": "000000000000"}
    found = standing_of(shops)
    assert (found.standing, found.counted, found.claimed) == (Standing.IN_BALANCE, totals, totals)
    assert code_of(shops.send(shops.reconcile("T0000003", NO_TOTALS))) == ("00", "1")
    shops.buy(TILL, 1000)
    assert standing_of(shops).standing is Standing.LATER
    assert shops.replayed().digest() == shops.state.digest()


def test_a_closed_day_can_be_settled_until_it_is_forgotten(shops: Shops) -> None:
    shops.buy(TILL, 2_000_000)
    day = shops.state.business.open_day.day
    totals = BatchTotals(debits_number=1, debits_amount=2_000_000)
    shops.next_day()
    cut = shops.state.position
    shops.buy(TILL, 1_000)
    reply = shops.send(shops.reconcile(TILL, totals, day=month_day(day)))
    assert code_of(reply) == ("00", "1")
    assert dict(reply.tags)["DF39"] == f"{cut:012d}"
    assert standing_of(shops, day=day).standing is Standing.IN_BALANCE
    for _ in range(DAYS_KEPT - 1):
        shops.next_day()
    assert shops.send(shops.reconcile(TILL, totals, day=month_day(day))).response_code == "25"
    assert shops.send(shops.reconcile(TILL, totals, day="1399")).response_code == "25"


def test_who_may_not_reconcile(shops: Shops) -> None:
    position = shops.state.position
    request = shops.reconcile(TILL, NO_TOTALS)
    assert shops.send(request._replace(merchant_id="SHOP2")).response_code == "03"
    assert shops.send(request._replace(identity=shops.identity(HOST))).response_code == "58"
    assert shops.send(shops.reconcile(TILL, WRONG, announced=0)).response_code == "12"
    sale = record_of(shops.financial("000000", 1000, card="card1"))
    assert shops.send(shops.upload(TILL, sale)).response_code == "12"
    assert shops.state.position == position


def test_an_upload_tells_every_kind_of_difference_and_posts_nothing(shops: Shops) -> None:
    early = shops.buy(TILL, 100_000)
    yesterday = shops.state.position
    shops.next_day()
    good, other, lost = shops.buy(TILL, 200_000), shops.buy(TILL, 300_000), shops.buy(TILL, 400_000)
    lost_position = shops.state.position
    reversal = shops.reversal_of(good)
    shops.send(reversal)
    declined, reply = shops.ask(TILL, "009100", 900_000_000)
    assert reply.response_code == "51"
    unknown = shops.financial("000000", 500_000, card="card1", terminal_id=TILL)
    merchant = account_number(Party.MERCHANT, shops.state.merchant_ordinals["SHOP1"], 91)
    before = (shops.state.accounts.digest(), shops.state.accounts.posted(merchant), shops.counted(TILL))

    assert code_of(shops.send(shops.reconcile(TILL, WRONG))) == ("95", "2")
    assert standing_of(shops).standing is Standing.UPLOADING
    records = [
        record_of(good),
        record_of(reversal),
        record_of(other, amount=301_000),
        record_of(early, rrn=yesterday),
        record_of(declined),
        record_of(unknown, rrn=12),
    ]
    assert code_of(shops.send(shops.upload(TILL, *records[:3]))) == ("00", "")
    assert code_of(shops.send(shops.upload(TILL, *records[2:]))) == ("00", "")
    short = shops.send(shops.reconcile(TILL, WRONG, announced=7))
    assert code_of(short) == ("95", "3")
    assert "DF37" not in dict(short.tags)
    ended = shops.send(shops.reconcile(TILL, WRONG, announced=6))
    assert code_of(ended) == ("00", "2")
    # Four items that aren't equal, and of the four counted messages one that never came.
    assert dict(ended.tags)["DF37"] == "000005"
    after = (shops.state.accounts.digest(), shops.state.accounts.posted(merchant), shops.counted(TILL))
    assert after == before

    found = standing_of(shops)
    assert found.standing is Standing.OUT_OF_BALANCE
    assert [(item.verdict, item.amount) for item in found.items] == [
        (Verdict.DIFFERENT, 301_000),
        (Verdict.OTHER_DAY, 100_000),
        (Verdict.NOT_COUNTED, 900_000_000),
        (Verdict.UNKNOWN, 500_000),
    ]
    assert [item.position for item in found.items][1:] == [yesterday, lost_position + 2, 0]
    assert found.missing == (lost_position,)
    assert shops.find(lost_position) is not None
    assert lost.amount == 400_000
    assert shops.replayed().digest() == shops.state.digest()


def test_totals_that_were_only_added_up_wrongly_end_in_balance(shops: Shops) -> None:
    sales = [shops.buy(TILL, amount) for amount in (1000, 2000)]
    assert code_of(shops.send(shops.reconcile(TILL, WRONG))) == ("95", "2")
    assert code_of(shops.send(shops.upload(TILL, *map(record_of, sales)))) == ("00", "")
    assert code_of(shops.send(shops.reconcile(TILL, WRONG, announced=2))) == ("00", "1")
    assert standing_of(shops).standing is Standing.IN_BALANCE
    # The upload is over: neither further items nor another end.
    assert shops.send(shops.upload(TILL, record_of(sales[0]))).response_code == "12"
    assert shops.send(shops.reconcile(TILL, WRONG, announced=2)).response_code == "12"


def test_right_totals_after_all_end_an_upload(shops: Shops) -> None:
    shops.buy(TILL, 1000)
    assert shops.send(shops.reconcile(TILL, WRONG)).response_code == "95"
    assert shops.send(shops.reconcile(TILL, shops.counted(TILL))).response_code == "00"
    assert not shops.state.business.open_day.uploads


def test_repeats_get_the_stored_reply_and_count_once(shops: Shops) -> None:
    sale = shops.buy(TILL, 1000)
    requests: list[Reconciliation] = [
        shops.reconcile(TILL, WRONG),
        shops.upload(TILL, record_of(sale)),
        shops.reconcile(TILL, WRONG, announced=1),
    ]
    replies = []
    for request in requests:
        replies.append(shops.send(request))
        position = shops.state.position
        for repeated, reply in zip(requests, replies, strict=False):
            assert shops.send(repeated) == reply
        assert shops.state.position == position
    shops.buy(TILL, 5000)
    assert [shops.send(request) for request in requests] == replies
    changed = requests[0].identity._replace(digest=token("other"))
    assert shops.send(requests[0]._replace(identity=changed)).response_code == "94"


def test_a_forgotten_transaction_is_found_by_its_rrn(shops: Shops) -> None:
    sale = shops.buy(TILL, 1000)
    rrn = shops.state.position
    reversal = shops.reversal_of(shops.buy(TILL, 2000))
    shops.send(reversal)
    undone_at = shops.state.position
    for _ in range(REMEMBERED_REQUESTS):
        shops.buy(TILL, 1)
    assert shops.state.windows[TILL].find(sale.identity.key) is None
    shops.send(shops.reconcile(TILL, WRONG))
    wrong = [
        record_of(sale),
        record_of(sale, rrn=rrn, stan=999_999),
        record_of(sale, rrn=10**12 - 1, stan=999_998),
    ]
    records = [record_of(reversal, rrn=undone_at), *wrong]
    shops.send(shops.upload(TILL, *records))
    entry = shops.find(shops.state.position)
    assert isinstance(entry, ReconciliationEntry)
    assert [item.verdict for item in entry.items] == [Verdict.EQUAL, *[Verdict.UNKNOWN] * 3]
    shops.send(shops.reconcile(TILL, WRONG))
    shops.send(shops.upload(TILL, record_of(sale, rrn=rrn)))
    entry = shops.find(shops.state.position)
    assert isinstance(entry, ReconciliationEntry)
    assert [item.verdict for item in entry.items] == [Verdict.EQUAL]


def test_an_upload_has_a_bound(shops: Shops) -> None:
    shops.send(shops.reconcile(TILL, WRONG))
    sale = record_of(shops.financial("000000", 1000, card="card1", terminal_id=TILL))
    records = [sale._replace(stan=number) for number in range(1, UPLOAD_MAX + 2)]
    for start in range(0, UPLOAD_MAX, 32):
        assert shops.send(shops.upload(TILL, *records[start : start + 32])).response_code == "00"
    assert shops.send(shops.upload(TILL, records[-1])).response_code == "61"
    assert shops.send(shops.upload(TILL, *records[:32])).response_code == "00"
    ended = shops.send(shops.reconcile(TILL, WRONG, announced=UPLOAD_MAX))
    assert (code_of(ended), dict(ended.tags)["DF37"]) == (("00", "2"), f"{UPLOAD_MAX:06d}")
