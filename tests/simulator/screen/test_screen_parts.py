"""What stands behind the page: messages with their bytes, the handbook, the tap, the display, the beeps."""

import asyncio
import contextlib
import json
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.faults import ProtocolFault
from protocol.framing import frame
from protocol.spec import load_spec
from simulator.screen.beeps import key_tones, tones_of
from simulator.screen.cards import CARDS
from simulator.screen.handbook import Handbook, handbook_page
from simulator.screen.orders import Order, OrderFault, read_order
from simulator.screen.picture import COLUMNS, ROWS, Panel
from simulator.screen.tap import Tap
from simulator.screen.wire import Direction, message_document

SPEC = load_spec("vafa")
VECTORS = json.loads(Path("tests/vectors/messages.json").read_text("utf-8"))["messages"]
Rows = list[dict[str, object]]


@pytest.mark.parametrize("case", VECTORS, ids=[case["name"] for case in VECTORS])
def test_a_message_is_told_byte_by_byte_and_masked(case: dict[str, object]) -> None:
    payload = bytes.fromhex(str(case["payload"]))
    document = message_document(SPEC, payload, Direction.SENT, 1, 0)
    cells, rows = cast("list[str]", document["cells"]), cast(Rows, document["rows"])
    assert len(cells) == len(payload)
    assert {row["path"] for row in rows} >= {"mti", "bitmap"}
    covered = {place for row in rows for place in range(cast(int, row["start"]), cast(int, row["end"]))}
    assert covered == set(range(len(payload)))
    for row in rows:
        shown = cells[cast(int, row["start"]) : cast(int, row["end"])]
        assert row["masked"] is ("**" in shown) or row["path"] in ("48", "120")
    book = Handbook(SPEC)
    assert all(book.paragraph(str(row["topic"]), str(document["mti"])) for row in rows)


@given(st.binary(max_size=200))
def test_any_bytes_can_be_shown(payload: bytes) -> None:
    document = message_document(SPEC, payload, Direction.RECEIVED, 1, 0)
    assert len(cast("list[str]", document["cells"])) == len(payload)
    assert document["mti"] is not None or document["faults"]


def test_the_handbook_has_a_paragraph_for_everything_in_the_spec() -> None:
    book = Handbook(SPEC, handbook_page())
    for topic in (
        *(f"field-{number}" for number in SPEC.fields),
        *(f"tag-{tag}" for tag in SPEC.tags),
        *(f"type-{mti}" for mti in SPEC.messages),
        "bitmap",
        "length",
    ):
        paragraph = book.paragraph(topic, "0200")
        assert paragraph is not None
        title = cast("dict[str, str]", paragraph["title"])
        assert title["fa"] and title["en"]
    assert book.paragraph("field-9999") is None
    assert book.paragraph("field-DF01") is None
    assert book.paragraph("../etc") is None


@pytest.mark.parametrize(
    ("topic", "words"),
    [("field-3", "Balance inquiry"), ("field-39", "کارت مسدود است"), ("tag-DF5C", "least free heap"),
     ("field-64", "RFC 4493"), ("field-88", "Debits are approved"), ("tag-DF33", "for display")],
)  # fmt: skip
def test_a_paragraph_has_the_notes_of_the_page(topic: str, words: str) -> None:
    paragraph = Handbook(SPEC, handbook_page()).paragraph(topic)
    assert words in json.dumps(paragraph, ensure_ascii=False)
    assert Handbook(SPEC).paragraph(topic) is not None


@given(st.text(max_size=80) | st.dictionaries(st.text(max_size=5), st.text(max_size=5)).map(json.dumps))
def test_any_text_is_an_order_or_refused(text: str) -> None:
    with contextlib.suppress(OrderFault):
        assert isinstance(read_order(text), Order)


def test_the_tap_changes_nothing_and_tells_every_message() -> None:
    heard: list[tuple[Direction, bytes | ProtocolFault]] = []
    changes: list[bool] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def scenario() -> None:
        switch = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = switch.sockets[0].getsockname()[1]
        tap = Tap(("127.0.0.1", port), lambda *what: heard.append(what), lambda: changes.append(tap.is_up))
        async with asyncio.timeout(60), tap:
            reader, writer = await asyncio.open_connection("127.0.0.1", tap.port)
            sent = frame(b"\x01\x02\x03") + frame(b"") + frame(b"\x04")
            for value in sent:
                writer.write(bytes((value,)))
                await writer.drain()
            assert await reader.readexactly(len(sent)) == sent
            # Behind a frame that is too long nothing can be told, and everything still passes.
            writer.write(b"\xff\xff" + bytes(9000))
            assert len(await reader.readexactly(9002)) == 9002
            tap.cut()
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", tap.port)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
            writer.close()
            tap.mend()
            reader, writer = await asyncio.open_connection("127.0.0.1", tap.port)
            writer.write(frame(b"\x05"))
            await reader.readexactly(3)
            writer.close()
        switch.close()

    asyncio.run(scenario())
    sent = [what for direction, what in heard if direction is Direction.SENT]
    assert [what for what in sent if isinstance(what, bytes)] == [b"\x01\x02\x03", b"\x04", b"\x05"]
    assert sum(isinstance(what, ProtocolFault) for _, what in heard) == 2
    assert changes[:2] == [True, False]


def test_the_display_is_drawn_by_the_firmware_and_mirrored_by_language() -> None:
    panel = Panel()
    english = panel.draw(["Purchase", "", "", ""], -1, "en")
    persian = panel.draw(["خرید", "", "", ""], -1, "fa")
    assert len(english) == len(persian) == COLUMNS // 8 * ROWS

    def dark_halves(dots: bytes) -> tuple[bool, bool]:
        row = COLUMNS // 8
        left = any(any(dots[at : at + row // 2]) for at in range(0, len(dots), row))
        return left, any(any(dots[at + row // 2 : at + row]) for at in range(0, len(dots), row))

    assert dark_halves(english) == (True, False)
    assert dark_halves(persian) == (False, True)
    assert panel.draw(["", "", "", ""], -1, "fa") == bytes(len(english))


def test_what_the_terminal_does_can_be_heard() -> None:
    assert key_tones() == [(2000, 30)]
    assert tones_of({"event": "transaction", "response_code": "00"})[0] == (2000, 80)
    assert tones_of({"event": "transaction", "response_code": "51"}) == [(800, 300), (0, 100), (800, 300)]
    assert tones_of({"event": "state", "state": "idle"}) == []
    assert tones_of({}) == []


def test_the_wallet_has_one_card_a_number() -> None:
    assert len({card.number for card in CARDS}) == len({card.name for card in CARDS}) == len(CARDS)
    assert all(card.number not in repr(card) for card in CARDS)
