"""The contact chip on the VM: published answers to reset, golden blocks, a conversation over a stream."""

import asyncio
from binascii import hexlify, unhexlify

import unit
from terminal.devices.chip.atr import AtrParser
from terminal.devices.chip.chip import Chip
from terminal.devices.chip.fault import ChipFault
from terminal.devices.chip.t0 import T0
from terminal.devices.chip.t1 import T1
from terminal.devices.chip.t1_block import block, crc


class Script:
    """A line on which each thing that is sent is expected, and answered."""

    def __init__(self, answer_to_reset, steps):
        self._arrived = unhexlify(answer_to_reset)
        self._steps = [(unhexlify(sent), unhexlify(said)) for sent, said in steps]
        self.closed = False

    def write(self, data):
        sent, said = self._steps.pop(0)
        assert bytes(data) == sent, hexlify(data)
        self._arrived += said

    async def drain(self):
        pass

    async def readinto(self, buffer):
        if not self._arrived:
            await asyncio.sleep(10)
        count = min(len(buffer), len(self._arrived))
        buffer[:count] = self._arrived[:count]
        self._arrived = self._arrived[count:]
        return count

    def close(self):
        self.closed = True


def parse(text):
    parser = AtrParser()
    for value in unhexlify(text):
        parser.feed(value)
    assert parser.done
    return parser.atr


def test_published_answers_to_reset():
    atr = parse("3bff1300ff8131fe5d8025a00000005657444b33323005003f")
    assert (atr.protocols, atr.speed, atr.card_size, atr.block_integer) == ([1], 0x13, 254, 5)
    assert hexlify(atr.historical) == b"8025a00000005657444b3332300500"
    atr = parse("3f65356402046c9040")
    assert atr.inverse and atr.protocols == [0]
    assert parse("3b80800101").protocols == [0, 1]


def test_a_wrong_check_character():
    fault = unit.raises(ChipFault, parse, "3b80800102")
    assert fault.reason == "atr"


def test_blocks():
    assert hexlify(block(0xC1, b"\xfe", False)) == b"00c101fe3e"
    for text, code in (("000000", "ccc6"), ("0faaff", "fcd1"), ("0a123456", "2cf6")):
        assert crc(unhexlify(text)).to_bytes(2, "little") == unhexlify(code)


def test_t1_asks_again_and_then_resynchronises():
    protocol = T1(32, 100, 10, False)
    protocol.start(b"\x00\xa4\x04\x00")
    said = []
    for _ in range(5):
        said.append(hexlify(protocol.output))
        protocol.sent()
        protocol.timed_out()
    assert said == [b"00c101fe3e"] * 3 + [b"00c000c0"] * 2


def test_t0_procedure_bytes():
    protocol = T0(10, 1)
    protocol.start(unhexlify("00b2010c03"))
    protocol.sent()
    for value in unhexlify("6060b20102039000"):
        protocol.feed(value)
    assert protocol.response == unhexlify("0102039000")


def test_a_conversation_over_t1():
    line = Script(
        "3b8101cd4d",
        (
            ("00c101fe3e", "00e101fe1e"),
            ("00000500b2010c00ba", "000002900092"),
        ),
    )

    async def power_on():
        return line

    async def go():
        chip = Chip(power_on)
        await chip.connect()
        response = await chip.exchange(unhexlify("00b2010c00"))
        chip.close()
        return response

    assert asyncio.run(go()) == b"\x90\x00"
    assert line.closed


def test_a_silent_chip():
    line = Script("", ())

    async def power_on():
        return line

    async def go():
        chip = Chip(power_on, clock_hz=1000000000)
        try:
            await chip.connect()
        except ChipFault as fault:
            return fault.reason

    assert asyncio.run(go()) == "silent"
    assert line.closed


unit.run(globals())
