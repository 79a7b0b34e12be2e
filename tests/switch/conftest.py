"""A real switch process, and terminals and hosts that talk to it over real sockets."""

import contextlib
import itertools
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from protocol.balances import unpack_balances
from protocol.codec import decode, encode_sealed
from protocol.framing import FrameDecoder, frame
from protocol.message import Message, Value
from protocol.original_data import OriginalData
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from protocol.spec import load_spec
from simulator.virtual_switch.process import REPLY_TIMEOUT_S
from simulator.virtual_switch.process import SwitchProcess as BenchProcess

MASTER_KEY = bytes(range(32))
FEED_TOKEN = "feed-token-for-tests-0123456789"
HOST = "HOST0001"
TERMINAL = "T0000001"
MERCHANT = "SHOP1"
CARD = "6280000000000017"
SPEC = load_spec("vafa")
LINK_STANS = 500_000  # links begin to count their STANs below it


class SwitchProcess(BenchProcess):
    """A switch with the tests' master key and token, on its own directory."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, MASTER_KEY, FEED_TOKEN)


class Link:
    """A client's connection; speaks for any terminal.

    Links count their STANs from different numbers: two links of one terminal within a second would otherwise
    send the same identity.
    """

    _first_stans = itertools.count(0, 1000)

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=REPLY_TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._decoder = FrameDecoder()
        self._waiting: list[bytes] = []
        self._stan = next(self._first_stans) % LINK_STANS
        self._macs: dict[str, Mac] = {}

    def close(self) -> None:
        self.socket.close()

    def mac(self, terminal_id: str, generation: int = 1) -> Mac:
        key = f"{terminal_id}/{generation}"
        if key not in self._macs:
            self._macs[key] = Mac(derive_terminal_key(MASTER_KEY, terminal_id, generation))
        return self._macs[key]

    def stan(self) -> str:
        self._stan += 1
        return f"{self._stan:06d}"

    def payload(self, message: Message, mac: Mac | None = None) -> bytes:
        return encode_sealed(SPEC, message, mac or self.mac(message.text(41)))

    def send(self, message: Message, mac: Mac | None = None) -> bytes:
        payload = self.payload(message, mac)
        self.socket.sendall(frame(payload))
        return payload

    def receive_payload(self) -> bytes | None:
        """The next reply's payload, None where the switch has closed the link."""
        while not self._waiting:
            try:
                data = self.socket.recv(65_536)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self._waiting += self._decoder.feed(data)
        return self._waiting.pop(0)

    def receive(self) -> Message:
        payload = self.receive_payload()
        assert payload is not None, "link was closed"
        reply = decode(SPEC, payload)
        assert self.mac(reply.text(41)).verify(payload)
        return reply

    def is_closed(self) -> bool:
        """Wait for the switch to close."""
        return self.receive_payload() is None

    def call(self, message: Message, mac: Mac | None = None) -> Message:
        self.send(message, mac)
        return self.receive()

    def network(self, code: str = "001", terminal_id: str = TERMINAL) -> Message:
        return Message("0800", {7: now_text(), 11: self.stan(), 41: terminal_id, 70: code})

    def sign_on(self, terminal_id: str = TERMINAL) -> Message:
        reply = self.call(self.network("001", terminal_id))
        assert reply.fields[39] == "00", reply
        return reply

    def purchase(
        self,
        amount: int,
        processing_code: str = "000000",
        *,
        card: str = CARD,
        terminal_id: str = TERMINAL,
        merchant_id: str = MERCHANT,
    ) -> Message:
        fields: dict[int, Value] = {
            3: processing_code,
            4: f"{amount:012d}",
            7: now_text(),
            11: self.stan(),
            12: "101500",
            13: "0830",
            22: "021",
            35: f"{card}=99125010000",
            41: terminal_id,
            42: merchant_id,
            49: "364",
        }
        return Message("0200", fields)

    def inquiry(self, card: str = CARD) -> Message:
        message = self.purchase(0, "310000", card=card)
        del message.fields[4]
        return Message("0100", message.fields)

    def reversal(self, original: Message) -> Message:
        copied = {number: original.fields[number] for number in (3, 4, 12, 13, 41, 42, 49)}
        named = OriginalData(original.mti, original.text(11), original.text(7)).pack()
        return Message("0400", {**copied, 7: now_text(), 11: self.stan(), 90: named})

    def file_action(
        self, name: str, tags: dict[str, str], *, card: str | None = None, action: str = "1"
    ) -> Message:
        fields: dict[int, Value] = {
            7: now_text(),
            11: self.stan(),
            41: HOST,
            91: action,
            101: name,
            120: tags,
        }
        if card is not None:
            fields[2] = card
        return Message("0300", fields)

    def make_terminal(self, terminal_id: str = TERMINAL, merchant_id: str = MERCHANT) -> Message:
        tags = {"DF28": terminal_id, "DF22": merchant_id, "DF23": "000007", "DF25": "0001", "DF26": "T"}
        return self.call(self.file_action("TERMINAL", {**tags, "DF21": "A"}))

    def make_member(self, number: int = 12, card: str = CARD, reference: int = 34) -> None:
        member = {"DF20": f"{number:012d}", "DF05": "سارا", "DF06": "GOLD", "DF21": "A"}
        assert self.call(self.file_action("MEMBER", member)).fields[39] == "00"
        tags = {"DF20": f"{number:012d}", "DF21": "A", "DF24": "LOYAL", "DF29": f"{reference:012d}"}
        assert self.call(self.file_action("CARD", tags, card=card)).fields[39] == "00"


Connect = Callable[[SwitchProcess], Link]
SwitchAt = Callable[..., SwitchProcess]
Balances = Callable[[Message], dict[str, int]]


def now_text() -> str:
    return datetime.now(UTC).strftime("%m%d%H%M%S")


def furnish(link: Link) -> None:
    """Sign the host on and have the shop, its terminal, a member and a card made."""
    link.sign_on(HOST)
    assert link.make_terminal().fields[39] == "00"
    link.make_member()


def balances_of(reply: Message) -> dict[str, int]:
    """Field 54 by account type."""
    return {balance.account_type: balance.amount for balance in unpack_balances(reply.text(54))}


@pytest.fixture
def switch_at(tmp_path: Path) -> Iterator[SwitchAt]:
    """Makes switches (not started yet) on directories under tmp_path; kills what still runs."""
    made: list[SwitchProcess] = []

    def make(name: str = "switch") -> SwitchProcess:
        found = SwitchProcess(tmp_path / name)
        made.append(found)
        return found

    yield make
    for found in made:
        if found.process is not None and found.process.poll() is None:
            found.kill()


@pytest.fixture
def switch(switch_at: SwitchAt) -> SwitchProcess:
    """A running switch without records."""
    return switch_at().start()


@pytest.fixture(scope="module")
def standing_switch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SwitchProcess]:
    """A running switch with the records of `host`, for the tests of a module that do each other no harm: it
    is started once."""
    found = SwitchProcess(tmp_path_factory.mktemp("standing"))
    try:
        link = Link(found.start().terminals)
        furnish(link)
        link.close()
        yield found
    finally:
        if found.process is not None and found.process.poll() is None:
            found.kill()


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Opens links and closes them at the end."""
    with contextlib.ExitStack() as stack:

        def open_link(process: SwitchProcess) -> Link:
            link = Link(process.terminals)
            stack.callback(link.close)
            return link

        yield open_link


@pytest.fixture
def host(switch: SwitchProcess, connect: Connect) -> Link:
    """A signed-on host link; the shop, its terminal, a member and a card exist."""
    link = connect(switch)
    furnish(link)
    return link


@pytest.fixture
def standing_host(standing_switch: SwitchProcess, connect: Connect) -> Link:
    """A signed-on host link to the switch that tests share."""
    link = connect(standing_switch)
    link.sign_on(HOST)
    return link


@pytest.fixture
def standing_terminal(standing_switch: SwitchProcess, connect: Connect) -> Link:
    """A signed-on terminal of the switch that tests share."""
    link = connect(standing_switch)
    link.sign_on()
    return link


@pytest.fixture
def terminal(switch: SwitchProcess, host: Link, connect: Connect) -> Link:
    """A signed-on terminal of the shop."""
    link = connect(switch)
    link.sign_on()
    return link


@pytest.fixture
def balances() -> Balances:
    return balances_of
