"""One flow, the events that drive it, and what it wished for; the journal is real, on simulated flash."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from terminal.cards.presented import PresentedCard, presented
from terminal.devices.escpos.slip import DIRECTION
from terminal.devices.track2 import from_characters
from terminal.messages.cmac import cmac8
from terminal.messages.codec import pack
from terminal.system.clock import Clock, seconds_of
from terminal.system.config import Config
from terminal.transactions import events
from terminal.transactions.flow import Flow
from terminal.transactions.journal import Journal

from simulator.virtual_terminal.card import Card
from simulator.virtual_terminal.stripe import characters
from tests.firmware.nor_flash import NorFlash

KEY = bytes(range(16))
CARD = Card.issue("636949", 1)
OTHER_CARD = Card.issue("636949", 2)
NOW = seconds_of(2026, 3, 21)
SETTINGS: dict[str, object] = {
    "terminal_id": "VAFA0001",
    "merchant_id": "SHOP1",
    "switch_host": "127.0.0.1",
    "switch_port": 7000,
    "languages": ["en"],
}
_ECHOED = (3, 4, 7, 11, 12, 13, 15, 41, 42, 49, 70, 90)
Fields = dict[int, str | bytes]
Element = tuple[int, str | int, str]


def words(elements: Iterable[Element]) -> list[str]:
    """What stands on a slip, line by line, without layout."""
    return [f"{first} {second}".strip() for kind, first, second in elements if kind != DIRECTION and first]


def mac(buffer: bytes | bytearray | memoryview, length: int) -> bytes:
    return bytes(cmac8(KEY, buffer, length))


def card(plastic: Card = CARD) -> PresentedCard:
    return presented(from_characters(characters(plastic.track2)))


def element(tag: int, content: bytes) -> bytes:
    return tag.to_bytes(2, "big") + bytes([len(content)]) + content


def digits(tag: int, value: int) -> bytes:
    return element(tag, bytes.fromhex(f"{value:012d}"))


@dataclass
class Wishes:
    """What the flow asked for."""

    lines: list[str] = field(default_factory=list)
    large: int = -1
    timer: tuple[int, int] = (0, 0)
    sent: list[tuple[int, str, Fields, bytes]] = field(default_factory=list)
    slips: list[list[str]] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)

    def show(self, lines: list[str], large: int = -1) -> None:
        self.lines, self.large = lines, large

    def set_timer(self, generation: int, wait_ms: int) -> None:
        self.timer = (generation, wait_ms)

    def send(self, token: int, mti: str, fields: Fields, payload: bytes) -> None:
        self.sent.append((token, mti, fields, payload))

    def print_slip(self, elements: Iterable[Element]) -> None:
        self.slips.append(words(elements))

    def log(self, event: str, **fields: object) -> None:
        self.logged.append(f"{event} {fields}")

    def serve_keys(self) -> None:
        self.logged.append("serve_keys")


class Settings:
    """Parameters in memory, with a count of what was put."""

    def __init__(self, **values: object) -> None:
        self.values = values
        self.fails = False

    def get(self, name: str, default: object = None) -> object:
        return self.values.get(name, default)

    def put(self, name: str, value: object) -> None:
        if self.fails:
            raise OSError("no room")
        self.values[name] = value


class OfflineShelf:
    """Sales without a link, in a list."""

    delay_ms = 0
    is_open = True
    refused_number = 0

    def __init__(self, refusal: str | None = None) -> None:
        self.refusal = refusal
        self.kept: list[bytes] = []
        self.told: list[tuple[str, str]] = []
        self.under_way = False

    @property
    def waiting(self) -> int:
        return len(self.kept)

    def may_sell(self, amount: int, card_number: str, now: int) -> str | None:
        assert amount > 0 and card_number.isdigit() and now == NOW
        return self.refusal

    def sell(self, stan: int, packed: bytes | memoryview) -> None:
        self.kept.append(bytes(packed))

    def next_advice(self) -> bytes | None:
        if self.under_way or not self.kept:
            return None
        self.under_way = True
        return self.kept[0]

    def acknowledged(self, stan: str, response_code: str, rrn: str, date: str) -> None:
        self.told.append((stan, response_code))
        self.kept.pop(0)
        self.under_way = False

    def unanswered(self) -> None:
        self.under_way = False

    def refused(self) -> list[tuple[int, str, int, int]]:
        return []

    def dismiss(self, stan: int) -> bool:
        return False


def clear_block(pin: bytearray, account_number: str) -> tuple[bytes, bytes]:
    """Stands for the secure slot: a block that a test can read, and the serial number of no key."""
    block = bytes(pin).ljust(8, b"\xff") + account_number[-8:].encode()
    for at in range(len(pin)):
        pin[at] = 0
    return block, b"serialnumber"


class Bench:
    """One flow and the events that drive it."""

    def __init__(
        self,
        flash: NorFlash | None = None,
        *,
        pin: bool = False,
        store: Settings | None = None,
        offline: OfflineShelf | None = None,
        **settings_changed: object,
    ) -> None:
        self.flash = flash or NorFlash(block_bytes=1024, block_count=8)
        self.wishes = Wishes()
        self.journal = Journal(self.flash)
        clock = Clock(lambda: NOW, 210)
        self.config = Config({**SETTINGS, **settings_changed})
        self.flow = Flow(
            self.journal,
            clock,
            self.config,
            mac=mac,
            actions=self.wishes,
            pin_block=clear_block if pin else None,
            settings=store,
            offline=offline,
        )
        self.rrn = 0
        self.flow.handle(events.START)

    def do(self, *happened: int) -> "Bench":
        for event in happened:
            self.flow.handle(event)
        return self

    def swipe(self, plastic: Card = CARD) -> "Bench":
        self.flow.handle(events.CARD, card(plastic))
        return self

    def key(self, text: str) -> "Bench":
        for digit in text:
            self.flow.handle(events.DIGIT, digit)
        return self

    def enter(self, text: str = "") -> "Bench":
        return self.key(text).do(events.ENTER)

    def kind(self, kind: str) -> "Bench":
        self.flow.handle(events.KIND, kind)
        return self

    def answer(
        self, code: str = "00", token: int | None = None, private: bytes = b"", **more: str | bytes
    ) -> "Bench":
        """The reply to what was sent last; `more` are fields by number, as f66."""
        sent_token, mti, request, _ = self.wishes.sent[-1]
        reply: Fields = {number: value for number, value in request.items() if number in _ECHOED}
        self.rrn += 1
        reply |= {39: code}
        if mti[1] in "24":
            reply |= {37: f"{self.rrn:012d}"}
        if private:
            reply |= {48: private}
        reply |= {int(name[1:]): value for name, value in more.items()}
        reply_type = mti[:2] + chr(ord(mti[2]) + 1) + "0"
        buffer = bytearray(1024)
        length = pack(buffer, reply_type, reply, mac)
        self.flow.handle(
            events.ANSWER, (sent_token if token is None else token, bytes(buffer[:length]), reply_type, reply)
        )
        return self

    def no_answer(self) -> "Bench":
        self.flow.handle(events.NO_ANSWER, self.wishes.sent[-1][0])
        return self

    def timeout(self) -> "Bench":
        self.flow.handle(events.TIMEOUT, self.wishes.timer[0])
        return self

    def sale(self, amount: int = 2_500_000) -> "Bench":
        """A whole purchase."""
        return self.key(str(amount)).swipe().answer().do(events.PRINTED)

    @property
    def state(self) -> str:
        return str(self.flow.state)

    @property
    def types_sent(self) -> list[str]:
        return [mti for _, mti, _, _ in self.wishes.sent]

    @property
    def request(self) -> Fields:
        """Fields of what was sent last."""
        return self.wishes.sent[-1][2]

    @property
    def slip(self) -> str:
        """The words of the last slip, whatever stands between them."""
        return " ".join("\n".join(self.wishes.slips[-1]).split())


def ready(**more: object) -> Bench:
    return Bench(**more).do(events.ONLINE)  # type: ignore[arg-type]  # whatever a bench takes
