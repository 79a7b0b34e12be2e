"""For the VM: watch a contactless reader and a scanner on two ports, and print what they give.

`micropython watch_field.py READER_PORT SCANNER_PORT`. Ends when the scanner is unplugged.
"""

import asyncio
import sys

from terminal.devices.contactless.fault import ContactlessFault
from terminal.devices.contactless.reader import CARD_IN, ContactlessReader
from terminal.devices.contactless.serial_port import SerialPort
from terminal.devices.scanner.reader import read_scans

LONG_APDU = bytes(range(250)) * 2


async def use(card):
    if card.number or card.misread:
        print("tag", card.number.pan if card.number else card.misread.reason)
        return
    try:
        answer = await card.exchange(LONG_APDU)
    except ContactlessFault as fault:
        print("fault", fault.reason)
        return
    print("answer", answer == LONG_APDU + b"\x90\x00")


def notify(event, card):
    print("event", event)
    if event == CARD_IN:
        asyncio.create_task(use(card))  # noqa: RUF006  (the VM's loop keeps its tasks)


async def watch(port):
    stream, _ = await asyncio.open_connection("127.0.0.1", port)
    await ContactlessReader(SerialPort(stream), notify).run()


async def main():
    reader = asyncio.create_task(watch(int(sys.argv[1])))
    stream, _ = await asyncio.open_connection("127.0.0.1", int(sys.argv[2]))
    await read_scans(stream, lambda scan: print("scan", getattr(scan, "pan", "none")))
    reader.cancel()


asyncio.run(main())
