"""The journal on the VM: on its file flash, and across power cuts."""

import os

import unit
from nor_flash import NorFlash, PowerCut
from terminal.hal.unix import FileFlash
from terminal.transactions.journal import Journal

PLACE = "on_vm_flash.bin"


def test_flash_is_programmed_once_until_erased():
    flash = FileFlash(PLACE)
    flash.program(4096, b"abc")
    unit.raises(OSError, flash.program, 4098, b"x")
    again = FileFlash(PLACE)
    held = bytearray(4)
    again.read(4096, held)
    assert held == b"abc\xff"
    again.erase(1)
    again.read(4096, held)
    assert held == b"\xff\xff\xff\xff"
    os.unlink(PLACE)  # noqa: PTH108


def test_a_sale_survives_reopening():
    journal = Journal(FileFlash(PLACE))
    stan = journal.next_stan()
    journal.intend(stan, b"request")
    reopened = Journal(FileFlash(PLACE))
    (sale,) = reopened.open_sales()
    assert sale.stan == stan
    assert reopened.read(sale.intent) == b"request"
    assert reopened.next_stan() > stan
    os.unlink(PLACE)  # noqa: PTH108


def test_power_cuts():
    for fuel in range(0, 1400, 37):
        flash = NorFlash()
        flash.fuel = fuel
        promised = None
        try:
            journal = Journal(flash)
            for _ in range(4):
                sale = journal.intend(journal.next_stan(), b"r" * 90)
                promised = sale.stan
                journal.answer(sale, b"a" * 120)
                promised = None
                journal.complete(sale)
        except PowerCut:
            pass
        flash.fuel = None
        found = [sale.stan for sale in Journal(flash).open_sales()]
        assert len(found) <= 1
        assert promised is None or found == [promised]


unit.run(globals())
