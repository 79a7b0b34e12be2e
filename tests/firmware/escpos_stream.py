"""A printer at the end of a stream, without a wire between them."""

from simulator.virtual_printer import VirtualPrinter


class PrinterStream:
    """The firmware's side of a `VirtualPrinter`. `stray` comes before its first answer."""

    def __init__(self, printer: VirtualPrinter, stray: bytes = b"") -> None:
        self.printer = printer
        self.sent = bytearray()
        self.is_cut = False
        self._answers = bytearray(stray)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += data
        self._answers += self.printer.feed(bytes(data))

    async def drain(self) -> None:
        if self.is_cut:
            raise OSError("cut")

    async def readinto(self, buffer: bytearray | memoryview) -> int:
        if self.is_cut or not self._answers:
            return 0
        buffer[0] = self._answers.pop(0)
        return 1

    def close(self) -> None:
        self.is_cut = True
