"""The board's lasting memory as flash: the contract of terminal/hal/contract.py, and the journal on it."""

import unit
from terminal.hal.qemu import MemoryFlash
from terminal.transactions.journal import Journal


def blank_flash():
    flash = MemoryFlash(0, 32)
    for block in range(flash.block_count):
        flash.erase(block)
    return flash


def held(flash, address, size):
    into = bytearray(size)
    flash.read(address, into)
    return bytes(into)


def test_bytes_are_programmed_once_until_erased():
    flash = blank_flash()
    flash.program(4096, b"abc")
    unit.raises(OSError, flash.program, 4098, b"x")
    unit.raises(OSError, flash.program, 4095, b"xy")
    flash.program(4099, memoryview(b"d"))
    assert held(flash, 4095, 6) == b"\xffabcd\xff"
    flash.erase(1)
    assert held(flash, 4095, 6) == b"\xff" * 6


def test_an_erase_spares_the_neighbours():
    flash = blank_flash()
    flash.program(4095, b"x")
    flash.program(8192, b"y")
    flash.erase(1)
    assert held(flash, 4095, 1) + held(flash, 8192, 1) == b"xy"


def test_nothing_lies_beyond_the_flash():
    flash = blank_flash()
    end = flash.block_bytes * flash.block_count
    unit.raises(OSError, flash.read, end - 1, bytearray(2))
    unit.raises(OSError, flash.program, end - 1, b"ab")
    unit.raises(OSError, flash.erase, flash.block_count)
    unit.raises(OSError, flash.read, -1, bytearray(1))


def test_a_sale_survives_reopening():
    blank_flash()
    journal = Journal(MemoryFlash(0, 32))
    stan = journal.next_stan()
    journal.intend(stan, b"request")
    reopened = Journal(MemoryFlash(0, 32))
    (sale,) = reopened.open_sales()
    assert (sale.stan, reopened.read(sale.intent)) == (stan, b"request")
    assert reopened.next_stan() > stan


unit.run(globals())
