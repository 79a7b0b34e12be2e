"""Customers at several tills who keep what they were answered, and hold the switch to it."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from protocol.codec import decode
from protocol.message import Message
from protocol.message_type import repeat_of
from protocol.spec import load_spec
from tests.switch.conftest import LINK_STANS

if TYPE_CHECKING:
    from tests.switch.conftest import Balances, Connect, Link, SwitchProcess

IN_FLIGHT = 16
WAIT_S = 60.0
AMOUNT = 10_000
HOST = "HOST0001"
# Accounts of field 54, and the tags that tell what a purchase put there: points and card credit.
PROMISES = (("91", "DF01"), ("92", "DF02"))
SPEC = load_spec("vafa")


class Customer(threading.Thread):
    """Sends purchases of one terminal, several in flight, until the switch is gone."""

    def __init__(
        self, link: Link, terminal_id: str, stan: int, owed: list[Message], pause_s: float = 0.0
    ) -> None:
        super().__init__(daemon=True)
        self.pause_s = pause_s
        self.link = link
        self.link._stan = stan
        self.terminal_id = terminal_id
        self.unanswered = {message.text(11): message for message in owed}
        self.sent: list[Message] = []
        self.answered: dict[str, Message] = {}
        self.served = threading.Semaphore(0)
        self.faults: list[str] = []

    def run(self) -> None:
        try:
            for message in list(self.unanswered.values()):
                self.link.send(Message(repeat_of(message.mti), message.fields))
            while True:
                while len(self.unanswered) < IN_FLIGHT:
                    message = self.link.purchase(AMOUNT, terminal_id=self.terminal_id)
                    self.unanswered[message.text(11)] = message
                    self.sent.append(message)
                    self.link.send(message)
                payload = self.link.receive_payload()
                if payload is None:
                    return
                self.take(decode(SPEC, payload))
                self.served.release()
                time.sleep(self.pause_s)
        except (ConnectionError, BrokenPipeError):
            return

    def take(self, reply: Message) -> None:
        """Keep an answer."""
        if reply.fields[39] != "00":
            self.faults.append(str(reply.fields[39]))
        self.answered[reply.text(11)] = reply
        self.unanswered.pop(reply.text(11))


class Crowd:
    """Customers who come back whenever the switch does.

    `answered` are the replies by terminal and STAN, of all visits that have ended; `owed` what was asked and
    not answered, by terminal. Each takes `pause_s` after an answer, where what is waited for needs the processor
    more than the till does.
    """

    def __init__(self, tills: int, pause_s: float = 0.0) -> None:
        self.pause_s = pause_s
        self.names = [f"T000000{number}" for number in range(tills)]
        self.answered: dict[tuple[str, str], Message] = {}
        self.owed: dict[str, list[Message]] = {name: [] for name in self.names}
        self.customers: list[Customer] = []
        # Beyond those of other links: a number used twice would be one purchase less here.
        self._stans = dict.fromkeys(self.names, LINK_STANS)

    def furnish(self, process: SwitchProcess, connect: Connect) -> None:
        """Let the host make the tills, a member and a card."""
        host = connect(process)
        host.sign_on(HOST)
        for name in self.names:
            host.make_terminal(name)
        host.make_member()

    def enter(self, process: SwitchProcess, connect: Connect) -> None:
        """Begin to buy: first again what is owed."""
        self.customers = []
        for name in self.names:
            link = connect(process)
            link.sign_on(name)
            self.customers.append(self.customer(link, name, self._stans[name] + 1))
        for customer in self.customers:
            customer.start()

    def customer(self, link: Link, name: str, stan: int) -> Customer:
        """Who buys at a till."""
        return Customer(link, name, stan, self.owed[name], self.pause_s)

    def wait_for_answers(self, count: int = 1) -> None:
        """Return when each has had so many more."""
        for customer in self.customers:
            for _ in range(count):
                assert customer.served.acquire(timeout=WAIT_S), customer.faults

    def leave(self) -> None:
        """Return when the switch has closed every link."""
        for customer in self.customers:
            customer.join(WAIT_S)
            assert not customer.is_alive()
            assert customer.faults == []
            name = customer.terminal_id
            self.answered |= {(name, stan): reply for stan, reply in customer.answered.items()}
            self.owed[name] = list(customer.unanswered.values())
            self._stans[name] = customer.link._stan

    def settle(self, process: SwitchProcess, connect: Connect, balances: Balances) -> int:
        """Ask again for what is owed, then check that every purchase counts once; returns their number."""
        link = connect(process)
        for name in self.names:
            link.sign_on(name)
            for message in self.owed[name]:
                reply = link.call(Message(repeat_of(message.mti), message.fields))
                assert reply.fields[39] == "00"
                self.answered[name, message.text(11)] = reply
            self.owed[name] = []
        last = link.call(link.purchase(AMOUNT, terminal_id=self.names[0]))
        self.answered[self.names[0], last.text(11)] = last
        counted = len(self.answered)
        # As many as the answers promised: a fast machine sells more than the day's limit of points.
        for account, tag in PROMISES:
            promised = sum(int(str(reply.tags(48)[tag])) for reply in self.answered.values())
            assert (account, balances(last)[account]) == (account, promised)
        by_rrn = {
            line["rrn"]: line
            for line in all_lines(process)
            if line["kind"] == "transaction" and line["mti"] == "0200"
        }
        assert len(by_rrn) == counted
        for (name, stan), kept in self.answered.items():
            line = by_rrn[kept.text(37)]
            assert (line["terminal_id"], line["stan"], line["response_code"]) == (name, stan, "00")
        return counted


def all_lines(process: SwitchProcess) -> list[dict[str, Any]]:
    """The whole feed."""
    lines: list[dict[str, Any]] = []
    while found := process.feed(after=lines[-1]["position"] if lines else 0):
        lines += found
    return lines
