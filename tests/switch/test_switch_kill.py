"""`kill -9` of the real process amid traffic: no answered transaction is lost, none counts twice."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING, Any

from protocol.message import Message
from protocol.message_type import repeat_of
from switch.journal.verify import verify

if TYPE_CHECKING:
    from tests.switch.conftest import Balances, Connect, Link, SwitchAt, SwitchProcess

ROUNDS = 6
LINKS = 4
IN_FLIGHT = 16
AMOUNT = 10_000
POINTS = 1


class Customer(threading.Thread):
    """Sends purchases of its own terminal, several in flight, until the switch is gone."""

    def __init__(self, link: Link, terminal_id: str, stan: int, owed: list[Message]) -> None:
        super().__init__(daemon=True)
        self.link = link
        self.link._stan = stan
        self.terminal_id = terminal_id
        self.unanswered = {message.text(11): message for message in owed}
        self.answered: dict[str, Message] = {}
        self.sent_s = threading.Event()
        self.faults: list[str] = []

    def run(self) -> None:
        try:
            for message in list(self.unanswered.values()):
                self.link.send(Message(repeat_of(message.mti), message.fields))
            while True:
                while len(self.unanswered) < IN_FLIGHT:
                    message = self.link.purchase(AMOUNT, terminal_id=self.terminal_id)
                    self.unanswered[message.text(11)] = message
                    self.link.send(message)
                payload = self.link.receive_payload()
                if payload is None:
                    return
                self._take(payload)
                self.sent_s.set()
        except (ConnectionError, BrokenPipeError):
            return

    def _take(self, payload: bytes) -> None:
        from protocol.codec import decode
        from protocol.spec import load_spec

        reply = decode(load_spec("vafa"), payload)
        if reply.fields[39] != "00":
            self.faults.append(str(reply.fields[39]))
        self.answered[reply.text(11)] = reply
        self.unanswered.pop(reply.text(11))


def test_kill_in_the_middle_of_traffic(switch_at: SwitchAt, connect: Connect, balances: Balances) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    process = switch_at().start(segment_bytes=65_536)
    host = connect(process)
    host.sign_on("HOST0001")
    names = [f"T000000{number}" for number in range(LINKS)]
    for name in names:
        host.make_terminal(name)
    host.make_member()
    answered: dict[tuple[str, str], Message] = {}
    requests: dict[tuple[str, str], Message] = {}
    owed: dict[str, list[Message]] = {name: [] for name in names}
    stans = dict.fromkeys(names, 0)
    for _ in range(ROUNDS):
        customers = []
        for name in names:
            link = connect(process)
            link.sign_on(name)
            customers.append(Customer(link, name, stans[name] + 1, owed[name]))
        for customer in customers:
            customer.start()
        for customer in customers:
            assert customer.sent_s.wait(10)
        # The random instant is what is tested: anywhere within receiving, writing, syncing and answering.
        time.sleep(chance.uniform(0.0, 0.5))
        process.kill()
        for customer in customers:
            customer.join(10)
            assert not customer.is_alive()
            assert customer.faults == []
            name = customer.terminal_id
            answered |= {(name, stan): reply for stan, reply in customer.answered.items()}
            owed[name] = list(customer.unanswered.values())
            requests |= {(name, message.text(11)): message for message in owed[name]}
            stans[name] = customer.link._stan
        assert verify(process.journal).ok
        process.start(segment_bytes=65_536)
    counted = 0
    link = connect(process)
    for name in names:
        link.sign_on(name)
        for message in owed[name]:
            reply = link.call(Message(repeat_of(message.mti), message.fields))
            assert reply.fields[39] == "00"
            answered[name, message.text(11)] = reply
    counted = len(answered)
    assert counted > ROUNDS * LINKS
    reply = link.call(link.purchase(AMOUNT, terminal_id=names[0]))
    assert balances(reply)["91"] == (counted + 1) * POINTS
    by_rrn = {
        line["rrn"]: line
        for line in all_lines(process)
        if line["kind"] == "transaction" and line["mti"] == "0200"
    }
    assert len(by_rrn) == counted + 1
    for (name, stan), kept in answered.items():
        line = by_rrn[kept.text(37)]
        assert (line["terminal_id"], line["stan"], line["response_code"]) == (name, stan, "00")
    assert process.stop() == 0
    report = verify(process.journal)
    assert (report.ok, report.torn_bytes, report.fault) == (True, 0, None)
    assert report.segments > 1


def all_lines(process: SwitchProcess) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    while found := process.feed(after=lines[-1]["position"] if lines else 0):
        lines += found
    return lines
