"""Start the terminal from its better slot: `micropython boot.py CONFIG`, on a Unix machine.

`boot_image.py` then runs in the place of this script, on a new heap: what chose takes none of it, as on a
board, where it is frozen.
"""

import struct
import sys

import boot_slot
import ffi
import uctypes

_SCRIPT = b"boot.py"
_PROGRAM = b"/proc/self/exe"


def _replaced(arguments: "list[bytes]") -> None:
    """Have this VM run another script in the place of this one. Raises OSError."""
    program = bytearray(_PROGRAM + b"\x00")
    texts = [bytearray(argument + b"\x00") for argument in arguments]
    addresses = [uctypes.addressof(text) for text in texts]
    table = bytearray(struct.pack("%dP" % (len(addresses) + 1), *addresses, 0))
    ffi.open("libc.so.6").func("i", "execv", "PP")(uctypes.addressof(program), uctypes.addressof(table))
    raise OSError("the terminal can't be started")


def _start(config_path: str) -> None:
    image = boot_slot.chosen_image(config_path)
    with open("/proc/self/cmdline", "rb") as file:
        running = file.read().split(b"\x00")[:-1]
    at = len(running) - 2
    folder = running[at][: -len(_SCRIPT)]
    arguments = [str(part).encode() for part in image]
    arguments.insert(0, folder + b"boot_image.py")
    _replaced(running[:at] + arguments + running[at + 1 :])


_start(sys.argv[1])
