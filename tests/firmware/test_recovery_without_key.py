"""A terminal that was given another key while a sale was open: it still takes the sale back."""

from collections.abc import Iterable

import pytest
from terminal.messages.cmac import CmacKey, cmac8
from terminal.messages.codec import pack, unpack
from terminal.system.clock import Clock, seconds_of
from terminal.system.config import Config
from terminal.transactions import events, request
from terminal.transactions.flow import Flow
from terminal.transactions.journal import Journal

from tests.firmware.journal_messages import message
from tests.firmware.nor_flash import NorFlash
from tests.firmware.power_cut_model import FLASH_KEY

OTHER_KEY = CmacKey(bytes(16))
SETTINGS: dict[str, object] = {
    "terminal_id": "T0000001",
    "merchant_id": "M1",
    "switch_host": "127.0.0.1",
    "switch_port": 7000,
    "languages": ["en"],
}
Fields = dict[int, str | bytes]


def mac(buffer: bytes | bytearray | memoryview, length: int) -> bytes:
    return bytes(cmac8(bytes(16), buffer, length))


class Wishes:
    """What the flow asked for."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, str, Fields, bytes]] = []
        self.logged: list[str] = []

    def show(self, lines: list[str], large: int = -1) -> None: ...

    def set_timer(self, generation: int, wait_ms: int) -> None: ...

    def print_slip(self, elements: Iterable[object]) -> None: ...

    def send(self, token: int, mti: str, fields: Fields, payload: bytes) -> None:
        self.sent.append((token, mti, fields, payload))

    def log(self, event: str, **fields: object) -> None:
        self.logged.append(event)

    def serve_keys(self) -> None: ...


@pytest.mark.parametrize("owed", [False, True], ids=["request", "reversal"])
def test_the_reversal_needs_no_old_key(owed: bool) -> None:
    flash = NorFlash()
    clock = Clock(lambda: seconds_of(2026, 11, 21), 210)
    journal = Journal(flash, FLASH_KEY)
    stan = journal.next_stan()
    packed = message("0200", stan)
    sale = journal.intend(stan, packed)
    if owed:
        buffer = bytearray(200)
        fields = request.reversal("0200", unpack(packed)[1], journal.next_stan(), clock)
        journal.owe_reversal(sale, memoryview(buffer)[: pack(buffer, "0400", fields, mac)])
        journal.sent(sale)

    journal = Journal(flash, OTHER_KEY)
    wishes = Wishes()
    flow = Flow(journal, clock, Config(SETTINGS), mac=mac, actions=wishes)
    flow.handle(events.START)
    flow.handle(events.ONLINE)
    ((token, mti, fields, payload),) = wishes.sent
    original = unpack(packed)[1]
    assert mti == "0400" and "record_unreadable" in wishes.logged
    assert fields[90] == f"0200{stan:06d}{original[7]}" + "0" * 22
    assert all(fields[number] == original[number] for number in (3, 4, 12, 13, 49))
    assert (fields[41], fields[42]) == ("T0000001", "M1")
    assert payload[-8:] == mac(payload, len(payload) - 8)
    flow.handle(events.ANSWER, (token, b"", "0410", {39: "00"}))
    assert journal.open_sales() == [] and Journal(flash, OTHER_KEY).open_sales() == []
