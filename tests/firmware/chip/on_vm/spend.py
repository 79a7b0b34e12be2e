"""Spend from the card in the slot at a port: spend.py PORT ZONE-KEY. Prints what became of it."""

import asyncio
import gc
import sys
import time
from binascii import unhexlify

from terminal.cards.fault import CardFault
from terminal.cards.member_card import MemberCard
from terminal.cards.zone_slot import ZoneSlot
from terminal.devices.chip.chip import Chip
from terminal.hal.unix import Board
from terminal.messages.cmac import CmacKey


class Slot:
    def __init__(self, key):
        self._key = CmacKey(key)

    def derive(self, fixed_input):
        text = b"\x00\x00\x00\x01" + fixed_input
        return CmacKey(self._key.cmac(text, len(text)))


class Places(Board):
    """Of a board, only its devices."""

    def __init__(self, port):
        self._devices = {"chip": port}


async def spend(port, key):
    board = Places(port)
    chip = Chip(lambda: board.open_device("chip"))
    started = time.ticks_ms()
    await chip.connect()
    card = MemberCard(chip, [ZoneSlot(7, 2, Slot(key), board.random)])
    await card.read()
    await card.authenticate()
    balance = await card.read_balance()
    balance.balance -= 1000
    balance.limit -= 1000
    await card.write_balance(balance)
    chip.close()
    return balance.counter, time.ticks_diff(time.ticks_ms(), started)


gc.collect()
before = gc.mem_alloc()
try:
    counter, took_ms = asyncio.run(spend(int(sys.argv[1]), unhexlify(sys.argv[2])))
    gc.collect()
    print("written", counter, "took_ms", took_ms, "held_bytes", gc.mem_alloc() - before)
except CardFault as fault:
    print("refused", fault.reason)
