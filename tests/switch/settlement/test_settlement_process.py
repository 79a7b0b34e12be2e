"""A real switch: reconciliation over sockets, cut-over amid traffic, and the report beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from protocol.dialect import NetworkCode
from protocol.message import Message, Value
from protocol.message_type import repeat_of
from protocol.reconciliation import BatchTotals, UploadRecord, pack_records, read_totals, totals_fields
from protocol.spec import load_spec
from switch.gate.exchange import Exchange, Now
from switch.journal.entries import CutOverEntry, RuleTableEntry, pack, unpack
from switch.journal.format import pack_entry
from switch.journal.reader import JournalScan
from switch.journal.writer import Journal
from switch.keyring import Keyring
from switch.ledger.state import State
from switch.metrics.store import Metrics
from switch.rules.compiler import load_rules
from tests.switch.scenarios.club import host_record

if TYPE_CHECKING:
    from tests.switch.conftest import Connect, Link, SwitchAt, SwitchProcess

ZONE = ZoneInfo("Asia/Tehran")
HOST, TILL, SHOP = "HOST0001", "T0000001", "SHOP1"
MASTER_KEY = bytes(range(32))
_BURST = 300


def now_text() -> str:
    return datetime.now(UTC).strftime("%m%d%H%M%S")


def business_date(switch: SwitchProcess) -> date:
    return date.fromisoformat(str(switch.status()["business_date"]))


def reconciliation(
    link: Link, day: date, totals: BatchTotals, tags: dict[str, Value] | None = None
) -> Message:
    fields: dict[int, Value] = {
        7: now_text(),
        11: link.stan(),
        15: f"{day:%m%d}",
        41: TILL,
        42: SHOP,
        **totals_fields(totals),
    }
    return Message("0500", fields if tags is None else {**fields, 48: tags})


def upload(link: Link, day: date, records: list[UploadRecord]) -> Message:
    tags: dict[str, Value] = {"DF35": pack_records(records)}
    fields: dict[int, Value] = {
        7: now_text(),
        11: link.stan(),
        15: f"{day:%m%d}",
        41: TILL,
        42: SHOP,
        48: tags,
    }
    return Message("0520", fields)


def record(message: Message, rrn: str = "0") -> UploadRecord:
    return UploadRecord(
        message.mti, message.text(3), message.text(11), message.text(7), int(message.text(4)), int(rrn)
    )


def cut_over(link: Link, day: date, terminal_id: str = HOST) -> Message:
    fields: dict[int, Value] = {
        7: now_text(),
        11: link.stan(),
        15: f"{day:%m%d}",
        41: terminal_id,
        70: NetworkCode.CUT_OVER.value,
    }
    return Message("0800", fields)


def vafa(switch: SwitchProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line, with the settings of the running switch."""
    settings: dict[str, object] = {"terminals_port": switch.terminals[1]}
    return subprocess.run(
        [sys.executable, "-m", "tools.cli", "settlement", *arguments],
        env=switch.environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_till_settles_uploads_and_is_reported(
    switch: SwitchProcess, host: Link, terminal: Link, connect: Connect
) -> None:
    today = business_date(switch)
    sold = [terminal.purchase(amount) for amount in (1_000_000, 2_000_000)]
    rrns = [terminal.call(message).text(37) for message in sold]
    totals = BatchTotals(debits_number=2, debits_amount=3_000_000)
    agreed = terminal.call(reconciliation(terminal, today, totals))
    assert (agreed.mti, agreed.text(39), agreed.text(66)) == ("0510", "00", "1")
    assert (agreed.text(15), read_totals(agreed)) == (f"{today:%m%d}", totals)
    span = agreed.tags(48)
    assert span["DF39"] == "000000000000"
    assert int(str(span["DF38"])) <= int(rrns[0])

    undone = terminal.reversal(sold[0])
    terminal.call(undone)
    counted = totals._replace(debits_reversal_number=1, debits_reversal_amount=1_000_000)
    never_sent = terminal.purchase(7_000_000)
    claimed = BatchTotals(debits_number=3, debits_amount=10_000_000)
    refused = terminal.call(reconciliation(terminal, today, claimed))
    assert (refused.text(39), refused.text(66), read_totals(refused)) == ("95", "2", counted)
    balance_before = terminal.call(terminal.inquiry()).fields[54]
    sent = [*map(record, sold, rrns), record(undone)]
    assert terminal.call(upload(terminal, today, sent)).text(39) == "00"
    late = upload(terminal, today, [record(never_sent)])
    answer = terminal.call(late)
    assert terminal.call(Message(repeat_of(late.mti), late.fields)) == answer
    early = terminal.call(reconciliation(terminal, today, claimed, {"DF36": "000009"}))
    assert (early.text(39), early.text(66)) == ("95", "3")
    ended = terminal.call(reconciliation(terminal, today, claimed, {"DF36": "000004"}))
    assert (ended.text(39), ended.text(66), ended.tags(48)["DF37"]) == ("00", "2", "000001")
    assert terminal.call(terminal.inquiry()).fields[54] == balance_before

    done = vafa(switch, "report", "--journal", str(switch.journal), "--date", "open", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["date"], report["open"], report["ledger_agrees"]) == (today.isoformat(), True, True)
    [till] = report["terminals"]
    assert (till["terminal"], till["standing"], till["missing"]) == (TILL, "out_of_balance", [])
    assert [(item["verdict"], item["amount"], item["stan"]) for item in till["differences"]] == [
        ("unknown", 7_000_000, never_sent.text(11))
    ]
    [shop] = report["groups"]
    assert shop["names"] == {"merchant": SHOP}
    assert (shop["sales"]["purchases"], shop["sales"]["reversals"]) == (2, 1)

    kinds = [(line["kind"], line.get("settlement_code")) for line in switch.feed()]
    assert [code for kind, code in kinds if kind == "reconciliation"] == ["1", "2", None, None, "3", "2"]
    switch.kill()
    switch.start()
    again = connect(switch)
    again.sign_on()
    assert again.call(Message(repeat_of(late.mti), late.fields)) == answer
    assert read_totals(again.call(reconciliation(again, today, counted))) == counted


def test_a_cut_over_amid_traffic_loses_nothing(switch: SwitchProcess, host: Link, terminal: Link) -> None:
    today = business_date(switch)
    tomorrow = today + timedelta(days=1)
    assert terminal.call(cut_over(terminal, tomorrow, TILL)).text(39) == "58"
    assert host.call(cut_over(host, today + timedelta(days=3))).text(39) == "12"
    missing = cut_over(host, tomorrow)
    del missing.fields[15]
    assert host.call(missing).text(39) == "30"
    messages = [terminal.purchase(1000 + index) for index in range(_BURST)]
    rrns: list[int] = []
    for index, message in enumerate(messages):
        terminal.send(message)
        if index == _BURST // 2:
            host.send(cut_over(host, tomorrow))
        if index >= 32:
            rrns.append(int(terminal.receive().text(37)))
    rrns += [int(terminal.receive().text(37)) for _ in range(_BURST - len(rrns))]
    assert host.receive().text(39) == "00"
    assert host.call(cut_over(host, tomorrow)).text(39) == "00"
    assert business_date(switch) == tomorrow

    [cut] = [line["position"] for line in switch.feed() if line["kind"] == "cut_over"]
    amounts = {rrn: int(message.text(4)) for rrn, message in zip(rrns, messages, strict=True)}
    for day, chosen in (
        (today, [amount for rrn, amount in amounts.items() if rrn < cut]),
        (tomorrow, [amount for rrn, amount in amounts.items() if rrn > cut]),
    ):
        assert chosen
        totals = BatchTotals(debits_number=len(chosen), debits_amount=sum(chosen))
        answer = terminal.call(reconciliation(terminal, day, totals))
        assert (answer.text(39), answer.text(66)) == ("00", "1")
        assert answer.tags(48)["DF39"] == (f"{cut:012d}" if day == today else "000000000000")
    assert switch.stop() == 0
    report = json.loads(vafa(switch, "report", "--journal", str(switch.journal), "--json").stdout)
    assert (report["date"], report["open"], report["last_rrn"]) == (today.isoformat(), False, f"{cut:012d}")
    assert report["terminals"][0]["standing"] == "in_balance"
    assert report["total"]["sales"]["purchase_amount"] == sum(
        amount for rrn, amount in amounts.items() if rrn < cut
    )


def test_every_reply_names_the_day_on_which_it_counts(
    switch: SwitchProcess, host: Link, terminal: Link
) -> None:
    today = business_date(switch)
    tomorrow = today + timedelta(days=1)
    sale = terminal.purchase(1_000_000)
    paid = terminal.purchase(1_000, "009100")  # from points: the plain engine's, whatever else there is
    answers = [terminal.call(sale), terminal.call(paid)]
    assert [answer.text(15) for answer in answers] == [f"{today:%m%d}"] * 2
    assert 15 not in terminal.call(terminal.inquiry()).fields
    assert host.call(cut_over(host, tomorrow)).text(39) == "00"
    for message, answer in zip((sale, paid), answers, strict=True):
        assert terminal.call(Message(repeat_of(message.mti), message.fields)) == answer
    assert terminal.call(terminal.purchase(2_000)).text(15) == f"{tomorrow:%m%d}"
    reversal = terminal.reversal(sale)
    undone = terminal.call(reversal)
    assert (undone.text(39), undone.text(15)) == ("00", f"{tomorrow:%m%d}")
    assert (undone.tags(48)["DF0E"], undone.tags(48)["DF5D"]) == (answers[0].text(37), f"{today:%m%d}")
    assert terminal.call(Message(repeat_of(reversal.mti), reversal.fields)) == undone


def test_an_operator_cuts_over_by_command(switch: SwitchProcess, host: Link) -> None:
    today = business_date(switch)
    tomorrow = today + timedelta(days=1)
    done = vafa(switch, "cut-over", tomorrow.isoformat())
    assert (done.returncode, done.stderr) == (0, "")
    assert business_date(switch) == tomorrow
    days = vafa(switch, "days", "--journal", str(switch.journal))
    assert days.stdout.split() == [today.isoformat(), tomorrow.isoformat()]
    far = vafa(switch, "cut-over", (today + timedelta(days=40)).isoformat())
    assert (far.returncode, far.stderr) == (1, "Error: answered 12: Invalid transaction\n")
    assert vafa(switch, "cut-over", "2026-13-01").returncode == 2
    unknown = vafa(switch, "report", "--journal", str(switch.journal), "--date", "1400-01-01")
    assert (unknown.returncode, unknown.stderr) == (1, "Error: the journal has no such business day\n")
    switch.stop()
    nobody = vafa(switch, "cut-over", tomorrow.isoformat())
    assert nobody.returncode == 1
    assert nobody.stderr.startswith("Error: no switch at")


def test_a_switch_that_was_down_over_midnight_cuts_over_before_it_serves(switch_at: SwitchAt) -> None:
    process = switch_at()
    before_ms = int((datetime.now(UTC) - timedelta(days=3)).timestamp() * 1000)
    journal = Journal.open(
        process.journal,
        key_check=Keyring(MASTER_KEY).key_check,
        segment_bytes=1 << 20,
        now_ms=before_ms,
        on_entry=lambda raw: None,
    )
    kind, body = pack(RuleTableEntry(before_ms, 1, load_rules(None).packed))
    journal.commit([pack_entry(kind, 2, body)], before_ms)
    journal.close()
    process.start()
    today = datetime.now(ZONE).date()
    assert business_date(process) in (today, today + timedelta(days=1))
    assert [line["kind"] for line in process.feed()][:2] == ["rule_table", "cut_over"]
    assert process.stop() == 0
    assert len(scanned(process.journal)) == 1


def test_the_timer_ends_the_day_at_its_time() -> None:
    state = State(host_record())
    exchange = Exchange(load_spec("vafa"), state, Keyring(MASTER_KEY), Metrics(), cut_over_minute=180)
    evening = datetime(2026, 6, 14, 23, 0, tzinfo=ZONE)
    exchange.journal(RuleTableEntry(milliseconds(evening), 1, load_rules(None).packed))
    first = state.business.open_day.day
    for hours, days in ((0, 0), (3.99, 0), (4, 1), (4.1, 1), (27, 1), (28, 2), (200, 9)):
        at_ms = milliseconds(evening + timedelta(hours=hours))
        exchange.maintain(Now(at_ms, hours * 3600))
        assert state.business.open_day.day - first == days
    assert len(exchange.take_staged()) == 4


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def scanned(directory: Path) -> list[CutOverEntry]:
    """Cut-overs of a journal."""
    entries = [
        unpack(raw.kind, raw.version, raw.body)
        for batch in JournalScan(directory).run()
        for raw in batch.entries
    ]
    return [entry for entry in entries if isinstance(entry, CutOverEntry)]
