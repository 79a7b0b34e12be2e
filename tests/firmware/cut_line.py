"""A line between a terminal and its switch that can be cut, and mended."""

import asyncio
from types import TracebackType
from typing import Self


class CutLine:
    """A way to `target`.

    While it is cut nobody gets through. With `silent_from_answer` it carries nothing from the next answer on,
    either way: what was asked has reached the switch, and what is sent later, as a reversal, has not.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self.address = ("", 0)
        self.silent_from_answer = False
        self._target = target
        self._is_cut = self._is_silent = False
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.address = ("127.0.0.1", self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    def cut(self) -> None:
        """Break what there is, and take nothing new."""
        self._is_cut = True
        for writer in list(self._writers):
            writer.transport.abort()

    def mend(self) -> None:
        """Let everybody through again."""
        self._is_cut = self._is_silent = self.silent_from_answer = False

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._is_cut:
                raise OSError("cut")
            there, back = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer, answers=True))
        self._writers -= {writer, back}

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool = False
    ) -> None:
        try:
            while data := await reader.read(4096):
                if answers and self.silent_from_answer:
                    self._is_silent = True
                if self._is_silent:
                    continue
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()
