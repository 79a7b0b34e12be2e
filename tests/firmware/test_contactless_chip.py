"""Commands to a simulated PN532, on its UART and on SPI: good days, and all that goes wrong on a wire."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from terminal.devices.contactless.fault import ContactlessFault
from terminal.devices.contactless.pn532 import Pn532
from terminal.devices.contactless.serial_port import SerialPort
from terminal.devices.contactless.spi_port import SpiPort, reverse_bits

from simulator.virtual_contactless import ClassicCard, IsoDepCard, SpiBus, Trouble, VirtualPn532, wire
from tests.firmware.contactless_ports import SELECT, echo, every_port
from tests.firmware.device_stream import DeviceStream

WHOLE = [wire.ACK, wire.NACK, wire.ERROR, wire.frame(b"\x15"), wire.frame(b"\x03\x32"), wire.frame(b"\x33")]


async def started(device: VirtualPn532, port: SerialPort | SpiPort) -> Pn532:
    chip = Pn532(port)
    assert await chip.start() == (1, 6)
    device.chip.commands.clear()
    return chip


@every_port
def test_the_chip_is_woken_and_set_up(port: Callable[[VirtualPn532], SerialPort | SpiPort]) -> None:
    device = VirtualPn532()
    assert asyncio.run(Pn532(port(device)).start()) == (1, 6)
    assert device.chip.commands == [0x14, 0x02, 0x32, 0x32]


def test_the_first_bytes_on_the_uart() -> None:
    stream = DeviceStream(VirtualPn532())
    asyncio.run(Pn532(SerialPort(stream)).start())
    assert stream.written.startswith(b"\x55\x55" + bytes(14) + bytes.fromhex("0000ff05fbd414010001 16 00"))


@every_port
@pytest.mark.parametrize("size", [1, 5, 255, 256, 261, 262, 263, 700, 1022])
def test_apdus_of_any_length(port: Callable[[VirtualPn532], SerialPort | SpiPort], size: int) -> None:
    device = VirtualPn532()
    device.field.put(IsoDepCard(echo))
    apdu = bytes(place & 0xFF for place in range(size))

    async def scenario() -> None:
        chip = await started(device, port(device))
        (target,) = await chip.list_targets()
        assert await chip.exchange(target.number, apdu, 200) == apdu + b"\x90\x00"

    asyncio.run(scenario())


def test_what_is_too_long_is_refused_both_ways() -> None:
    device = VirtualPn532()
    device.field.put(IsoDepCard(lambda apdu: bytes(1025)))

    async def scenario() -> list[str]:
        chip = await started(device, SerialPort(DeviceStream(device)))
        await chip.list_targets()
        reasons = []
        for apdu in (bytes(1025), SELECT):
            with pytest.raises(ContactlessFault) as fault:
                await chip.exchange(1, apdu, 200)
            reasons.append(fault.value.reason)
        return reasons

    assert asyncio.run(scenario()) == ["long", "long"]


@every_port
@pytest.mark.parametrize(
    "trouble",
    [
        Trouble.NONE,
        Trouble.DROP_COMMAND,
        Trouble.DROP_ACK,
        Trouble.GARBLE_ACK,
        Trouble.REFUSE,
        Trouble.GARBLE_ANSWER,
        Trouble.CUT_ANSWER,
        Trouble.NOISE,
    ],
    ids=lambda trouble: trouble.name,
)
def test_a_command_survives_one_trouble(
    port: Callable[[VirtualPn532], SerialPort | SpiPort], trouble: Trouble
) -> None:
    device = VirtualPn532()
    device.field.put(ClassicCard())

    async def scenario() -> None:
        chip = await started(device, port(device))
        device.troubles.append(trouble)
        (target,) = await chip.list_targets()
        assert target.uid.hex() == "078cfc4f"

    asyncio.run(scenario())


@every_port
@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (Trouble.DROP_COMMAND, "silent"),
        (Trouble.DROP_ACK, "silent"),
        (Trouble.REFUSE, "silent"),
        (Trouble.DROP_ANSWER, "silent"),
        (Trouble.ERROR, "refused"),
    ],
    ids=["command", "ack", "nack", "answer", "error"],
)
def test_a_card_is_never_told_twice(
    port: Callable[[VirtualPn532], SerialPort | SpiPort], trouble: Trouble, reason: str
) -> None:
    device = VirtualPn532()
    told: list[bytes] = []

    def application(apdu: bytes) -> bytes:
        told.append(apdu)
        return b"\x90\x00"

    device.field.put(IsoDepCard(application))

    async def scenario() -> None:
        chip = await started(device, port(device))
        await chip.list_targets()
        device.troubles.append(trouble)
        with pytest.raises(ContactlessFault) as fault:
            await chip.exchange(1, SELECT, 50)
        assert fault.value.reason == reason
        # The chip is not lost with it.
        assert len(await chip.list_targets()) == 1

    asyncio.run(scenario())
    assert len(told) <= 1


def test_an_answer_that_was_given_up_is_not_taken_for_the_next() -> None:
    device = VirtualPn532()
    device.field.put(IsoDepCard(lambda apdu: apdu[:1] + b"\x90\x00"))
    device.delay_ms = 60
    stream = DeviceStream(device)

    async def scenario() -> None:
        chip = await started(device, SerialPort(stream))
        await chip.list_targets()
        device.troubles.append(Trouble.DELAY)
        with pytest.raises(ContactlessFault):
            await chip.exchange(1, b"\x01", 20)
        await chip.list_targets()
        async with asyncio.timeout(60):
            await stream.delayed.wait()
        assert await chip.exchange(1, b"\x02", 200) == b"\x02\x90\x00"

    asyncio.run(scenario())


def test_a_chip_that_is_slow_to_acknowledge_is_not_heard_one_command_late() -> None:
    device = VirtualPn532()
    stream = DeviceStream(device)

    async def scenario() -> None:
        chip = await started(device, SerialPort(stream))
        device.field.put(ClassicCard())
        device.troubles.append(Trouble.SLOW)
        device.delay_ms = 120
        assert len(await chip.list_targets()) == 1
        device.field.take_away()
        assert await chip.list_targets() == []
        assert device.chip.commands == [0x4A] * 3

    asyncio.run(scenario())


def test_commands_of_two_tasks_wait_for_each_other() -> None:
    device = VirtualPn532()
    device.field.put(IsoDepCard(echo))

    async def scenario() -> None:
        chip = await started(device, SerialPort(DeviceStream(device, 7)))
        await chip.list_targets()
        apdus = [bytes([number]) * 600 for number in range(4)]
        answers = await asyncio.gather(*(chip.exchange(1, apdu, 500) for apdu in apdus))
        assert answers == [apdu + b"\x90\x00" for apdu in apdus]

    asyncio.run(scenario())


def test_another_chip_is_refused() -> None:
    device = VirtualPn532()
    device.chip.firmware = bytes.fromhex("33010607")
    with pytest.raises(ContactlessFault) as fault:
        asyncio.run(Pn532(SerialPort(DeviceStream(device))).start())
    assert fault.value.reason == "answer"


@pytest.mark.parametrize("value", [0x00, 0x01, 0x80, 0x35, 0xFF])
def test_bits_are_turned_round(value: int) -> None:
    buffer = bytearray([value])
    reverse_bits(buffer)
    assert f"{buffer[0]:08b}" == f"{value:08b}"[::-1]


def test_spi_reads_every_frame_to_its_end() -> None:
    device = VirtualPn532()
    device.field.put(IsoDepCard(echo))
    bus = SpiBus(device)

    async def scenario() -> None:
        chip = await started(device, SpiPort(bus))
        await chip.list_targets()
        await chip.exchange(1, bytes(400), 100)

    asyncio.run(scenario())
    assert bus.unfinished_reads == 0
    assert not bus.open


@settings(deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=80), st.sampled_from(WHOLE)), max_size=12).map(b"".join))
def test_noise_in_place_of_a_reader_ends_in_its_own_fault(noise: bytes) -> None:
    class Noise(DeviceStream):
        def write(self, data: bytes | bytearray | memoryview) -> None:
            self.arrive(noise)
            self.end()

    with pytest.raises((ContactlessFault, OSError)):
        asyncio.run(Pn532(SerialPort(Noise(VirtualPn532()))).start())
