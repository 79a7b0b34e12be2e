"""The virtual terminal with the emulated Cortex-M3 in the place of the MicroPython process."""

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from pathlib import Path

from firmware.rig.board_memory import lay_out
from firmware.rig.cortex import Image, machine
from simulator.micropython_vm import MicropythonVm
from simulator.virtual_terminal import VirtualTerminal
from simulator.virtual_terminal.key_part import key_part
from simulator.virtual_terminal.peripherals import Peripherals

READERS, PANEL, PRINTER = "stripe", "panel", "printer"
NO_VM = MicropythonVm(Path("/nonexistent"), "")


class UartPeripherals(Peripherals):
    """The devices as they hang on UARTs: keys and display lines go over the front panel's one wire."""

    async def start(self) -> dict[str, int]:
        """Listen; returns the port of each UART's device."""
        ports = await super().start()
        panel = await asyncio.start_server(self._panel, "127.0.0.1", 0)
        self._servers["front"] = panel
        return {**ports, PANEL: panel.sockets[0].getsockname()[1]}

    async def _panel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers[PANEL] = writer
        await self._session("lcd")(reader, writer)
        if self._writers.get(PANEL) is writer:
            del self._writers[PANEL]


class CortexTerminal(VirtualTerminal):
    """A terminal in a directory that holds its lasting memory.

    Args:
        image: the firmware.
        directory: what is in it survives `kill`.
        switch: where the modem's line leads.
        files: what the board has besides its settings, by name.
        parts: what lies in parts of a new memory, besides the key.
        counted: whether its time goes by instructions.
    """

    def __init__(
        self,
        image: Image,
        *,
        directory: Path,
        terminal_id: str,
        merchant_id: str,
        switch: tuple[str, int],
        key: bytes | None,
        parameters: Mapping[str, object] | None = None,
        files: Mapping[str, bytes] | None = None,
        parts: Mapping[str, bytes] | None = None,
        counted: bool = True,
    ) -> None:
        super().__init__(
            NO_VM,
            directory=directory,
            terminal_id=terminal_id,
            merchant_id=merchant_id,
            switch=switch,
            key=key,
            parameters=parameters,
        )
        self.peripherals = UartPeripherals()
        self.memory = directory / "memory.bin"
        self._image = image
        self._modem = switch
        self._files = files or {}
        self._parts = parts or {}
        self._counted = counted
        self._cable: int | None = None

    def use_cable(self, port: int | None) -> None:
        """From the next start on a technician's cable in the place of the printer's, or that again."""
        self._cable = port

    async def power_on(self) -> None:
        """Start QEMU on this terminal's memory."""
        self.directory.mkdir(parents=True, exist_ok=True)
        settings = {name: value for name, value in self._settings.items() if name != "devices"}
        config = json.dumps(settings, ensure_ascii=False).encode()
        keys = {} if self._key is None else {"keys": key_part(self._key)}
        lay_out(self.memory, {"config.json": config, **self._files}, {**keys, **self._parts})
        ports = self._settings["devices"]
        assert isinstance(ports, dict)
        lines = [("127.0.0.1", ports[name]) for name in (READERS, PANEL)]
        lines.append(("127.0.0.1", self._cable or ports[PRINTER]))
        self._command = machine(
            self._image, memory=self.memory, lines=[*lines, self._modem], counted=self._counted
        )
        self._process = await self._spawn()
        self._ended = False
        self._watch = asyncio.create_task(self._follow(self._process))

    async def _spawn(self) -> Process:
        self.state = "starting"
        return await asyncio.create_subprocess_exec(*self._command, stdin=PIPE, stdout=PIPE, stderr=PIPE)

    async def _read_diagnostics(self, stream: asyncio.StreamReader) -> None:
        """The board has one console: what is not an event on it is a traceback."""
        events = asyncio.StreamReader()
        reading = asyncio.create_task(super()._read_diagnostics(events))
        while line := await stream.readline():
            if line.startswith(b"{"):
                events.feed_data(line)
            else:
                self._stderr += line.decode("utf-8", "replace")
        events.feed_eof()
        await reading
