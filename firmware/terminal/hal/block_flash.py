"""NOR flash behind one of MicroPython's block devices."""

from terminal.constant import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class BlockDevice(Protocol):
        """MicroPython's block device with the extended interface: the offset form writes without erasing."""

        def readblocks(self, __block: int, __into: bytearray | memoryview, __offset: int) -> object: ...
        def writeblocks(
            self, __block: int, __data: bytes | bytearray | memoryview, __offset: int
        ) -> object: ...
        def ioctl(self, __request: int, __argument: int) -> object: ...


_INIT = const(1)  # requests of ioctl, from MicroPython's block device protocol
_BLOCK_SIZE = const(5)
_BLOCK_ERASE = const(6)
_CHECK_BYTES = const(64)


class BlockFlash:
    """NOR flash behind a block device, from its block `first` on.

    Args:
        device: the part; its blocks must be the flash's erase blocks.
        first: where the journal begins.
        block_count: how many blocks it has.
        page_bytes: what one programming operation takes, 1 where any number of bytes will do. A page is
            filled up with 0xFF, which leaves NOR flash as it is; a part that refuses that needs 1.

    Raises:
        OSError: the device has no size for its blocks.
    """

    def __init__(self, device: "BlockDevice", first: int, block_count: int, page_bytes: int) -> None:
        # 1: by the extended interface, whose blocks are those of the flash.
        _must_succeed(device.ioctl(_INIT, 1))
        size = device.ioctl(_BLOCK_SIZE, 0)
        if not isinstance(size, int) or size <= 0 or size % page_bytes:
            raise OSError("flash has no blocks")
        self.block_bytes = size
        self.block_count = block_count
        self._device = device
        self._first = first
        self._page = bytearray(page_bytes)
        self._check = memoryview(bytearray(_CHECK_BYTES))

    def read(self, address: int, into: bytearray | memoryview) -> None:
        """Fill `into` from `address`."""
        view = memoryview(into)
        while view:
            block, offset = divmod(address, self.block_bytes)
            self._must_be_ours(block)
            step = min(len(view), self.block_bytes - offset)
            _must_succeed(self._device.readblocks(self._first + block, view[:step], offset))
            view = view[step:]
            address += step

    def program(self, address: int, data: bytes | bytearray | memoryview) -> None:
        """Write over erased bytes."""
        self._must_be_erased(address, len(data))
        view = memoryview(data)
        size = len(self._page)
        while view:
            block, offset = divmod(address, self.block_bytes)
            within = offset % size
            step = min(len(view), (size if size > 1 else self.block_bytes) - (within if size > 1 else offset))
            piece = view[:step]
            if step < size:
                for at in range(size):
                    self._page[at] = 0xFF
                self._page[within : within + step] = piece
                piece = memoryview(self._page)
            _must_succeed(self._device.writeblocks(self._first + block, piece, offset - within))
            view = view[step:]
            address += step

    def erase(self, block: int) -> None:
        """Set one block to 0xFF."""
        self._must_be_ours(block)
        _must_succeed(self._device.ioctl(_BLOCK_ERASE, self._first + block))

    def _must_be_ours(self, block: int) -> None:
        if not 0 <= block < self.block_count:
            raise OSError("no such flash block")

    def _must_be_erased(self, address: int, size: int) -> None:
        while size:
            step = min(size, _CHECK_BYTES)
            self.read(address, self._check[:step])
            for value in self._check[:step]:
                if value != 0xFF:
                    raise OSError("flash is not erased")
            address += step
            size -= step


def _must_succeed(result: object) -> None:
    """Some boards raise, others return what went wrong; nothing, 0 and True are success."""
    if result is False or result not in (None, True, 0):
        raise OSError("flash failed")
