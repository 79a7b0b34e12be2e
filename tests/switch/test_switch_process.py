"""The process: start, refusals to start, bounds, drain, and a disk that fails."""

from __future__ import annotations

import json
import os
import select
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protocol.feed import FEED_EVENT
from protocol.framing import frame
from protocol.message import Message
from switch.journal.format import pack_entry
from switch.journal.writer import Journal
from switch.keyring import Keyring

if TYPE_CHECKING:
    from tests.switch.conftest import Balances, Connect, Link, SwitchAt, SwitchProcess

TOKEN = "feed-token-for-tests-0123456789"


def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Ask until it is so; the question itself takes the time (an HTTP request or a look at a file)."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "did not come about"


def test_feed_tells_everything_durable(switch: SwitchProcess, host: Link, terminal: Link) -> None:
    original = terminal.purchase(2_500_000)
    bought = terminal.call(original)
    paid = terminal.call(terminal.purchase(100_000, "009100"))
    undone = terminal.call(terminal.reversal(original))
    lines = switch.feed()
    assert [line["position"] for line in lines] == list(range(1, len(lines) + 1))
    events = [FEED_EVENT.validate_python(line) for line in lines]
    assert [event.kind for event in events] == ["rule_table", "file", "file", "file", *["transaction"] * 3]
    earn, spend, reverse = lines[4:]
    assert earn["rrn"] == bought.fields[37]
    assert (earn["card_reference"], earn["member_number"], earn["branch_number"]) == (34, 12, 7)
    assert earn["transmitted_at"] == original.fields[7]
    assert earn["transfers"] == [
        {
            "purse": purse,
            "debit": "programme:liability",
            "credit": "member:12",
            "amount": amount,
            "reason": "earn",
            "stage": "posted",
            "rule": name,
        }
        for purse, amount, name in (("points", 250, "EARN-01"), ("credit", 50_000, "EARN-02"))
    ]
    assert earn["balances"] == {"points": 250, "credit": 50_000}
    assert spend["transfers"] == [
        {
            "purse": "points",
            "debit": "member:12",
            "credit": "merchant:SHOP1",
            "amount": 100,
            "reason": "spend",
            "stage": "posted",
            "rule": "BURN-04",
        }
    ]
    assert spend["rrn"] == paid.fields[37]
    assert (reverse["reverses"], reverse["rrn"]) == (bought.fields[37], undone.fields[37])
    assert reverse["balances"] == {"points": -100, "credit": 0}
    assert switch.feed(after=4, limit=2) == lines[4:6]
    assert switch.feed(after=len(lines)) == []
    everything = (
        b"".join(path.read_bytes() for path in switch.journal.rglob("*") if path.is_file())
        + switch.log.read_bytes()
    )
    for secret in (b"6280000000000017", TOKEN.encode(), bytes(range(32)), bytes(range(32)).hex().encode()):
        assert secret not in everything + json.dumps(lines).encode()


def test_feed_waits_for_the_next_commit(switch: SwitchProcess, terminal: Link) -> None:
    position = switch.status()["durable_position"]
    address = switch.operations.removeprefix("http://").rpartition(":")
    reader = socket.create_connection((address[0], int(address[2])), timeout=20)
    path = f"/feed?after={position}&wait_ms=20000"
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
    assert switch.status()["durable_position"] == position
    assert not select.select([reader], [], [], 0)[0]
    terminal.call(terminal.purchase(1_000_000))
    answer = b""
    while b'"position":%d' % (position + 1) not in answer:
        data = reader.recv(65_536)
        assert data
        answer += data
    reader.close()
    assert switch.feed(after=position + 1, wait_ms=1) == []


def test_feed_wants_its_token_and_sane_numbers(switch: SwitchProcess) -> None:
    for token in (None, "wrong", TOKEN + "x", ""):
        assert switch.get("/feed?after=0", token)[0] == 401
    for query in ("after=-1", "limit=1001", "wait_ms=30001", "after=x", "after=²"):
        assert switch.get("/feed?" + query.replace("²", "%C2%B2"), TOKEN)[0] == 422


def test_health_and_status(switch: SwitchProcess, terminal: Link) -> None:
    assert switch.get("/health/live")[0] == switch.get("/health/ready")[0] == 200
    terminal.call(terminal.purchase(1000))
    terminal.call(terminal.purchase(0))
    status = switch.status()
    assert (status["approved"], status["declined"], status["links"], status["file_actions"]) == (1, 1, 2, 3)
    assert status["position"] == status["durable_position"] == status["entries"] == 6


def test_restart_keeps_everything(
    switch: SwitchProcess, terminal: Link, connect: Connect, balances: Balances
) -> None:
    message = terminal.purchase(2_500_000)
    first = terminal.call(message)
    reversed_message = terminal.purchase(5_000_000)
    terminal.call(reversed_message)
    terminal.call(terminal.reversal(reversed_message))
    assert switch.stop() == 0
    switch.start()
    link = connect(switch)
    link.sign_on()
    assert link.call(Message("0201", message.fields)).fields == first.fields
    assert link.call(Message("0201", reversed_message.fields)).fields[39] == "21"
    assert balances(link.call(link.inquiry())) == {"91": 250, "92": 50_000}
    assert switch.status()["rule_table_version"] == 1


def test_other_rules_become_a_new_table(
    switch: SwitchProcess, terminal: Link, connect: Connect, tmp_path: Path
) -> None:
    terminal.call(terminal.purchase(1_000_000))
    switch.stop()
    source = Path(__file__).parents[2] / "switch/rules/default_rules.toml"
    rules = tmp_path / "rules.toml"
    rules.write_text(source.read_text().replace("give = 100 ", "give = 200 "))
    switch.start(rules_file=rules)
    link = connect(switch)
    link.sign_on()
    reply = link.call(link.purchase(1_000_000))
    assert (reply.tags(48)["DF01"], reply.tags(48)["DF07"]) == ("000000000200", "00000002")
    assert [line["table_version"] for line in switch.feed() if line["kind"] == "rule_table"] == [1, 2]


def test_drain_answers_what_is_in(switch: SwitchProcess, terminal: Link) -> None:
    entries = switch.status()["entries"]
    terminal.socket.sendall(b"".join(frame(terminal.payload(terminal.purchase(1000))) for _ in range(40)))
    until(lambda: switch.status()["entries"] >= entries + 1)
    assert switch.stop() == 0
    answered = 0
    while (payload := terminal.receive_payload()) is not None:
        assert payload
        answered += 1
    switch.start()
    assert switch.status()["position"] == entries + answered


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"master_key_file": "/nonexistent/master.key"}, "master key file"),
        ({"journal_directory": "/proc/journal"}, "/proc/journal"),
        ({"bind_address": "0.0.0.0"}, "loopback"),
        ({"connections_max": 0}, "connections_max"),
        ({"rules_file": "/nonexistent.toml"}, "/nonexistent.toml"),
    ],
)
def test_wrong_setup_is_one_line_and_code_2(
    switch_at: SwitchAt, settings: dict[str, object], told: str
) -> None:
    code, errors = switch_at().run_to_exit(**settings)
    assert code == 2, errors
    assert told in errors
    assert len(errors.splitlines()) == 1


def test_taken_port_and_taken_journal(switch: SwitchProcess, switch_at: SwitchAt) -> None:
    port = switch.terminals[1]
    code, errors = switch_at("other").run_to_exit(terminals_port=port)
    assert (code, len(errors.splitlines())) == (2, 2)
    assert f"terminal port 127.0.0.1:{port}: " in errors.splitlines()[-1]
    code, errors = switch_at("switch").run_to_exit()
    assert code == 2
    assert "another process has it open" in errors


def test_open_secrets_are_refused(switch_at: SwitchAt) -> None:
    process = switch_at()
    (process.directory / "keys/master.key").chmod(0o644)
    code, errors = process.run_to_exit()
    assert (code, "0600" in errors) == (2, True)


def test_damaged_journal_is_refused(switch: SwitchProcess, terminal: Link) -> None:
    terminal.call(terminal.purchase(1000))
    switch.stop()
    path = next(switch.journal.glob("*.journal"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    code, errors = switch.run_to_exit()
    assert code == 3
    assert len(errors.splitlines()) == 1
    assert str(path) in errors
    assert "at byte" in errors


def test_connections_are_bounded(switch_at: SwitchAt, connect: Connect) -> None:
    process = switch_at().start(connections_max=2)
    links = [connect(process) for _ in range(2)]
    for link in links:
        link.sign_on("HOST0001")
    assert connect(process).is_closed()
    assert process.status()["links_refused"] == 1


def test_silent_links_are_closed(switch_at: SwitchAt, connect: Connect) -> None:
    process = switch_at().start(idle_timeout_s=1.5, sign_on_timeout_s=0.3)
    unsigned = connect(process)
    assert unsigned.is_closed()
    signed = connect(process)
    signed.sign_on("HOST0001")
    started = time.monotonic()
    assert signed.is_closed()
    assert time.monotonic() - started > 1.0
    assert process.status()["links_timed_out"] == 2


def test_a_slow_reader_holds_no_memory(
    switch: SwitchProcess, host: Link, terminal: Link, connect: Connect
) -> None:
    """A peer that sends and never reads is not read any more, while others are served."""
    slow = connect(switch)
    slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.sign_on()
    slow.socket.settimeout(1.0)
    sent = 0
    echo = frame(slow.payload(slow.network("301")))
    with pytest.raises(TimeoutError):
        while True:
            assert sent < 64 << 20, "the switch reads on and on"
            sent += slow.socket.send(echo * 500)
    before = resident_bytes(switch)
    for _ in range(50):
        assert terminal.call(terminal.purchase(1000)).fields[39] == "00"
    assert resident_bytes(switch) - before < 8 << 20
    status = switch.status()
    assert status["echoes"] * len(echo) < 16 << 20
    slow.close()
    until(lambda: switch.status()["links"] == 2)


def resident_bytes(switch: SwitchProcess) -> int:
    assert switch.process is not None
    pages = int(Path(f"/proc/{switch.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_no_reply_leaves_when_the_disk_is_full(
    switch_at: SwitchAt, connect: Connect, balances: Balances
) -> None:
    """A file size limit makes the kernel refuse the write, as a full disk does."""
    process = switch_at().start()
    host = connect(process)
    host.sign_on("HOST0001")
    host.make_terminal()
    host.make_member()
    process.stop()
    size = next(process.journal.glob("*.journal")).stat().st_size
    process.start(file_bytes_max=size + 50_000, segment_bytes=1 << 16, failure_shown_s=0)
    link = connect(process)
    link.sign_on()
    answered = []
    while True:
        message = link.purchase(1_000_000)
        link.send(message)
        if link.receive_payload() is None:
            break
        answered.append(message)
        assert len(answered) < 1000, "the limit was never reached"
    assert process.wait() == 4
    told = [line for line in process.log.read_text().splitlines() if "CRITICAL" in line]
    assert len(told) == 1
    assert "authorising stopped" in told[0]
    assert answered
    process.start()
    again = connect(process)
    again.sign_on()
    for kept in answered:
        assert again.call(Message("0201", kept.fields)).fields[39] == "00"
    assert process.status()["duplicates"] == len(answered)
    assert process.status()["approved"] == 0
    reply = again.call(Message("0201", message.fields))
    assert balances(reply)["91"] == (len(answered) + 1) * 100


def test_stop_does_not_wait_for_feed_readers(switch: SwitchProcess) -> None:
    position = switch.status()["durable_position"]
    host, _, port = switch.operations.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=20) as reader:
        path = f"/feed?after={position}&wait_ms=30000"
        reader.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
        assert switch.status()["ready"]
        assert switch.stop() == 0
        answer = b""
        while data := reader.recv(4096):
            answer += data
    assert answer.startswith(b"HTTP/1.1 200")


def test_entries_of_an_unknown_kind_are_refused(switch: SwitchProcess) -> None:
    """Whole and well chained, but from software that knew more."""
    switch.stop()
    journal = Journal.open(
        switch.journal,
        key_check=Keyring(bytes(range(32))).key_check,
        segment_bytes=1 << 26,
        now_ms=1,
        on_entry=lambda _: None,
    )
    journal.commit([pack_entry(9, 1, b"?")], now_ms=1)
    journal.close()
    code, errors = switch.run_to_exit()
    assert code == 3
    assert "entry 2 can't be replayed (version 1 of entry kind 9 is unknown)" in errors
    assert "at byte" in errors
