"""A terminal that does not sell: it has no keys, or a technician asked. It says so, and takes keys.

The technician's tool speaks over the device `service`; what it says stands in terminal/security/key_line.py.
"""

import asyncio

from terminal.constant import const
from terminal.devices.keypad import panel_event
from terminal.devices.lcd import Lcd
from terminal.screens.text import say
from terminal.security.tamper import erase_keys
from terminal.system.devices import Devices
from terminal.transactions import events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.hal.contract import Board, Stream

_TICK_MS = const(20)
_LAST_WORDS_MS = const(300)
_CHUNK_BYTES = const(64)


async def stop(board: "Board", cause: str, show: "Callable[[list[str]], None]") -> None:
    """End a terminal at work: `cause` is tampered, which costs the keys, or asked."""
    try:
        if cause == "tampered":
            erase_keys(board, "case")
        else:
            _note_asked(board, True)
    except OSError:
        board.log("service_failed", cause=cause)
    show(_lines(board, cause))
    # The display's task needs a moment.
    await asyncio.sleep_ms(_LAST_WORDS_MS)
    board.restart()


async def serve(board: "Board") -> None:
    """Wait for keys until a technician is done, or somebody leaves; ends the program."""
    if board.case_is_open():
        erase_keys(board, "case")
        board.service = "tampered"
    service = _Service(board)
    devices = Devices(board)
    work = [devices.use("lcd", service.drive_lcd), devices.use("panel", service.read_panel)]
    if board.has_device("service"):
        work.append(devices.use("service", service.talk))
    service.tasks = [asyncio.create_task(task) for task in work]
    board.log("out_of_service", reason=board.service)
    await service.wait()
    await asyncio.sleep_ms(_LAST_WORDS_MS)
    board.restart()


class _Service:
    def __init__(self, board: "Board") -> None:
        self.tasks: "list[asyncio.Task[None]]" = []
        self._board = board
        self._lcd = Lcd()
        self._dirty = asyncio.Event()
        self._is_over = False
        self._case_open = False
        self._was_open = board.case_is_open()
        # Whoever asked may leave; the next start sells again.
        self._may_leave = board.service == "asked" and _note_asked(board, False)
        self.show(_lines(board, board.service, self._may_leave))

    async def wait(self) -> None:
        """Until it is over."""
        board = self._board
        while not self._is_over:
            await asyncio.sleep_ms(_TICK_MS)
            is_open = self._case_open or board.case_is_open()
            if is_open and not self._was_open:
                erase_keys(board, "case")
                board.service = "tampered"
                self.show(_lines(board, "tampered"))
                self._is_over = True  # what it knew of keys goes with its memory
            self._was_open = is_open

    def show(self, lines: "list[str]") -> None:
        """Have these lines on the display."""
        self._lcd.show(lines)
        self._dirty.set()

    async def drive_lcd(self, stream: "Stream") -> None:
        """Bring the lines to the display."""
        self._lcd.refresh_all()
        while True:
            frame = self._lcd.next_frame()
            if frame is None:
                await self._dirty.wait()
                self._dirty.clear()
            else:
                stream.write(frame)
                await stream.drain()

    async def read_panel(self, stream: "Stream") -> None:
        """Cancel leaves, where there are keys; a panel that goes away was the power."""
        buffer = bytearray(8)
        while True:
            try:
                count = await stream.readinto(buffer)
            except OSError:
                count = 0
            if count == 0:
                self._board.power_off()
            for at in range(count):
                found = panel_event(buffer[at])
                if found and found[0] == events.CASE_OPEN:
                    self._case_open = True
                elif found and found[0] == events.CANCEL and self._may_leave:
                    self._is_over = True

    async def talk(self, stream: "Stream") -> None:
        """One connection of the technician's tool."""
        from terminal.security.key_injection import KeyInjection  # noqa: PLC0415  (when somebody is there)
        from terminal.security.key_line import KeyLine  # noqa: PLC0415
        from terminal.security.key_store import BLOCKS, KeyStore  # noqa: PLC0415

        board = self._board
        store = KeyStore(board.part("keys", BLOCKS))
        line = KeyLine(
            KeyInjection(store, self._log),
            store,
            str(board.settings.get("terminal_id", "")),
            board.case_is_open,
        )
        buffer = bytearray(_CHUNK_BYTES)
        try:
            while not line.is_done:
                count = await stream.readinto(buffer)
                if count == 0 or self._is_over:
                    return
                for answer in line.feed(memoryview(buffer)[:count]):
                    stream.write(answer)
                    await stream.drain()
            self._is_over = True
        finally:
            line.forget()
            store.forget()
            for at in range(_CHUNK_BYTES):
                buffer[at] = 0

    def _log(self, event: str, **fields: object) -> None:
        self._board.log(event, **fields)
        language = _language(self._board)
        title = say(language, "service")
        if event == "key_injected":
            taken = say(language, "key_taken") + " " + str(fields["check_value"])
            self.show([title, taken, say(language, "service_tool"), ""])
        elif event == "key_refused":
            refused = say(language, "key_refused") + ": " + str(fields["attempts_left"])
            self.show([title, refused, say(language, "service_call"), ""])


def _note_asked(board: "Board", asked: bool) -> bool:
    """Remember it, or forget it; whether that could be done."""
    from terminal.security.key_store import BLOCKS, KeyStore  # noqa: PLC0415

    store = KeyStore(board.part("keys", BLOCKS))
    store.service_asked = asked
    store.save()
    store.forget()
    return True


def _language(board: "Board") -> str:
    languages = board.settings.get("languages")
    return "en" if isinstance(languages, list) and languages[:1] == ["en"] else "fa"


def _lines(board: "Board", reason: str, may_leave: bool = False) -> "list[str]":
    language = _language(board)
    after = ("service_leave" if may_leave else "") if reason == "asked" else "service_call"
    why = say(language, "service_" + reason)
    return [say(language, "service"), why, say(language, after), str(board.settings.get("terminal_id", ""))]
