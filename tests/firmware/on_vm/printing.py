"""One slip after the other on the VM: what printing loads is gone after each."""

import asyncio
import gc
import sys

# ruff: noqa: RUF005  (MicroPython knows no other way to put lists together)
import unit
from terminal.hal.font_file import open_font
from terminal.system.health import PAPER_LOW, PAPER_OK, PAPER_OUT, Health
from terminal.system.printing import NoRoom, band_bytes, print_on
from terminal.system.slip_printer import SlipPrinter
from terminal.transactions import events

READY = [0x16, 0x12, 0x12, 0x12]  # DLE EOT 1 to 4
BAND = bytearray(band_bytes(58))
told = []  # how much paper, after each slip
SLIP = ((1, "فروشگاه مهر", ""), (2, "مبلغ", "۲٬۵۰۰"), (3, "۲٬۵۰۰", ""), (4, "", ""))


class Board:
    def open_font(self, name):
        return open_font(name)


class Wire:
    """Takes everything, and answers what it was told to."""

    def __init__(self, answers):
        self.answers = list(answers)
        self.sent_bytes = 0

    def write(self, data):
        self.sent_bytes += len(data)

    async def drain(self):
        pass

    async def readinto(self, buffer):
        if not self.answers:
            return 0
        buffer[0] = self.answers.pop(0)
        return 1


def print_with(wire, slip=SLIP):
    health = Health()
    try:
        asyncio.run(print_on(wire, Board(), 58, iter(slip), health=health, band=BAND))
    finally:
        told.append(health.paper)
    return health.paper


def test_nothing_stays():
    open_font("digits").close()  # in an image the fonts are a module, and that is small
    there = set(sys.modules)
    print_with(Wire(READY + [0]))
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(3):
        wire = Wire(READY + [0])
        print_with(wire)
        assert wire.sent_bytes > 5000
    wire = None
    gc.collect()
    # The first slip brought asyncio's own modules.
    assert not [name for name in set(sys.modules) - there if name.startswith("terminal.")]
    # Three slips whose buffers stayed would be twice as much; the stack alone keeps some garbage.
    assert gc.mem_alloc() <= before + 2048


def test_paper_near_its_end_is_told():
    assert print_with(Wire(READY + [0])) == PAPER_OK
    assert print_with(Wire(READY[:3] + [0x1E, 0x03])) == PAPER_LOW


def test_paper_at_its_end_is_told_before_and_after_a_slip():
    unit.raises(OSError, lambda: print_with(Wire(READY[:3] + [0x72])))
    unit.raises(OSError, lambda: print_with(Wire(READY + [0x0C])))
    unit.raises(OSError, lambda: print_with(Wire(())))
    assert told[-3:] == [PAPER_OUT, PAPER_OUT, None]


def test_a_printer_that_cannot_print_gets_nothing():
    for kind, answer in ((1, 0x16), (1, 0x32), (2, 0x1A), (3, 0x72)):
        answers = READY[:]
        answers[kind] = answer
        wire = Wire(answers + [0])
        unit.raises(OSError, lambda wire=wire: print_with(wire))
        assert wire.sent_bytes == 12


def test_no_paper_at_the_end_and_a_wire_that_is_cut():
    there = set(sys.modules)
    unit.raises(OSError, lambda: print_with(Wire(READY + [0x0C])))
    unit.raises(OSError, lambda: print_with(Wire(())))
    unit.raises(OSError, lambda: print_with(Wire(READY), ((5, "x" * 600, ""),)))
    assert set(sys.modules) == there


def taken(left_bytes):
    """What fills the heap but for so much of it, a chain of small pieces."""
    chain = None
    gc.collect()
    while True:
        for _ in range(min(32, (gc.mem_free() - left_bytes) // 256)):
            chain = (bytearray(200), chain)
        gc.collect()
        if gc.mem_free() < left_bytes + 512:
            return chain


def test_a_heap_without_room_prints_nothing_and_is_no_smaller_afterwards():
    print_with(Wire(READY + [0]))  # what the first slip brings, stays
    there = set(sys.modules)
    pieces = taken(3000)
    gc.collect()
    before = gc.mem_free()
    wire = Wire(READY + [0])
    try:
        print_with(wire)
        raise AssertionError("there was room")
    except NoRoom as fault:
        assert not fault.torn
    assert wire.sent_bytes == 0 and set(sys.modules) == there
    gc.collect()
    assert gc.mem_free() >= before - 2048
    assert pieces
    pieces = None
    gc.collect()
    assert print_with(Wire(READY + [0])) == PAPER_OK


class Shop:
    """What a printer's task wants of the terminal."""

    card_writer = None
    paper_mm = 58

    def __init__(self):
        self.wire = Wire(READY + [0])
        self.posted = []

    async def open_device(self, name):
        assert name == "printer"
        return self.wire

    def open_font(self, name):
        return open_font(name)

    def log(self, event, **fields):
        self.posted.append((event, fields))

    def post(self, event, data=None):
        self.posted.append((event, data))

    def sample(self):
        pass


async def printed(shop, printer):
    shop.posted.clear()
    printer.print_slip(iter(SLIP))
    while not shop.posted or isinstance(shop.posted[-1][0], str):
        await asyncio.sleep_ms(1)
    return shop.posted


def test_the_task_tells_that_there_was_no_room_and_prints_the_next():
    async def scenario():
        shop = Shop()
        printer = SlipPrinter(shop, shop, shop, health=Health(), heap=shop, post=shop.post)
        task = asyncio.create_task(printer.run())
        pieces = taken(3000)
        posted = await printed(shop, printer)
        assert pieces
        pieces = None
        gc.collect()
        assert posted == [("print_failed", {"reason": "memory"}), (events.PRINT_FAILED, events.NOT_BEGUN)]
        assert await printed(shop, printer) == [(events.PRINTED, None)]
        task.cancel()

    asyncio.run(scenario())


unit.run(globals())
