"""A simulated PN532 behind the terminal's kind of stream, without a socket."""

import asyncio

from simulator.virtual_contactless import VirtualPn532


class DeviceStream:
    """What is written goes to the chip; what it sends can be read, `slice_bytes` at a time.

    Attributes:
        written: everything the terminal sent.
        delayed: set when a delayed answer has come.
    """

    def __init__(self, device: VirtualPn532, slice_bytes: int = 1000) -> None:
        self.written = b""
        self.delayed = asyncio.Event()
        self._device = device
        self._slice_bytes = slice_bytes
        self._arrived = bytearray()
        self._more = asyncio.Event()
        self._ended = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """To the chip."""
        self.written += bytes(data)
        delay_ms = 0
        for output in self._device.receive(bytes(data)):
            delay_ms += output.delay_ms
            if delay_ms:
                loop = asyncio.get_running_loop()
                loop.call_later(delay_ms / 1000, self.arrive, output.data)
                loop.call_later(delay_ms / 1000, self.delayed.set)
            else:
                self.arrive(output.data)

    def arrive(self, data: bytes) -> None:
        """Bytes of the device."""
        if not self._ended:
            self._arrived += data
        self._more.set()

    def end(self) -> None:
        """The reader is unplugged."""
        self._ended = True
        self._more.set()

    async def drain(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing to let go."""

    async def readinto(self, buffer: bytearray | memoryview) -> int:
        """Read what is there, at least one byte; 0 at the end."""
        while not self._arrived and not self._ended:
            self._more.clear()
            await self._more.wait()
        count = min(len(buffer), self._slice_bytes, len(self._arrived))
        buffer[:count] = self._arrived[:count]
        del self._arrived[:count]
        return count
