"""The terminal with a stopwatch: each heap event also tells the longest block and the longest collection."""

import gc
import time

from blocks import watch
from terminal.hal import qemu
from terminal.system.start import start


class WatchedBoard(qemu.QemuBoard):
    """Counts from sign-on: before it the journal is read, once and with nobody waiting."""

    def log(self, event: str, **fields: object) -> None:
        if event == "signed_on":
            watch.reset()
        if event == "heap":
            since = time.ticks_us()
            gc.collect()
            collection_us = time.ticks_diff(time.ticks_us(), since)
            # This collection is the stopwatch's, not the terminal's.
            watch.leave_out(collection_us)
            fields["collection_us"] = collection_us
            fields["longest_block_us"] = watch.longest_us
        super().log(event, **fields)


qemu.QemuBoard = WatchedBoard
watch.start()
start(qemu.make())
