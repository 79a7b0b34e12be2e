"""Devices on loopback sockets: a PN532 on its UART, and a bar code scanner."""

import asyncio
from types import TracebackType
from typing import Self

from simulator.virtual_contactless.device import VirtualPn532


class _Plug:
    """A port of the machine with a device behind it; a new connection takes the place of the last."""

    def __init__(self) -> None:
        self.port = 0
        self.plugged = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self._server.close()
            self.unplug()
            await self._server.wait_closed()

    def unplug(self) -> None:
        """Cut the connection; the device can be opened again."""
        if self._writer:
            self._writer.transport.abort()

    def hang_up(self) -> None:
        """End the connection in good order: what was sent still arrives."""
        if self._writer:
            self._writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.unplug()
        self._writer = writer
        self.plugged.set()
        try:
            while data := await reader.read(1024):
                await self._take(data, writer)
        except ConnectionError:
            pass  # the terminal lost its power
        finally:
            if self._writer is writer:
                self._writer = None
                self.plugged.clear()
            writer.close()

    async def _take(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError

    async def _send(self, data: bytes) -> None:
        if self._writer is None:
            raise ConnectionError("nothing is plugged in")
        self._writer.write(data)
        await self._writer.drain()


class ContactlessServer(_Plug):
    """A PN532 on a socket.

    Args:
        device: the chip and its field.
        slice_bytes: how many bytes arrive at a time; 0 for whole frames.
    """

    def __init__(self, device: VirtualPn532, slice_bytes: int = 0) -> None:
        super().__init__()
        self.device = device
        self._slice_bytes = slice_bytes

    async def _take(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        for output in self.device.receive(data):
            if output.delay_ms:
                await asyncio.sleep(output.delay_ms / 1000)
            step = self._slice_bytes or len(output.data)
            for at in range(0, len(output.data), step):
                writer.write(output.data[at : at + step])
                await writer.drain()
                await asyncio.sleep(0)


class ScannerServer(_Plug):
    """A bar code scanner on a socket; what it sends is made by `virtual_scanner.scanned`."""

    async def scan(self, data: bytes) -> None:
        """Send what one code gave."""
        await self._send(data)

    async def _take(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        pass  # a scanner is not spoken to
