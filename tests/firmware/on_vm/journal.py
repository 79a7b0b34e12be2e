"""The journal on the VM: on its file flash, hidden, going round, and across power cuts."""

import gc
import os

import unit
from nor_flash import NorFlash, PowerCut
from terminal.hal.file_part import FilePart
from terminal.messages.cmac import CmacKey
from terminal.transactions.journal import Journal, RecordUnreadable
from terminal.transactions.record_cipher import FLASH_KEY_INPUT

PLACE = "on_vm_flash.bin"
FLASH_KEY = CmacKey(bytes(range(16))).derive(FLASH_KEY_INPUT)


def test_flash_is_programmed_once_until_erased():
    flash = FilePart(PLACE, 32)
    flash.program(4096, b"abc")
    unit.raises(OSError, flash.program, 4098, b"x")
    again = FilePart(PLACE, 32)
    held = bytearray(4)
    again.read(4096, held)
    assert held == b"abc\xff"
    again.erase(1)
    again.read(4096, held)
    assert held == b"\xff\xff\xff\xff"
    os.unlink(PLACE)  # noqa: PTH108


def test_a_sale_survives_reopening():
    journal = Journal(FilePart(PLACE, 32))
    stan = journal.next_stan()
    journal.intend(stan, b"request")
    reopened = Journal(FilePart(PLACE, 32))
    (sale,) = reopened.open_sales()
    assert sale.stan == stan
    assert reopened.read(sale.intent) == b"request"
    assert reopened.next_stan() > stan
    os.unlink(PLACE)  # noqa: PTH108


def test_what_lies_on_flash_is_hidden():
    flash = NorFlash()
    journal = Journal(flash, FLASH_KEY)
    sale = journal.intend(1, b"the track of a card" * 9)
    journal.answer(sale, b"a name")
    assert b"track" not in flash.content and b"name" not in flash.content
    (sale,) = Journal(flash, FLASH_KEY).open_sales()
    assert journal.read(sale.intent) == b"the track of a card" * 9
    assert journal.read(sale.reply) == b"a name"
    fault = unit.raises(RecordUnreadable, Journal(flash, CmacKey(bytes(16))).read, sale.reply)
    assert "name" not in str(fault)


def test_the_ring_goes_round_what_stays():
    flash = NorFlash()
    journal = Journal(flash, FLASH_KEY)
    journal.store_offline(1, b"kept" * 30, 0xFFFFFFFF)
    for _ in range(60):
        sale = journal.intend(journal.next_stan(), b"r" * 90)
        journal.answer(sale, b"a" * 120)
        journal.complete(sale)
    assert flash.erases > 2 * flash.block_count
    row = Journal(flash, FLASH_KEY).offline.row(0)
    assert (row.stan, row.card_tag) == (1, 0xFFFFFFFF)
    assert journal.read(row.location) == b"kept" * 30


def test_sums():
    flash = NorFlash()
    journal = Journal(flash)
    journal.batch.add(bytes.fromhex("020000910000004211212000009999999999990000000000171121"))
    journal.batch.add(bytes.fromhex("040000910000004311212000000000000001000000000000181122"))
    packed = journal.batch.pack()
    journal.batch.load(packed)
    first, second = journal.batch.days
    assert first.fields()[97] == "D0000999999999999"
    assert second.fields()[97] == "C0000000000000100"
    journal.settle(first.date, first.number)
    assert [day.is_settled for day in journal.batch.days] == [True, False]


def test_power_cuts():
    for fuel in range(0, 6000, 61):
        cut_at(fuel)
        gc.collect()


def cut_at(fuel):
    flash = NorFlash(block_count=4)
    flash.fuel = fuel
    promised = None
    try:
        journal = Journal(flash, FLASH_KEY)
        journal.store_offline(journal.next_stan(), b"o" * 60, 0)
        for _ in range(8):
            sale = journal.intend(journal.next_stan(), b"r" * 90)
            promised = sale.stan
            journal.answer(sale, b"a" * 120)
            promised = None
            journal.complete(sale)
    except PowerCut:
        pass
    flash.fuel = None
    journal = Journal(flash, FLASH_KEY)
    found = [sale.stan for sale in journal.open_sales()]
    assert len(found) <= 1
    assert promised is None or found == [promised]
    assert fuel < 300 or journal.offline.count == 1


unit.run(globals())
