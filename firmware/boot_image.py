"""Start the terminal from an image in flash, on a Unix machine.

`micropython boot_image.py IMAGE [OFFSET SIZE] CONFIG`: IMAGE, or what is in it from OFFSET on, is a read-only
file system of bytecode (ROMFS), mapped into the address space as a board maps its flash: what runs stays
there, and only what changes takes heap.
"""

import os
import sys

import ffi
import uctypes
import vfs

_PROT_READ = 1
_MAP_PRIVATE = 2
_O_RDONLY = 0


def _mapped(path: str, offset: int = 0, size: int = 0) -> bytearray:
    library = ffi.open("libc.so.6")
    whole = os.stat(path)[6]
    descriptor = library.func("i", "open", "si")(path, _O_RDONLY)
    address = library.func("p", "mmap", "piiiii")(0, whole, _PROT_READ, _MAP_PRIVATE, descriptor, 0)
    if descriptor < 0 or address in (-1, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF):
        raise OSError("the image can't be mapped")
    return uctypes.bytearray_at(address + offset, size or whole)


vfs.mount(vfs.VfsRom(_mapped(sys.argv[1], *map(int, sys.argv[2:-1]))), "/rom")
sys.path.insert(0, "/rom")

import main  # noqa: E402

main.start(sys.argv[-1])
