"""Start the terminal from its better slot: `micropython boot.py CONFIG`, on a Unix machine.

Beside CONFIG lie `slots.bin`, both slots, and `boot_log.bin`. The chosen slot is mapped into the address
space as a board maps its flash, and what runs stays there. Nothing of it is imported before the boot log says
that it was started; then the modules that chose make room for those of the slot.
"""

import gc
import json
import os
import sys

import ffi
import uctypes
import vfs
from terminal.hal.file_part import BLOCK_BYTES, FilePart
from terminal.system.update.boot_log import BootLog
from terminal.system.update.image import HEADER_BYTES
from terminal.system.update.release import BASE_VERSION, modulus_of
from terminal.system.update.slot import Slot
from terminal.system.update.updates import Updates

BOARD = "unix"
LOG_BLOCKS = 2
_PROT_READ = 1
_MAP_PRIVATE = 2
_O_RDONLY = 0
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


def _mapped(path: str, offset: int, size: int) -> bytearray:
    library = ffi.open("libc.so.6")
    descriptor = library.func("i", "open", "si")(path, _O_RDONLY)
    whole = os.stat(path)[6]
    address = library.func("p", "mmap", "piiiii")(0, whole, _PROT_READ, _MAP_PRIVATE, descriptor, 0)
    if descriptor < 0 or address in (-1, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF):
        raise OSError("the slots can't be mapped")
    return uctypes.bytearray_at(address + offset, size)


def _prepare(config_path: str) -> None:
    """Mount the slot that is to be started, and forget the modules that found it."""
    folder = config_path.rpartition("/")[0] or "."
    with open(config_path) as file:
        updates = updates_of(folder, json.load(file))
    chosen = updates.start()
    if chosen < 0:
        print(json.dumps({"event": "no_image"}))
        sys.exit(_NOTHING_TO_START)
    slot = updates.slots[chosen]
    header = slot.header()
    start = chosen * slot.block_count * BLOCK_BYTES + HEADER_BYTES
    rom = vfs.VfsRom(_mapped(folder + "/slots.bin", start, header.size))
    vfs.mount(rom, "/slot")
    print(json.dumps({"event": "starting", "slot": chosen, "version": "%d.%d.%d" % header.version}))
    for name in list(sys.modules):
        if name.partition(".")[0] == "terminal":
            del sys.modules[name]
    sys.path.insert(0, "/slot")


if __name__ == "__main__":
    _prepare(sys.argv[1])
    for name in ("BootLog", "FilePart", "Slot", "Updates", "updates_of", "_prepare", "_mapped", "modulus_of"):
        del globals()[name]
    gc.collect()
    import main

    main.start(sys.argv[1])
