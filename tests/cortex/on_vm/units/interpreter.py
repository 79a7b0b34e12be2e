"""What the port gives the firmware: ciphers, hashes, file systems, random numbers, time."""

import io
import os
import sys
import time
from binascii import unhexlify
from hashlib import sha256

import deflate
import machine
import micropython
import unit
import vfs
from cryptolib import aes
from rom_image import IMAGE

# FIPS 197 appendix B.
KEY = unhexlify("2b7e151628aed2a6abf7158809cf4f3c")
PLAIN = unhexlify("3243f6a8885a308d313198a2e0370734")
CIPHER = unhexlify("3925841d02dc09fbdc118597196a0b32")


def test_aes():
    assert aes(KEY, 1).encrypt(PLAIN) == CIPHER
    assert aes(KEY, 1).decrypt(CIPHER) == PLAIN
    assert aes(KEY, 2, bytes(16)).encrypt(PLAIN) == CIPHER


def test_sha_256():
    # FIPS 180-2 appendix B.1.
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256(b"abc").digest() == unhexlify(expected)


def test_random_numbers_do_not_repeat():
    drawn = [os.urandom(8) for _ in range(32)]
    assert len(set(drawn)) == 32
    assert [len(os.urandom(count)) for count in (0, 1, 31, 32, 33, 100)] == [0, 1, 31, 32, 33, 100]


def test_deflate():
    # zlib's form of RFC 1950, a window of 512 bytes.
    packed = unhexlify("18d32bc8cfcc2b29562818a550290044486d89")
    with deflate.DeflateIO(io.BytesIO(packed), deflate.ZLIB) as out:
        assert out.read() == b"points " * 40


def test_scheduled_calls_come():
    seen = []
    micropython.schedule(seen.append, 7)
    time.sleep_ms(2)
    assert seen == [7]


def test_a_sleep_is_never_short():
    start = time.ticks_us()
    time.sleep_ms(5)
    assert time.ticks_diff(time.ticks_us(), start) >= 5000


def test_a_module_runs_from_a_read_only_image():
    vfs.mount(vfs.VfsRom(memoryview(IMAGE)), "/slot")
    sys.path.append("/slot")
    import from_rom

    assert from_rom.ANSWER == 42
    vfs.umount("/slot")


class RamBlocks:
    def __init__(self):
        self.content = bytearray(16 * 512)

    def readblocks(self, block, into, offset=0):
        start = block * 512 + offset
        into[:] = self.content[start : start + len(into)]

    def writeblocks(self, block, data, offset=0):
        start = block * 512 + offset
        self.content[start : start + len(data)] = data

    def ioctl(self, request, _):
        return {4: 16, 5: 512}.get(request, 0)


def test_littlefs():
    blocks = RamBlocks()
    vfs.VfsLfs2.mkfs(blocks)
    vfs.mount(vfs.VfsLfs2(blocks), "/files")
    with open("/files/a", "w") as file:  # noqa: PTH123
        file.write("kept")
    vfs.umount("/files")
    vfs.mount(vfs.VfsLfs2(blocks), "/files")
    with open("/files/a") as file:  # noqa: PTH123
        assert file.read() == "kept"
    vfs.umount("/files")


def test_uarts_are_numbered_from_one_to_four():
    for number in (0, 5):
        unit.raises(ValueError, machine.UART, number)
    uart = machine.UART(2, baudrate=9600)
    assert uart.any() == 0 and uart.read(4) is None
    assert uart.write(b"") == 0


unit.run(globals())
