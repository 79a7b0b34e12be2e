"""NOR flash behind MicroPython's block devices, with the manners of each board's."""

from collections.abc import Callable

import pytest
from terminal.hal.block_flash import BlockFlash
from terminal.transactions.journal import Journal

BLOCK = 4096
FIRST = 3
COUNT = 4


class Part:
    """A flash part: programming only clears bits. `page_bytes` is what it insists on."""

    def __init__(self, page_bytes: int = 1) -> None:
        self.page_bytes = page_bytes
        self.content = bytearray(b"\xff" * BLOCK * (FIRST + COUNT + 1))
        self.programs = 0
        self.result: object = None

    def readblocks(self, block: int, into: bytearray | memoryview, offset: int) -> object:
        start = block * BLOCK + offset
        into[:] = self.content[start : start + len(into)]
        return self.result

    def writeblocks(self, block: int, data: bytes | bytearray | memoryview, offset: int) -> object:
        assert offset % self.page_bytes == 0 and len(data) % self.page_bytes == 0
        assert offset + len(data) <= BLOCK
        self.programs += 1
        for at, value in enumerate(data, block * BLOCK + offset):
            self.content[at] &= value
        return self.result

    def ioctl(self, request: int, argument: int) -> object:
        if request == 5:
            return BLOCK
        if request == 6:
            self.content[argument * BLOCK : (argument + 1) * BLOCK] = b"\xff" * BLOCK
        return self.result


class SmallBlocksUntilAsked(Part):
    """As pyb.Flash: the flash's own blocks only after it was told that they are wanted."""

    def __init__(self) -> None:
        super().__init__()
        self.native = False

    def ioctl(self, request: int, argument: int) -> object:
        if (request, argument) == (1, 1):
            self.native = True
        if request == 5 and not self.native:
            return 512
        return super().ioctl(request, argument)


PARTS: dict[str, tuple[Callable[[], Part], int]] = {
    "pages of 256": (lambda: Part(256), 256),
    "any bytes": (Part, 1),
    "native on request": (SmallBlocksUntilAsked, 1),
}


@pytest.fixture(params=list(PARTS))
def flash(request: pytest.FixtureRequest) -> BlockFlash:
    make, page_bytes = PARTS[request.param]
    return BlockFlash(make(), FIRST, COUNT, page_bytes)


def held(flash: BlockFlash, address: int, size: int) -> bytes:
    into = bytearray(size)
    flash.read(address, into)
    return bytes(into)


@pytest.mark.parametrize("address", [0, 255, 256, BLOCK - 3])
@pytest.mark.parametrize("size", [1, 16, 257, 700])
def test_what_is_programmed_is_read(flash: BlockFlash, address: int, size: int) -> None:
    data = bytes(value % 251 for value in range(size))
    flash.program(address, data)
    around = held(flash, max(address - 2, 0), size + 4)
    assert data in around
    assert around.replace(data, b"", 1).strip(b"\xff") == b""


def test_bytes_are_programmed_once_until_erased(flash: BlockFlash) -> None:
    flash.program(BLOCK + 16, b"abc")
    flash.program(BLOCK + 19, b"d")
    for address in (BLOCK + 14, BLOCK + 18):
        with pytest.raises(OSError, match="not erased"):
            flash.program(address, b"xyz")
    assert held(flash, BLOCK + 15, 6) == b"\xffabcd\xff"
    flash.erase(1)
    assert held(flash, BLOCK + 15, 6) == b"\xff" * 6


def test_the_neighbours_are_not_touched(flash: BlockFlash) -> None:
    for address in (-1, COUNT * BLOCK):
        with pytest.raises(OSError, match="no such"):
            flash.program(address, b"x")
    with pytest.raises(OSError, match="no such"):
        flash.erase(COUNT)
    with pytest.raises(OSError, match="no such"):
        flash.read(COUNT * BLOCK - 1, bytearray(2))


@pytest.mark.parametrize("result", [-5, False, 22])
def test_a_failure_that_is_returned_is_raised(result: object) -> None:
    part = Part()
    flash = BlockFlash(part, FIRST, COUNT, 1)
    part.result = result
    for attempt in (lambda: flash.program(0, b"x"), lambda: flash.erase(0), lambda: held(flash, 0, 1)):
        with pytest.raises(OSError, match="failed"):
            attempt()


def test_a_part_without_blocks_is_refused() -> None:
    part = Part()
    part.result = -1
    with pytest.raises(OSError, match="failed"):
        BlockFlash(part, FIRST, COUNT, 1)


def test_a_sale_survives_reopening(flash: BlockFlash) -> None:
    journal = Journal(flash)
    stan = journal.next_stan()
    journal.intend(stan, b"request" * 30)
    (sale,) = Journal(flash).open_sales()
    assert sale.stan == stan
