"""Sales without a link on the VM: table, limits, forwarding, and what they cost."""

import gc
import os
import time

import unit
from nor_flash import NorFlash
from offline_tables import TABLE_KEY, TERMINAL, VALID_FROM, table
from terminal.hal.file_part import FilePart
from terminal.messages.cmac import CmacKey, cmac8
from terminal.messages.codec import pack, unpack
from terminal.transactions.journal import Journal, JournalFull
from terminal.transactions.offline_store import AGAIN, DONE, REFUSED, OfflineBook
from terminal.transactions.offline_table import TableFault
from terminal.transactions.record_cipher import FLASH_KEY_INPUT

FLASH_KEY = CmacKey(bytes(range(16))).derive(FLASH_KEY_INPUT)
NOW = VALID_FROM + 1000
CARD = "6369490000000000017"
PLACE = "on_vm_full.bin"


def mac(buffer, length):
    return cmac8(bytes(16), buffer, length)


def advice(stan, amount):
    fields = {
        3: "000000",
        4: f"{amount:012d}",
        7: "1121200000",
        11: f"{stan:06d}",
        12: "233000",
        13: "1121",
        22: "021",
        35: CARD + "=30121010000000000",
        41: TERMINAL,
        42: "M1",
        49: "364",
    }
    buffer = bytearray(200)
    return bytes(memoryview(buffer)[: pack(buffer, "0220", fields, mac)])


def ready(flash, offline_limit=128):
    made = OfflineBook(Journal(flash, FLASH_KEY, offline_limit=offline_limit), TABLE_KEY, mac=mac)
    made.adopt(table(), TERMINAL, NOW)
    return made


def test_a_table_and_its_limits():
    made = ready(NorFlash(block_count=8))
    assert made.may_sell(5000000, CARD, NOW) is None
    assert made.may_sell(5000001, CARD, NOW) == "offline_amount"
    assert made.may_sell(1000, "9999990000000000012", NOW) == "offline_card"
    made.sell(1, advice(1, 4000000))
    assert made.may_sell(4000001, CARD, NOW) == "offline_often"
    assert made.table.preview(2500000) == (250, 50000)
    assert made.table.preview(999999999999) == (199999999, 29999999999)
    fault = unit.raises(TableFault, made.adopt, table(sequence=4), TERMINAL, NOW)
    assert fault.reason == "sequence"
    fault = unit.raises(TableFault, made.adopt, table(key=CmacKey(bytes(16))), TERMINAL, NOW)
    assert fault.reason == "mac"


def test_forwarding_in_order_across_a_restart():
    flash = NorFlash(block_count=8)
    made = ready(flash)
    for stan in (3, 4, 5):
        made.sell(stan, advice(stan, 1000000))
    assert unpack(made.next_advice())[0] == "0220"
    del made
    gc.collect()
    made = ready(flash)
    assert (made.waiting, made.waiting_amount) == (3, 3000000)
    mti, fields = unpack(made.next_advice())
    assert (mti, fields[11]) == ("0221", "000003")
    assert made.acknowledged("000003", "91") == AGAIN
    assert unpack(made.next_advice())[1][11] == "000003"
    assert made.acknowledged("000003", "00", "000000000001") == DONE
    made.next_advice()
    assert made.acknowledged("000004", "14") == REFUSED
    made.next_advice()
    assert made.acknowledged("000005", "00", "000000000002") == DONE
    made = ready(flash)
    assert made.waiting == 0
    assert [row[:3] for row in made.refused()] == [(4, "14", 1000000)]
    assert made._journal.batch.days[0].fields()[88] == "0000000002000000"


def test_many_sales_start_soon_and_take_little_memory():
    made = ready(FilePart(PLACE, 32))
    journal = made._journal
    try:
        while True:
            stan = journal.next_stan()
            made.sell(stan, advice(stan, 1000000))
    except JournalFull:
        pass
    waiting = made.waiting
    del made, journal
    gc.collect()
    before = gc.mem_alloc()
    began = time.ticks_ms()
    journal = Journal(FilePart(PLACE, 32), FLASH_KEY)
    took = time.ticks_diff(time.ticks_ms(), began)
    gc.collect()
    taken = gc.mem_alloc() - before
    assert journal.offline.count == waiting == 128
    assert took < 3000
    assert taken < 6 * 1024
    os.unlink(PLACE)  # noqa: PTH108


unit.run(globals())
