"""What the terminal does for itself while nobody needs it: fetch files, and prove what is new.

Loaded only where the settings ask for it. `update_key` names the key that signs parameters and firmware,
`slot_blocks` the size of a slot; without them only offline tables are fetched, and nothing is where
`downloads` is false. The first round comes `upkeep_first_s` after the start, another every
`upkeep_interval_s` and up to a quarter more, so that a street of terminals doesn't ask at once. An image on
trial has to prove itself for `probation_s`.
"""

import asyncio

from terminal.constant import const
from terminal.loading import UPDATE_MODULES, let_go
from terminal.messages.codec import pack
from terminal.system.config import number_setting
from terminal.transactions.request import transmission_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.hal.contract import Board
    from terminal.links.conversation import Answer
    from terminal.links.link import Link
    from terminal.system.health import Health
    from terminal.system.memory import HeapGauge
    from terminal.system.settings_store import SettingsStore
    from terminal.system.update.probation import Probation
    from terminal.transactions.flow import Flow
    from terminal.transactions.request import Fields

_POLL_MS = const(100)
_RETRY_MS = const(10000)
_QUESTION_BYTES = const(128)
_TIME_LIMIT_MS = const(0x1FFFFFFF)


class Interrupted(Exception):  # noqa: N818  (no error)
    """Somebody needs the terminal, or a sale is unsettled: the round is given up, and begun again later."""


class Upkeep:
    """The task. A sale never waits for it: it asks only while the terminal is idle, one question at a time.

    Args:
        board: has the flash for what comes.
        settings: keeps an offline table.
        flow: tells whether the terminal is idle and settled, and sells by a new offline table.
        link: carries the questions.
        health: is told versions, starts and resets.
        heap: looked at while something is fetched.

    Raises:
        ConfigFault: a parameter is wrong.
    """

    def __init__(
        self,
        board: "Board",
        settings: "SettingsStore",
        flow: "Flow",
        *,
        link: "Link",
        health: "Health",
        heap: "HeapGauge",
    ) -> None:
        given = board.settings
        self.board = board
        self.settings = settings
        self.flow = flow
        self.journal = flow._journal
        self.has_key = bool(given.get("update_key"))
        self.has_slots = self.has_key and bool(given.get("slot_blocks"))
        # Digests of files that were taken, or that can't be: they need not come again.
        self.known: "dict[str, bytes]" = {}
        self._link = link
        self._health = health
        self._heap = heap
        self._fetches = given.get("downloads", True) is not False
        self._next_ms = number_setting(given, "upkeep_first_s", 20, 0, 3600) * 1000
        self._interval_ms = number_setting(given, "upkeep_interval_s", 4 * 3600, 1, 86400) * 1000
        self._probation_ms = number_setting(given, "probation_s", 60, 1, 3600) * 1000
        self._probation: "Probation | None" = None
        self._parameters_proved = not self.has_key
        self._uptime_ms = 0
        self._question: "asyncio.Task[Answer | None] | None" = None

    async def run(self) -> None:
        """Work until the board is switched off."""
        board = self.board
        self._guarded(self._look)
        while True:
            began = board.ticks_ms()
            await asyncio.sleep_ms(_POLL_MS)
            if self.is_free():
                self._prove()
                if self._fetches and self._next_ms <= 0:
                    if await self._round():
                        self._next_ms = self._interval_ms + board.random(self._interval_ms // 4 + 1)
                    else:
                        self._next_ms = min(self._interval_ms, _RETRY_MS)
            passed_ms = board.ticks_since(began)
            self._next_ms = max(self._next_ms - passed_ms, 0)
            self._uptime_ms = min(self._uptime_ms + passed_ms, _TIME_LIMIT_MS)

    def is_free(self) -> bool:
        """Whether nobody needs the terminal, and the switch can be asked."""
        return self.flow.state == "idle" and self.flow._online

    def is_settled(self) -> bool:
        """Whether, besides, no sale is open or waits."""
        offline = self.journal.offline
        return self.is_free() and not self.journal.open_sales() and offline.count == offline.refused

    def give_way(self) -> None:
        """Something else is to be sent: what was asked can be asked again."""
        if self._question:
            self._question.cancel()

    async def ask(self, fields: "Fields") -> "Fields | None":
        """Send a 0300 with these fields; None where no answer came in time. Raises Interrupted."""
        if not self.is_free():
            raise Interrupted
        fields[7] = transmission_time(self.flow.clock)
        fields[11] = "%06d" % self.journal.next_stan()
        fields[41] = self.flow.config.terminal_id
        buffer = bytearray(_QUESTION_BYTES)
        length = pack(buffer, "0300", fields, self.flow._mac)
        payload = bytes(memoryview(buffer)[:length])
        question = self._link.exchange("0300", fields, payload, self.flow.config.response_timeout_ms)
        self._question = asyncio.create_task(question)
        try:
            answer = await self._question
        except asyncio.CancelledError:
            raise Interrupted from None
        finally:
            self._question = None
        self._heap.sample()
        if answer is None:
            return None
        told: "Fields" = answer[2]
        return told

    async def _round(self) -> bool:
        """Whether it came to its end; what it loaded must not be in the way of a sale's slip."""
        from terminal.system.upkeep_round import fetch_all  # noqa: PLC0415  (once in some hours)

        is_over = True
        try:
            await fetch_all(self)
        except Interrupted:
            is_over = False
        except (OSError, ValueError, MemoryError) as fault:
            self._failed(fault)
        let_go(UPDATE_MODULES)
        return is_over

    def _guarded(self, action: "Callable[[], None]") -> None:
        """Do what needs the flash of updates and parameters, and let go of what it loaded."""
        try:
            action()
        except (OSError, ValueError) as fault:
            self._failed(fault)
        let_go(UPDATE_MODULES)

    def _failed(self, fault: Exception) -> None:
        self.board.log("upkeep_failed", kind=type(fault).__name__)

    def _look(self) -> None:
        health = self._health
        if self.has_key:
            from terminal.system.update.stores import open_parameters  # noqa: PLC0415

            health.parameter_sequence = open_parameters(self.board).sequence
        if self.has_slots:
            from terminal.system.update.stores import open_updates  # noqa: PLC0415

            updates = open_updates(self.board)
            health.boots, health.resets = updates.log.boots, updates.log.resets
            version = updates.running_version()
            if version:
                health.firmware = version
            if updates.is_on_trial():
                from terminal.system.update.probation import Probation  # noqa: PLC0415

                self._probation = Probation(self._probation_ms)

    def _prove(self) -> None:
        """Confirm what works: parameters that led to the switch, an image that did more."""
        if not self._parameters_proved:
            self._parameters_proved = True
            self._guarded(self._confirm_parameters)
        probation = self._probation
        if probation:
            probation.recovered = probation.recovered or not self.journal.open_sales()
            probation.answered = self._link.is_heard
            if probation.is_over(self._uptime_ms):
                self._probation = None
                self._guarded(self._confirm_firmware)

    def _confirm_parameters(self) -> None:
        from terminal.system.update.stores import open_parameters  # noqa: PLC0415

        open_parameters(self.board).confirm()

    def _confirm_firmware(self) -> None:
        from terminal.system.update.stores import open_updates  # noqa: PLC0415

        open_updates(self.board).confirm()
        self.board.log("firmware_confirmed")
