"""A modem on a loopback socket: AT commands (ITU-T V.250, 3GPP TS 27.007), then a real TCP connection.

`AT+CIPSTART` opens it, and the line becomes transparent. `+++` between two silences brings the commands back,
ATH hangs up. What the other end closes ends with NO CARRIER.
"""

import asyncio
import contextlib
import re
from types import TracebackType

_GUARD_S = 1.0
_CONNECT = re.compile(r'AT\+CIPSTART="TCP","([^"]+)",(\d+)')
_READ_BYTES = 1024
_COMMAND_BYTES_MAX = 256


class VirtualModem:
    """One modem; it lives as a real one does: who comes back to its line finds the call that was left.

    Args:
        signal: what AT+CSQ says, 0 to 31, 99 for unknown.
        searches: how often AT+CREG? says that it is still looking for a network.
        hangs_up: whether a call ends when the line's own end is closed, as with a wire for that (DTR).
    """

    def __init__(self, *, signal: int = 20, searches: int = 0, hangs_up: bool = True) -> None:
        self.signal = signal
        self.searches = searches
        self.hangs_up = hangs_up
        self.commands: list[str] = []
        self.calls = 0
        self.reachable = True
        self._server: asyncio.Server | None = None
        self._line: asyncio.StreamWriter | None = None
        self._echo = True
        self._call: asyncio.StreamWriter | None = None
        self._online = False
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "VirtualModem":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None  # noqa: S101  (entered)
        self._server.close()
        await self._hang_up()
        if self._line is not None:
            self._line.close()
        await self._server.wait_closed()

    @property
    def port(self) -> int:
        """Of the loopback socket that stands for the modem's line."""
        assert self._server is not None  # noqa: S101  (entered)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def say(self, line: str) -> None:
        """An unsolicited result, as RING."""
        if self._line is not None:
            self._line.write(f"\r\n{line}\r\n".encode("ascii"))

    async def drop_call(self) -> None:
        """Lose the network: the call ends, and no other comes about until `reachable` is set again."""
        self.reachable = False
        if self._call is not None:
            self._call.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._line = writer
        command = b""
        try:
            while data := await self._read(reader):
                if self._online and self._call is not None:
                    self._call.write(data)
                    continue
                command = (command + data)[-_COMMAND_BYTES_MAX:]
                while b"\r" in command and not self._online:
                    text, _, command = command.partition(b"\r")
                    await self._obey(text.decode("ascii", "replace").strip())
        except ConnectionError:
            pass  # the terminal lost its power
        finally:
            self._line = None
            writer.close()
            if self.hangs_up:
                await self._hang_up()

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        """The next bytes; a lone +++ after a silence, and before another, is heard and not passed on."""
        while True:
            began = asyncio.get_running_loop().time()
            data = await reader.read(_READ_BYTES)
            silence_s = asyncio.get_running_loop().time() - began
            if data != b"+++" or not self._online or silence_s < _GUARD_S:
                return data
            try:
                more = await asyncio.wait_for(reader.read(_READ_BYTES), _GUARD_S)
            except TimeoutError:
                self._online = False
                self.say("OK")
                continue
            return data + more

    async def _obey(self, command: str) -> None:
        if not command:
            return
        self.commands.append(command)
        if self._echo and self._line is not None:
            self._line.write(command.encode("ascii", "replace") + b"\r")
        call = _CONNECT.fullmatch(command)
        if call:
            await self._connect(call[1], int(call[2]))
        elif command in ("ATE0", "ATE1"):
            self._echo = command == "ATE1"
            self.say("OK")
        elif command == "AT+CREG?":
            self.say("+CREG: 0,2" if self.searches else "+CREG: 0,1")
            self.searches = max(0, self.searches - 1)
            self.say("OK")
        elif command == "AT+CSQ":
            self.say(f"+CSQ: {self.signal},0")
            self.say("OK")
        elif command == "ATH":
            await self._hang_up()
            self.say("OK")
        elif command == "AT" or command.startswith(("AT+CGDCONT=", "AT+CIPMODE=1")):
            self.say("OK")
        else:
            self.say("ERROR")

    async def _connect(self, host: str, port: int) -> None:
        self.say("OK")
        try:
            if not self.reachable:
                raise ConnectionError("no network")
            reader, writer = await asyncio.open_connection(host, port)
        except OSError:
            self.say("CONNECT FAIL")
            return
        self._call = writer
        self.calls += 1
        self.say("CONNECT")
        self._online = True
        self._listening = asyncio.create_task(self._listen(reader, writer))

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(_READ_BYTES):
                if self._online and self._line is not None:
                    self._line.write(data)
        writer.close()
        self._online = False
        self._call = None
        self.say("NO CARRIER")

    async def _hang_up(self) -> None:
        self._online = False
        call, self._call = self._call, None
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        if call is not None:
            call.close()
