"""Fetch an update from a switch: `micropython fetch_update.py CONFIG HOST PORT TERMINAL KEY QUESTIONS`.

Gives up after so many questions, as a power cut would; prints how far it came.
"""

import gc
import json
import socket
import sys
import time

import boot_slot
from terminal.links.framing import FrameParser, frame
from terminal.links.matching import read_answer
from terminal.messages.cmac import CmacKey
from terminal.messages.codec import pack
from terminal.system.download import ASKING, COMPLETE
from terminal.system.firmware_download import FirmwareDownload

config_path, host, port, terminal_id, key, questions = sys.argv[1:]
with open(config_path) as file:  # noqa: PTH123  (there is no pathlib on the VM)
    updates = boot_slot.updates_of(config_path.rpartition("/")[0], json.load(file))
updates.confirm()


class Switch:
    """A link without sessions, one question at a time."""

    def __init__(self):
        self._mac = CmacKey(bytes.fromhex(key))
        self._connection = socket.socket()
        self._connection.connect(socket.getaddrinfo(host, int(port))[0][-1])
        self._parser = FrameParser()
        self._buffer = bytearray(256)
        self._stan = 0

    def ask(self, mti, fields):
        self._stan += 1
        fields[7] = "".join([f"{part:02d}" for part in time.gmtime()[1:6]])
        fields[11] = f"{self._stan:06d}"
        fields[41] = terminal_id
        length = pack(self._buffer, mti, fields, self._mac.cmac8)
        self._connection.write(frame(bytes(memoryview(self._buffer)[:length])))
        while True:
            for payload in self._parser.feed(self._connection.recv(256)):
                return read_answer(payload, (mti, fields), self._mac.cmac8)[1]


switch = Switch()
assert switch.ask("0800", {70: "001"})[39] == "00"
download = FirmwareDownload(
    lambda header: header.check_signature(updates.modulus), lambda: updates, boot_slot.BOARD
)
began = time.ticks_ms()
asked = 0
while download.state == ASKING and asked < int(questions):
    download.take(switch.ask("0300", download.question()))
    download.work()
    asked += 1
taken_ms = time.ticks_diff(time.ticks_ms(), began)
switched = download.state == COMPLETE and updates.switch_over(lambda: True)
gc.collect()
print(
    json.dumps(
        {
            "state": download.state,
            "reason": download.reason,
            "asked": asked,
            "switched": switched,
            "taken_ms": taken_ms,
            "heap_bytes": gc.mem_alloc(),
        }
    )
)
