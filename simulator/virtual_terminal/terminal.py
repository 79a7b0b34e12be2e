"""One virtual terminal: the VM process with the firmware, its peripherals, and a cashier's hands."""

import asyncio
import json
import signal
import time
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from simulator.firmware_image import BOOT_SCRIPT, firmware_image, readable_again
from simulator.micropython_vm import FIRMWARE, MicropythonVm
from simulator.virtual_terminal.card import Card
from simulator.virtual_terminal.key_part import key_part
from simulator.virtual_terminal.peripherals import Peripherals
from simulator.virtual_terminal.stripe import Swipe, reader_frame
from simulator.virtual_terminal.transaction import Event, TransactionResult, number_in, result_of

_EVENTS_KEPT = 10_000
_STDERR_KEPT = 20_000
_SAYINGS_KEPT = 100
DEFAULT_HEAP_BYTES = 100 * 1024
_STARTS_ANEW = 75  # with this status a terminal ends that wants to be started again


class TerminalFault(RuntimeError):  # noqa: N818
    """The terminal did not do what was asked, in time; the text carries its state and last diagnostics."""


@dataclass(frozen=True, slots=True)
class Heap:
    """Bytes: the VM's heap, the highest use seen, and the highest use just after a collection."""

    limit_bytes: int
    peak_bytes: int
    live_bytes: int


class VirtualTerminal:
    """A terminal in a directory that holds its flash, key and configuration.

    Args:
        vm: the MicroPython to run.
        directory: made if missing; what is in it survives `kill` and `restart`.
        terminal_id: eight characters, field 41.
        merchant_id: up to fifteen characters, field 42.
        switch: host and port.
        key: the terminal's 16-byte key; without one it is blank, and waits for a technician.
        pin_key: initial DUKPT key of its PIN blocks and the key's id; without it nobody is asked for a PIN.
        heap_bytes: the VM's hard heap limit.
        parameters: further configuration by name, as `response_timeout_ms` (the firmware's config module).

    Attributes:
        starts_anew: whether it is started again when it ends for that, as a board's main does.
        sayings: the last lines of what the VM printed beside the terminal's diagnostics.
    """

    def __init__(
        self,
        vm: MicropythonVm,
        *,
        directory: Path,
        terminal_id: str,
        merchant_id: str,
        switch: tuple[str, int],
        key: bytes | None,
        pin_key: tuple[bytes, bytes] | None = None,
        heap_bytes: int = DEFAULT_HEAP_BYTES,
        parameters: Mapping[str, object] | None = None,
        firmware: Path = FIRMWARE,
    ) -> None:
        self.vm = vm
        self.directory = directory
        self.terminal_id = terminal_id
        self.events: list[Event] = []
        self.state = "off"
        self.version = ""
        self.heap = Heap(0, 0, 0)
        self._stderr = ""
        paper = {58: 384, 80: 576}[number_in(parameters or {}, "paper_mm") or 58]
        self.peripherals = Peripherals(paper)
        self._heap_bytes = heap_bytes
        self._firmware = firmware
        self._key = key
        self._pin_key = pin_key
        self._settings: dict[str, object] = {
            "terminal_id": terminal_id,
            "merchant_id": merchant_id,
            "merchant_name_fa": "فروشگاه وفا",
            "merchant_name_en": "Vafa Store",
            "switch_host": switch[0],
            "switch_port": switch[1],
            **(parameters or {}),
        }
        self.starts_anew = False
        self.sayings: deque[str] = deque(maxlen=_SAYINGS_KEPT)
        self._command: list[str] = []
        self._process: Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._ended = True

    async def __aenter__(self) -> "VirtualTerminal":
        further = self._settings.get("devices")
        own = await self.peripherals.start()
        self._settings["devices"] = {**further, **own} if isinstance(further, dict) else own
        await self.power_on()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.kill()
        await self.peripherals.stop()

    # Power

    async def power_on(self) -> None:
        """Start the VM on this terminal's directory."""
        if self._process is not None:
            raise TerminalFault("the terminal is already on")
        if not (self._firmware / "main.py").is_file():
            raise TerminalFault(f"no firmware at {self._firmware}: run from a checkout of the project")
        self.directory.mkdir(parents=True, exist_ok=True)
        self._lay_keys()
        config = self.directory / "config.json"
        config.write_text(json.dumps(self._settings, ensure_ascii=False), encoding="utf-8")
        image = await asyncio.to_thread(firmware_image, self._firmware)
        self._command = self.vm.command(BOOT_SCRIPT, str(image), str(config), heap_bytes=self._heap_bytes)
        self._process = await self._spawn()
        self._ended = False
        self._watch = asyncio.create_task(self._follow(self._process))

    async def _spawn(self) -> Process:
        self.state = "starting"
        return await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=self.vm.environment(),
        )

    def _lay_keys(self) -> None:
        """In a key store where there are PINs; else in the file that development has."""
        if self._key is None:
            return
        name = "keys.bin" if self._pin_key else "terminal.key"
        content = key_part(self._key, self._pin_key) if self._pin_key else self._key.hex().encode()
        key_file = self.directory / name
        # What the terminal has used since, or lost, stays so.
        if name == "terminal.key" or not key_file.exists():
            key_file.touch(mode=0o600)
            key_file.write_bytes(content)

    async def kill(self) -> None:
        """SIGKILL, as a power cut. Flash, key and configuration stay."""
        await self._end(signal.SIGKILL)

    async def restart(self) -> None:
        """Power cut and power back."""
        await self.kill()
        await self.power_on()

    def set_parameter(self, name: str, value: object) -> None:
        """Change the configuration from the next start on."""
        self._settings[name] = value

    async def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.send_signal(number)
        await process.wait()
        if self._watch is not None:
            await self._watch
        await self.peripherals.unplug()
        self.state = "off"

    @property
    def running(self) -> bool:
        """Whether the VM process is alive."""
        return not self._ended and self._process is not None and self._process.returncode is None

    # Diagnostics

    @property
    def stderr(self) -> str:
        """What the VM last said there, tracebacks with the names of the sources."""
        return readable_again(self._stderr) if "Traceback" in self._stderr else self._stderr

    async def _follow(self, process: Process) -> None:
        while True:
            assert process.stdout is not None and process.stderr is not None  # noqa: S101  (asked for)
            await asyncio.gather(self._read_diagnostics(process.stdout), self._read_stderr(process.stderr))
            code = await process.wait()
            if code != _STARTS_ANEW or not self.starts_anew or self._process is not process:
                break
            await self.peripherals.unplug()
            fresh = await self._spawn()
            if self._process is not process:  # the power went meanwhile
                fresh.kill()
                await fresh.wait()
                break
            self._process = process = fresh
        self._ended = True
        async with self.peripherals.changed:
            self.peripherals.changed.notify_all()

    async def _read_diagnostics(self, stream: asyncio.StreamReader) -> None:
        while line := await stream.readline():
            try:
                event = json.loads(line)
            except ValueError:  # as the last line of a killed process, which may be torn
                self.sayings.append(line.decode("utf-8", "replace").rstrip())
                continue
            if len(self.events) < _EVENTS_KEPT:
                self.events.append(event)
            self._note(event)
            async with self.peripherals.changed:
                self.peripherals.changed.notify_all()

    def _note(self, event: Event) -> None:
        if event["event"] == "state":
            self.state = str(event["state"])
        elif event["event"] == "started":
            self.version = str(event["vm"])
        elif event["event"] == "heap":
            self.heap = Heap(
                number_in(event, "limit_bytes"),
                number_in(event, "peak_bytes"),
                number_in(event, "live_bytes"),
            )

    async def _read_stderr(self, stream: asyncio.StreamReader) -> None:
        while data := await stream.read(4096):
            self._stderr = (self._stderr + data.decode("utf-8", "replace"))[-_STDERR_KEPT:]

    async def wait_for(self, condition: Callable[[], bool], what: str, timeout_ms: int = 10_000) -> None:
        """Wait until `condition` holds; it is looked at after every diagnostic line, slip and display change.

        Raises:
            TerminalFault: not in time, or the VM ended.
        """
        changed = self.peripherals.changed

        def settled() -> bool:
            return condition() or self._ended

        try:
            async with asyncio.timeout(timeout_ms / 1000), changed:
                await changed.wait_for(settled)
        except TimeoutError:
            raise TerminalFault(f"no {what} within {timeout_ms} ms; {self._situation()}") from None
        if not condition():
            raise TerminalFault(f"the terminal ended before {what}; {self._situation()}")

    def _situation(self) -> str:
        return f"state {self.state}, last events {self.events[-5:]}, stderr: {self.stderr[-2000:]}"

    def events_named(self, name: str) -> list[Event]:
        """All diagnostic events of one name, oldest first."""
        return [event for event in self.events if event["event"] == name]

    async def wait_event(self, name: str, count: int = 1, timeout_ms: int = 10_000) -> Event:
        """Wait for the `count`-th event of this name."""
        await self.wait_for(lambda: len(self.events_named(name)) >= count, f"event {name}", timeout_ms)
        return self.events_named(name)[count - 1]

    async def wait_state(self, *states: str, timeout_ms: int = 10_000) -> None:
        """Wait until the flow is in one of `states`."""
        await self.wait_for(lambda: self.state in states, " or ".join(states), timeout_ms)

    async def signed_on(self, timeout_ms: int = 10_000) -> None:
        """Wait until the terminal serves customers."""
        await self.wait_state("idle", timeout_ms=timeout_ms)

    # A cashier's hands

    @property
    def lcd(self) -> list[str]:
        """The display's lines."""
        return list(self.peripherals.lcd)

    @property
    def receipts(self) -> list[list[str]]:
        """What is to be read on all slips since the terminal was made, oldest first."""
        return self.peripherals.slips

    @property
    def pictures(self) -> list[bytes]:
        """The same slips as they look, as PNG."""
        return [slip.png() for slip in self.peripherals.printer.slips]

    async def press(self, keys: str) -> None:
        """Keys of the panel: digits, "\\r" enter, "\\x08" clear, "\\x1b" cancel, "P", "R", "B" kinds."""
        await self._deliver("panel", keys.encode("ascii"))

    async def insert_card(self) -> None:
        """Close the slot's switch."""
        await self.press("i")

    async def remove_card(self) -> None:
        """Open the slot's switch."""
        await self.press("o")

    async def open_case(self) -> None:
        """Open the switch of the case: the keys go, and the VM ends."""
        await self.press("t")

    async def ended(self, timeout_ms: int = 10_000) -> None:
        """Wait until the VM ends by itself, and clear up after it."""
        await self.wait_for(lambda: self._ended, "end", timeout_ms)
        await self.kill()

    async def swipe(self, card: Card, swipe: Swipe | None = None) -> None:
        """Put the card's stripe through the reader."""
        await self._deliver("stripe", reader_frame(card, swipe or Swipe()))

    async def _deliver(self, device: str, data: bytes) -> None:
        await self.wait_for(lambda: self.peripherals.plugged(device), f"connection to the {device}")
        await self.peripherals.send(device, data)

    async def purchase(
        self, card: Card, amount: int, *, swipe: Swipe | None = None, timeout_ms: int = 30_000
    ) -> TransactionResult:
        """The four steps of a purchase of `amount` rial."""
        return await self._transact("P", card, amount, swipe, timeout_ms)

    async def redemption(
        self, card: Card, amount: int, *, swipe: Swipe | None = None, timeout_ms: int = 30_000
    ) -> TransactionResult:
        """The four steps of a purchase of `amount` rial paid from points."""
        return await self._transact("R", card, amount, swipe, timeout_ms)

    async def balance(
        self, card: Card, *, swipe: Swipe | None = None, timeout_ms: int = 30_000
    ) -> TransactionResult:
        """A balance inquiry with its slip."""
        return await self._transact("B", card, None, swipe, timeout_ms)

    async def start_transaction(
        self, kind: str, card: Card, amount: int | None, swipe: Swipe | None = None
    ) -> None:
        """Swipe and key in, up to the moment the request leaves. `kind` is the panel's key."""
        await self.wait_state("idle", "notice")
        await self.insert_card()
        await self.swipe(card, swipe)
        await self.wait_state("amount")
        await self.press(kind if amount is None else f"{kind}{amount}\r")

    async def _transact(
        self, kind: str, card: Card, amount: int | None, swipe: Swipe | None, timeout_ms: int
    ) -> TransactionResult:
        answered = len(self.events_named("transaction"))
        unanswered = len(self.events_named("no_answer"))
        slips = len(self.receipts)
        await self.wait_state("idle", "notice", timeout_ms=timeout_ms)
        began = time.monotonic()
        await self.start_transaction(kind, card, amount, swipe)
        await self.wait_for(
            lambda: (
                len(self.events_named("transaction")) > answered
                or len(self.events_named("no_answer")) > unanswered
            ),
            "answer",
            timeout_ms,
        )
        if len(self.events_named("transaction")) == answered:
            await self.remove_card()
            return result_of(
                self.events_named("no_answer")[-1], amount, (time.monotonic() - began) * 1000, []
            )
        await self.wait_state("remove", timeout_ms=timeout_ms)
        await self.remove_card()
        await self.wait_for(lambda: len(self.receipts) > slips, "receipt", timeout_ms)
        elapsed_ms = (self.peripherals.slip_times[slips] - began) * 1000
        await self.wait_state("idle", "out_of_service", timeout_ms=timeout_ms)
        return result_of(self.events_named("transaction")[-1], amount, elapsed_ms, self.receipts[slips])
