"""What finds the slot to start, on a Unix machine.

Beside the configuration lie `slots.bin`, both slots, and `boot_log.bin`. Nothing of a slot is imported before
the boot log says that it was started.
"""

import json
import sys

from terminal.hal.file_part import BLOCK_BYTES, FilePart
from terminal.system.update.boot_log import BootLog
from terminal.system.update.image import HEADER_BYTES
from terminal.system.update.release import BASE_VERSION, modulus_of
from terminal.system.update.slot import Slot
from terminal.system.update.updates import Updates

BOARD = "unix"
LOG_BLOCKS = 2
_BLOCKS_DEFAULT = 64
_NOTHING_TO_START = 3


def updates_of(folder: str, settings: "dict[str, object]") -> Updates:
    """The slots and the boot log in a folder. Raises OSError, ValueError or BootLogFault."""
    blocks = int(settings.get("slot_blocks", _BLOCKS_DEFAULT))
    with open(folder + "/" + str(settings["update_key"])) as file:
        modulus = modulus_of(file.read())
    flash = FilePart(folder + "/slots.bin", 2 * blocks)
    slots = (Slot(flash, 0, blocks), Slot(flash, blocks, blocks))
    log = BootLog(FilePart(folder + "/boot_log.bin", LOG_BLOCKS))
    return Updates(log, slots, board=BOARD, base=BASE_VERSION, modulus=modulus)


def chosen_image(config_path: str) -> "tuple[str, int, int]":
    """What is to be started, as file, offset and size; its start is counted.

    Raises:
        SystemExit: there is none (code 3).
        OSError, ValueError, BootLogFault: the slots or the key are missing or damaged.
    """
    folder = config_path.rpartition("/")[0] or "."
    with open(config_path) as file:
        updates = updates_of(folder, json.load(file))
    chosen = updates.start()
    header = updates.slots[chosen].header() if chosen >= 0 else None
    if header is None:
        print(json.dumps({"event": "no_image"}))
        sys.exit(_NOTHING_TO_START)
    print(json.dumps({"event": "starting", "slot": chosen, "version": "%d.%d.%d" % header.version}))
    start = chosen * updates.slots[chosen].block_count * BLOCK_BYTES + HEADER_BYTES
    return folder + "/slots.bin", start, header.size
