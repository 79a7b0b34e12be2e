"""Slips on the VM: a long Persian one in what is left of a small heap, and what reaches the printer."""

import asyncio
import gc
from binascii import crc32

import unit
from fonts import font
from long_slip import SENT, elements
from terminal.devices.escpos.printer import PAPER_58_MM_DOTS, PAPER_80_MM_DOTS, Printer
from terminal.devices.escpos.slip import print_slip

PRINTING_BYTES = 12 * 1024  # on top of the printer: the slip as data, asyncio at its first use, one line


class Wire:
    """Sums up what is sent, says that there is paper, and remembers the most that was in use of the heap."""

    def __init__(self):
        self.check = 0
        self.peak_bytes = 0

    def write(self, data):
        self.check = crc32(data, self.check)
        gc.collect()
        self.peak_bytes = max(self.peak_bytes, gc.mem_alloc())

    async def drain(self):
        pass

    async def readinto(self, buffer):
        buffer[0] = 0
        return 1


def printed(dots):
    wire = Wire()
    printer = Printer(wire, dots, font("receipt"), font("digits"))
    gc.collect()
    before = gc.mem_alloc()
    asyncio.run(print_slip(printer, elements()))
    assert wire.peak_bytes - before < PRINTING_BYTES
    return wire


def test_forty_persian_lines_fit_the_heap():
    for dots in (PAPER_58_MM_DOTS, PAPER_80_MM_DOTS):
        assert printed(dots).check == SENT[dots]


def test_a_dead_wire_is_an_error():
    class Dead(Wire):
        async def readinto(self, buffer):
            return 0

    printer = Printer(Dead(), PAPER_58_MM_DOTS, font("receipt"), font("digits"))

    def finish():
        asyncio.run(printer.finish())

    unit.raises(OSError, finish)


unit.run(globals())
