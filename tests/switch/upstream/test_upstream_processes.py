"""Two switches: the club's, to which terminals talk, and the partner's behind it."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.message import Message
from protocol.original_data import OriginalData
from protocol.reconciliation import BatchTotals, UploadRecord
from simulator.scripted_switch import Behaviour
from tests.switch.conftest import CARD, HOST, Balances, Connect, Link, SwitchAt, SwitchProcess
from tests.switch.settlement.test_settlement_process import business_date, reconciliation, upload
from tests.switch.upstream.club_requests import PARTNER_CARD
from tests.switch.upstream.partner_process import partner_points, set_up_partner, write_upstream_file
from tests.switch.upstream.scripted_partner import ScriptedPartner, upstream_file
from tests.switch.upstream.stalling_proxy import StallingProxy

POINTS = 250  # of a purchase of 2,500,000 rial by the default rules
AMOUNT = 2_500_000
PATIENCE_S = 60.0


def until(switch: SwitchProcess, name: str, value: int | str) -> None:
    """Ask for the status until a number has this value."""
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        if switch.status()[f"upstream_{name}"] == value:
            return
    raise AssertionError(switch.status())


class Pair:
    """Both of them, and a terminal of the club. Between them is a proxy that can stall and cut."""

    def __init__(
        self, club: SwitchProcess, partner: SwitchProcess, connect: Connect, proxy: StallingProxy
    ) -> None:
        self.club, self.partner, self.proxy = club, partner, proxy
        self._connect = connect

    def start_club(self, path: Path) -> None:
        self.club.start(upstream_file=path)

    def link(self) -> Link:
        link = self._connect(self.club)
        link.sign_on()
        return link

    def until(self, name: str, value: int | str) -> None:
        until(self.club, name, value)


@pytest.fixture
def path(tmp_path: Path, proxy: StallingProxy) -> Path:
    return write_upstream_file(tmp_path, proxy.port)


@pytest.fixture
def partner(switch_at: SwitchAt) -> SwitchProcess:
    found = switch_at("partner").start()
    set_up_partner(found)
    return found


@pytest.fixture
def proxy(partner: SwitchProcess) -> Iterator[StallingProxy]:
    with StallingProxy(partner.terminals) as found:
        yield found


@pytest.fixture
def pair(
    switch_at: SwitchAt, connect: Connect, partner: SwitchProcess, proxy: StallingProxy, path: Path
) -> Pair:
    found = Pair(switch_at("club"), partner, connect, proxy)
    found.start_club(path)
    host = connect(found.club)
    host.sign_on(HOST)
    assert host.make_terminal().fields[39] == "00"
    host.make_member()
    found.until("phase", "up")
    return found


def forwarded(switch: SwitchProcess) -> list[dict[str, object]]:
    """Feed lines of forwarded requests."""
    return [line for line in switch.feed() if line["kind"] == "forwarded"]


def reconciles(pair: Pair, link: Link, totals: BatchTotals) -> bool:
    """Whether the switch has these totals of the terminal on the open business day."""
    reply = link.call(reconciliation(link, business_date(pair.club), totals))
    assert reply.fields[39] in ("00", "95"), reply
    return reply.fields[39] == "00"


def vafa(*arguments: str) -> str:
    """What a command prints."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def repeat_of(message: Message) -> Message:
    return Message("0201", message.fields)


def test_a_partners_card_is_decided_there_and_ours_here(pair: Pair, balances: Balances) -> None:
    link = pair.link()
    sale = link.purchase(AMOUNT, card=PARTNER_CARD)
    position = pair.club.status()["position"]
    reply = link.call(sale)
    assert reply.fields[39] == "00"
    assert reply.tag_text(48, "DF01") == f"{POINTS:012d}"
    assert balances(reply)["91"] == POINTS
    assert (reply.text(41), reply.text(42), reply.text(11)) == (sale.text(41), sale.text(42), sale.text(11))
    assert pair.club.status()["position"] == position + 1
    assert link.call(repeat_of(sale)).fields | {64: b""} == reply.fields | {64: b""}
    other = link.purchase(AMOUNT + 1, card=PARTNER_CARD)
    other.fields |= {7: sale.fields[7], 11: sale.fields[11]}
    assert link.call(other).fields[39] == "94"
    assert link.call(link.purchase(AMOUNT)).fields[39] == "00"
    assert pair.club.status()["position"] == position + 2
    assert link.call(link.inquiry(PARTNER_CARD)).fields[39] == "00"
    assert link.call(link.reversal(sale)).fields[39] == "00"
    pair.until("queue_depth", 0)
    assert partner_points(pair.partner) == 0
    assert link.call(repeat_of(sale)).fields[39] == "21"
    assert [(line["fate"], line["response_code"]) for line in forwarded(pair.club)] == [
        ("answered", "00"),
        ("undoes", "00"),
    ]
    assert pair.club.stop() == 0
    assert pair.partner.stop() == 0


def test_a_terminals_totals_have_both_kinds_of_cards(pair: Pair) -> None:
    link = pair.link()
    away, here = link.purchase(AMOUNT, card=PARTNER_CARD), link.purchase(700, card=CARD)
    rrn = link.call(away).text(37)
    assert link.call(here).fields[39] == "00"
    advice = link.purchase(1_000, card=PARTNER_CARD)
    assert link.call(Message("0220", advice.fields)).fields[39] == "00"
    undone = link.purchase(5_000, card=PARTNER_CARD)
    assert link.call(undone).fields[39] == "00"
    reversal = link.reversal(undone)
    assert link.call(reversal).fields[39] == "00"
    totals = BatchTotals(
        debits_number=4,
        debits_reversal_number=1,
        debits_amount=AMOUNT + 6_700,
        debits_reversal_amount=5_000,
    )
    assert reconciles(pair, link, totals)
    assert not reconciles(pair, link, totals._replace(debits_number=3))
    records = [
        UploadRecord(mti, "000000", each.text(11), each.text(7), int(each.text(4)), number)
        for mti, each, number in (
            ("0200", away, int(rrn)),
            ("0200", here, 0),
            ("0220", advice, 0),
            ("0200", undone, 999_999),
            ("0400", reversal, 0),
        )
    ]
    day = business_date(pair.club)
    assert link.call(upload(link, day, records)).fields[39] == "00"
    ended = link.call(reconciliation(link, day, totals, {"DF36": "000005"}))
    assert ended.fields[39] == "00"
    assert ended.tag_text(48, "DF37") == "000001", "one was uploaded with an RRN that nobody told"
    assert pair.club.stop() == 0
    journal = str(pair.club.journal)
    report = vafa("settlement", "report", "--by", "partner", "--json", "--journal", journal, "--date", "open")
    (group,) = json.loads(report)["groups"]
    assert group["names"] == {"partner": "switch:partner"}
    assert {name: amount for name, amount in group["forwarded"].items() if amount} == {
        "forwarded_purchases": 3,
        "forwarded_purchase_amount": AMOUNT + 6_000,
        "forwarded_reversals": 1,
        "forwarded_reversal_amount": 5_000,
        "forwarded_net_money": AMOUNT + 1_000,
    }
    line = " 0400 000000 T0000001 SHOP1: 00, partner undoes, amount 5000 364, reverses STAN "
    assert line in vafa("journal", "tail", journal)
    for command in ("dump", "verify", "liability"):
        vafa("journal", command, journal)


def test_a_card_whose_record_has_the_partners_type(pair: Pair, connect: Connect) -> None:
    host = connect(pair.club)
    host.sign_on(HOST)
    tags = {"DF20": "000000000012", "DF21": "A", "DF24": "PARTNER", "DF29": "000000000077"}
    assert host.call(host.file_action("CARD", tags, card="6280000000000099")).fields[39] == "00"
    link = pair.link()
    reply = link.call(link.purchase(AMOUNT, card="6280000000000099"))
    assert reply.fields[39] == "14", "the partner doesn't know it"


def test_replies_overtake_each_other_on_one_link(pair: Pair) -> None:
    link = pair.link()
    pair.proxy.stall()
    away, here = link.purchase(AMOUNT, card=PARTNER_CARD), link.purchase(AMOUNT, card=CARD)
    link.send(away)
    link.send(here)
    first = link.receive()
    assert (first.text(11), first.text(39)) == (here.text(11), "00")
    pair.proxy.go_on()
    second = link.receive()
    assert (second.text(11), second.text(39)) == (away.text(11), "00")


def test_a_partner_that_is_gone(pair: Pair) -> None:
    link = pair.link()
    sale = link.purchase(AMOUNT, card=PARTNER_CARD)
    assert link.call(sale).fields[39] == "00"
    pair.partner.kill()
    pair.until("phase", "down")
    assert link.call(link.purchase(AMOUNT, card=PARTNER_CARD)).fields[39] == "91"
    advice = link.purchase(AMOUNT, card=PARTNER_CARD)
    assert link.call(Message("0220", advice.fields)).fields[39] == "00"
    assert link.call(link.reversal(sale)).fields[39] == "00"
    assert link.call(link.purchase(AMOUNT)).fields[39] == "00", "our own cards don't need the partner"
    assert pair.club.status()["upstream_queue_depth"] == 2
    pair.partner.start(terminals_port=pair.partner.terminals[1])
    pair.until("queue_depth", 0)
    assert partner_points(pair.partner) == POINTS


def test_no_reply_in_time_is_taken_back(pair: Pair) -> None:
    link = pair.link()
    pair.proxy.stall()
    assert link.call(link.purchase(AMOUNT, card=PARTNER_CARD)).fields[39] == "91"
    pair.proxy.go_on()
    pair.until("link_late", 1)
    pair.until("queue_depth", 0)
    assert partner_points(pair.partner) == 0


@pytest.mark.parametrize("then", ["repeats", "takes back"])
def test_kill_between_question_and_answer(pair: Pair, path: Path, then: str) -> None:
    link = pair.link()
    pair.proxy.stall()
    sale = link.purchase(AMOUNT, card=PARTNER_CARD)
    link.send(sale)
    pair.until("in_flight", 1)
    pair.club.kill()
    pair.proxy.cut()
    pair.start_club(path)
    pair.until("phase", "up")
    again = pair.link()
    if then == "repeats":
        assert again.call(repeat_of(sale)).fields[39] == "91"
    else:
        assert again.call(again.reversal(sale)).fields[39] == "00"
    pair.until("queue_depth", 0)
    assert partner_points(pair.partner) == 0
    told = [(line["fate"], line["response_code"]) for line in forwarded(pair.club)]
    assert told[0] == ("taken_back", "91")
    assert told[1:] == ([] if then == "repeats" else [("undoes", "00")])
    assert reconciles(pair, again, BatchTotals())


def test_a_silent_partner_gets_one_reversal_after_kills(
    switch_at: SwitchAt, connect: Connect, tmp_path: Path
) -> None:
    with ScriptedPartner() as partner:
        path = upstream_file(tmp_path, partner)
        club = switch_at("club").start(upstream_file=path)
        host = connect(club)
        host.sign_on(HOST)
        assert host.make_terminal().fields[39] == "00"
        link = connect(club)
        link.sign_on()
        until(club, "phase", "up")
        partner.behave("02", Behaviour.SILENT)
        sale = link.purchase(AMOUNT, card=PARTNER_CARD)
        link.send(sale)
        (request,) = partner.wait_for("02", 1)
        for _ in range(2):
            club.kill()
            club.start(upstream_file=path)
            (reversal,) = partner.wait_for("04", 1)
            assert OriginalData.unpack(reversal.text(90)).stan == request.text(11)
            again = connect(club)
            again.sign_on()
            assert again.call(repeat_of(sale)).fields[39] == "91"
            until(club, "queue_depth", 0)
        assert len(partner.wait_for("02", 1)) == 1
        assert [(line["fate"], line["response_code"]) for line in forwarded(club)] == [("taken_back", "91")]


def test_kills_amid_traffic_lose_nothing_and_count_nothing_twice(pair: Pair, path: Path) -> None:
    """Some are not sent yet, some under way, some answered and not journaled, some journaled, some told."""
    approved = 0
    for heard in (0, 2, 5, 9, 11):
        pair.until("phase", "up")  # else a sale is answered 91 undecided, and its repeat is decided
        link = pair.link()
        sales = [link.purchase(AMOUNT, card=PARTNER_CARD) for _ in range(12)]
        for sale in sales:
            link.send(sale)
        told = {reply.text(11): reply for reply in (link.receive() for _ in range(heard))}
        pair.club.kill()
        pair.start_club(path)
        again = pair.link()
        for sale in sales:
            reply = again.call(repeat_of(sale))
            assert reply.fields[39] in ("00", "91")
            approved += reply.fields[39] == "00"
            before = told.get(sale.text(11))
            assert before is None or before.fields | {64: b""} == reply.fields | {64: b""}
    pair.until("phase", "up")
    pair.until("queue_depth", 0)
    assert approved >= 2 + 5 + 9 + 11
    assert partner_points(pair.partner) == approved * POINTS
    assert reconciles(pair, pair.link(), BatchTotals(debits_number=approved, debits_amount=approved * AMOUNT))
    lines = forwarded(pair.club)
    assert len({(line["stan"], line["transmitted_at"]) for line in lines}) == len(lines)
    assert {line["fate"] for line in lines} <= {"answered", "taken_back", "refused"}


def test_what_is_queued_survives_kill(pair: Pair, path: Path) -> None:
    link = pair.link()
    sale = link.purchase(AMOUNT, card=PARTNER_CARD)
    assert link.call(sale).fields[39] == "00"
    pair.partner.kill()
    pair.until("phase", "down")
    assert link.call(link.reversal(sale)).fields[39] == "00"
    pair.club.kill()
    pair.partner.start(terminals_port=pair.partner.terminals[1])
    pair.start_club(path)
    pair.until("queue_delivered", 1)
    assert partner_points(pair.partner) == 0


def test_a_reversal_before_its_sale(pair: Pair) -> None:
    link = pair.link()
    sale = link.purchase(AMOUNT, card=PARTNER_CARD)
    assert link.call(link.reversal(sale)).fields[39] == "00"
    assert link.call(sale).fields[39] == "21"
    assert partner_points(pair.partner) == 0


def test_a_partner_may_not_be_named_as_a_link(switch_at: SwitchAt, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        path = write_upstream_file(tmp_path, taken.getsockname()[1])
    path.write_text(f'name = "terminals"\n{path.read_text()}')
    code, told = switch_at("club").run_to_exit(upstream_file=path)
    assert code == 2
    assert told.splitlines()[-1] == f"switch: upstream file {path}: terminals is the name of a link"


def test_a_wrong_file_is_told_in_one_line(switch_at: SwitchAt, tmp_path: Path) -> None:
    wrong = tmp_path / "upstream.toml"
    wrong.write_text("addresses = 1")
    code, told = switch_at("club").run_to_exit(upstream_file=wrong)
    assert code == 2
    assert told.startswith("switch: upstream file")
    assert told.count("\n") == 1
