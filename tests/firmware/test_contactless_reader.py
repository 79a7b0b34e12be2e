"""The reader that watches the field of a simulated PN532: cards that come and go, alone and in twos."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest
from terminal.devices.contactless.fault import ContactlessFault
from terminal.devices.contactless.reader import (
    CARD_IN,
    CARD_OUT,
    TWO_CARDS,
    ContactlessCard,
    ContactlessReader,
)
from terminal.devices.contactless.serial_port import SerialPort
from terminal.devices.contactless.spi_port import SpiPort

from simulator.virtual_contactless import (
    ClassicCard,
    IsoDepCard,
    Trouble,
    Type2Tag,
    VirtualPn532,
    uri_message,
)
from simulator.virtual_terminal import Card
from tests.firmware.contactless_ports import PORTS, SELECT, echo, every_port
from tests.firmware.device_stream import DeviceStream

NUMBER = Card.issue("9364", 11).number


class Watch:
    """What the reader reported; `until` waits for it."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.cards: list[ContactlessCard] = []
        self._changed = asyncio.Event()

    def notify(self, event: int, card: ContactlessCard | None) -> None:
        self.seen.append(event)
        if event == CARD_IN:
            assert card is not None
            self.cards.append(card)
        self._changed.set()

    async def until(self, *events: int) -> None:
        async with asyncio.timeout(60):
            while tuple(self.seen) != events:
                self._changed.clear()
                await self._changed.wait()


def watched(
    scenario: Callable[[VirtualPn532, Watch], Coroutine[None, None, None]],
    port: Callable[[VirtualPn532], SerialPort | SpiPort] = PORTS["serial"],
) -> None:
    async def whole() -> None:
        device, watch = VirtualPn532(), Watch()
        running = asyncio.create_task(ContactlessReader(port(device), watch.notify, pause_ms=1).run())
        await scenario(device, watch)
        assert not running.done()
        # Once is not enough: wait_for of Python 3.11 loses a cancellation that meets a result.
        while not running.done():
            running.cancel()
            await asyncio.sleep(0)

    asyncio.run(whole())


async def looks(device: VirtualPn532, count: int) -> None:
    """Until the reader has given that many more commands."""
    wanted = len(device.chip.commands) + count
    for _ in range(5000):
        if len(device.chip.commands) >= wanted:
            return
        await asyncio.sleep(0.001)
    pytest.fail("the reader has stopped looking")


@every_port
def test_a_card_comes_and_goes(port: Callable[[VirtualPn532], SerialPort | SpiPort]) -> None:
    async def scenario(device: VirtualPn532, watch: Watch) -> None:
        device.field.put(IsoDepCard(echo))
        await watch.until(CARD_IN)
        assert await watch.cards[0].exchange(SELECT) == SELECT + b"\x90\x00"
        await looks(device, 5)
        assert watch.seen == [CARD_IN]
        device.field.take_away()
        await watch.until(CARD_IN, CARD_OUT)
        with pytest.raises(ContactlessFault) as fault:
            await watch.cards[0].exchange(SELECT)
        assert fault.value.reason == "gone"

    watched(scenario, port)


@pytest.mark.parametrize("card", [Type2Tag(bytes(64)), ClassicCard()], ids=["tag", "classic"])
def test_other_cards_are_reported_once(card: Type2Tag | ClassicCard) -> None:
    async def scenario(device: VirtualPn532, watch: Watch) -> None:
        device.field.put(card)
        await watch.until(CARD_IN)
        assert watch.cards[0].number is None
        await looks(device, 6)
        device.field.take_away()
        await watch.until(CARD_IN, CARD_OUT)

    watched(scenario)


@every_port
def test_a_member_s_tag_gives_its_number(port: Callable[[VirtualPn532], SerialPort | SpiPort]) -> None:
    async def scenario(device: VirtualPn532, watch: Watch) -> None:
        device.field.put(Type2Tag.with_message(uri_message("vafa:" + NUMBER)))
        await watch.until(CARD_IN)
        card = watch.cards[0]
        assert card.number is not None
        assert (card.number.pan, card.number.entry_mode) == (NUMBER, "071")

    watched(scenario, port)


def test_a_foreign_tag_says_why() -> None:
    async def scenario(device: VirtualPn532, watch: Watch) -> None:
        device.field.put(Type2Tag.with_message(uri_message("https://example.org")))
        await watch.until(CARD_IN)
        assert watch.cards[0].misread is not None
        assert watch.cards[0].misread.reason == "form"

    watched(scenario)


def test_a_tag_that_answers_too_little_is_read_no_more_than_three_times() -> None:
    class Weak(Type2Tag):
        def answer(self, data: bytes) -> bytes | None:
            return None

    async def scenario(device: VirtualPn532, watch: Watch) -> None:
        device.field.put(Weak(bytes(64)))
        await watch.until(CARD_IN)
        assert watch.cards[0].misread is not None
        assert watch.cards[0].misread.reason == "radio"
        assert device.chip.commands.count(0x40) == 3

    watched(scenario)


def test_a_tag_that_is_pulled_away_while_it_is_read_is_not_reported() -> None:
    async def scenario(device: VirtualPn532, watch: Watch) -> None:
        device.chip.remove_after = 1
        device.field.put(Type2Tag.with_message(uri_message("vafa:" + NUMBER)))
        await looks(device, 12)
        assert watch.seen == []

    watched(scenario)


@pytest.mark.parametrize("after", [0, 1, 2], ids=["before", "between two parts", "in the last part"])
def test_a_card_is_pulled_away_in_the_middle_of_an_exchange(after: int) -> None:
    async def scenario(device: VirtualPn532, watch: Watch) -> None:
        device.field.put(IsoDepCard(echo))
        await watch.until(CARD_IN)
        device.chip.remove_after = after
        with pytest.raises(ContactlessFault) as fault:
            await watch.cards[0].exchange(bytes(700))
        assert fault.value.reason == "gone"
        await watch.until(CARD_IN, CARD_OUT)
        device.field.put(IsoDepCard(echo))
        await watch.until(CARD_IN, CARD_OUT, CARD_IN)
        assert await watch.cards[1].exchange(SELECT) == SELECT + b"\x90\x00"

    watched(scenario)


def test_a_session_that_ended_is_not_reported_as_another_card() -> None:
    async def scenario(device: VirtualPn532, watch: Watch) -> None:
        device.field.put(IsoDepCard(lambda apdu: b""))
        await watch.until(CARD_IN)
        with pytest.raises(ContactlessFault):
            await watch.cards[0].exchange(SELECT)
        await looks(device, 6)
        assert watch.seen == [CARD_IN]
        device.field.take_away()
        await watch.until(CARD_IN, CARD_OUT)

    watched(scenario)


def test_another_card_in_its_place() -> None:
    async def scenario(device: VirtualPn532, watch: Watch) -> None:
        device.field.put(IsoDepCard(echo))
        await watch.until(CARD_IN)
        device.field.cards[:] = [IsoDepCard(echo, uid=bytes.fromhex("08112233"))]
        await watch.until(CARD_IN, CARD_OUT, CARD_IN)

    watched(scenario)


def test_two_cards_at_once_are_refused() -> None:
    async def scenario(device: VirtualPn532, watch: Watch) -> None:
        device.field.cards[:] = [IsoDepCard(echo), ClassicCard()]
        await watch.until(TWO_CARDS)
        await looks(device, 6)
        assert watch.seen == [TWO_CARDS]
        device.field.cards.pop()
        await watch.until(TWO_CARDS, CARD_IN)

    watched(scenario)


def test_a_cancelled_exchange_ends_the_session() -> None:
    async def scenario(device: VirtualPn532, watch: Watch) -> None:
        device.field.put(IsoDepCard(echo))
        await watch.until(CARD_IN)
        device.troubles.append(Trouble.DROP_ANSWER)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(watch.cards[0].exchange(SELECT), 0.02)
        assert not watch.cards[0].connected

    watched(scenario)


def test_an_unplugged_reader_takes_the_card_with_it() -> None:
    async def scenario() -> list[int]:
        device, watch = VirtualPn532(), Watch()
        stream = DeviceStream(device)
        device.field.put(IsoDepCard(echo))
        running = asyncio.create_task(ContactlessReader(SerialPort(stream), watch.notify, pause_ms=1).run())
        await watch.until(CARD_IN)
        stream.end()
        with pytest.raises(OSError, match="went away"):
            await running
        return watch.seen

    assert asyncio.run(scenario()) == [CARD_IN, CARD_OUT]


def test_a_dead_reader_is_given_up() -> None:
    async def scenario() -> None:
        device, watch = VirtualPn532(), Watch()
        device.troubles.extend([Trouble.DROP_COMMAND] * 1000)
        with pytest.raises(ContactlessFault) as fault:
            await ContactlessReader(SerialPort(DeviceStream(device)), watch.notify, pause_ms=1).run()
        assert fault.value.reason == "silent"

    asyncio.run(scenario())
