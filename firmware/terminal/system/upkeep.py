"""What the terminal does for itself while nobody needs it: fetch files, and prove what is new.

Loaded only where the settings ask for it. `update_key` names the key that signs parameters and firmware,
`slot_blocks` the size of a slot; without them only offline tables are fetched, and nothing is where
`downloads` is false. The first round comes `upkeep_first_s` after the start, another every
`upkeep_interval_s` and up to a quarter more, so that a street of terminals doesn't ask at once. An image on
trial has to prove itself for `probation_s`. What has come counts from the next start: the terminal starts
anew when nobody has touched it for `restart_idle_s` and nothing is unsettled, and so does one whose image has
not proved itself within `trial_limit_s`.
"""

import asyncio
import gc

from terminal.constant import const
from terminal.loading import UPDATE_MODULES, let_go
from terminal.messages.codec import pack
from terminal.system.config import number_setting
from terminal.system.upkeep_steps import CONFIRM_FIRMWARE, CONFIRM_PARAMETERS, LOOK
from terminal.transactions.request import transmission_time

TYPE_CHECKING = False
if TYPE_CHECKING:
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
_AGAIN_MS = const(600000)  # after a fault
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
        link: "Link",
        health: "Health",
        *,
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
        self._heap = heap
        self.health = health
        self._fetches = given.get("downloads", True) is not False
        self._next_ms = number_setting(given, "upkeep_first_s", 20, 0, 3600) * 1000
        self._interval_ms = number_setting(given, "upkeep_interval_s", 4 * 3600, 1, 86400) * 1000
        self._probation_ms = number_setting(given, "probation_s", 60, 1, 3600) * 1000
        self._trial_ms = number_setting(given, "trial_limit_s", 3600, 1, 86400) * 1000
        self._restart_ms = number_setting(given, "restart_idle_s", 120, 1, 86400) * 1000
        self.runs_from_slot = False
        self._probation: "Probation | None" = None
        self._due = [CONFIRM_PARAMETERS]  # steps before anything is fetched
        self._wait_ms = 0  # until what is due is tried again
        self._uptime_ms = 0
        self._untouched_ms = 0
        self._restarts = False
        self._is_at_work = False
        self._stands_aside = False
        self._question: "asyncio.Task[Answer | None] | None" = None

    async def run(self) -> None:
        """Work until the board is switched off."""
        board = self.board
        while not self._is_done(LOOK):
            await asyncio.sleep_ms(_RETRY_MS)
        while True:
            began = board.ticks_ms()
            await asyncio.sleep_ms(_POLL_MS)
            self._judge()
            if self.is_free():
                if not self.has_key:
                    self._due.clear()
                if self._due and not self._wait_ms:
                    if self._is_done(self._due[0]):
                        self._due.pop(0)
                    else:
                        self._wait_ms = min(self._interval_ms, _AGAIN_MS)
                if self._fetches and self._next_ms <= 0 and not self._due:
                    self._next_ms = await self._round()
            if self._untouched_ms >= self._restart_ms and self._should_restart():
                board.log("restarting")
                board.restart()
            passed_ms = board.ticks_since(began)
            self._next_ms = max(self._next_ms - passed_ms, 0)
            self._wait_ms = max(self._wait_ms - passed_ms, 0)
            self._untouched_ms = min(self._untouched_ms + passed_ms, _TIME_LIMIT_MS)
            self._uptime_ms = min(self._uptime_ms + passed_ms, _TIME_LIMIT_MS)

    @property
    def takes_firmware(self) -> bool:
        """Whether what runs was started from a slot, and the other one is not needed any more."""
        return self.runs_from_slot and not self._probation

    def is_free(self) -> bool:
        """Whether nobody needs the terminal, and the switch can be asked."""
        return self.flow.state == "idle" and self.flow._online

    def is_settled(self) -> bool:
        """Whether, besides, no sale is open or waits."""
        offline = self.journal.offline
        return self.is_free() and not self.journal.open_sales() and offline.count == offline.refused

    async def stand_aside(self) -> None:
        """Somebody is at the terminal: give up the round, and its heap, before that is looked at."""
        self._untouched_ms = 0
        self._stands_aside = True
        self.give_way()
        while self._is_at_work:
            await asyncio.sleep_ms(0)
        self._stands_aside = False

    def give_way(self) -> None:
        """Something else is to be sent: what was asked can be asked again."""
        if self._question:
            self._question.cancel()

    def failed(self, fault: Exception) -> None:
        """It will be tried again."""
        self.board.log("upkeep_failed", kind=type(fault).__name__)

    def begin_probation(self) -> None:
        """What runs is on trial."""
        from terminal.system.update.probation import Probation  # noqa: PLC0415  (seldom)

        self._probation = Probation(self._probation_ms)

    def taken(self, event: str) -> None:
        """What has come is in force from the next start on, which is due when nobody is there."""
        self.board.log(event)
        self._restarts = True

    async def ask(self, fields: "Fields") -> "Fields | None":
        """Send a 0300 with these fields; None where no answer came in time. Raises Interrupted."""
        if self._stands_aside or not self.is_free():
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

    async def _round(self) -> int:
        """Milliseconds to the next one; what this one loaded must not be in the way of a sale's slip."""
        wait_ms = min(self._interval_ms, _RETRY_MS)
        self._is_at_work = True
        try:
            from terminal.system.upkeep_round import fetch_all  # noqa: PLC0415  (once in some hours)

            await fetch_all(self)
            wait_ms = self._interval_ms + self.board.random(self._interval_ms // 4 + 1)
        except Interrupted:
            pass
        except (OSError, ValueError, MemoryError) as fault:
            self.failed(fault)
            wait_ms = min(self._interval_ms, _AGAIN_MS)
        let_go(UPDATE_MODULES)
        gc.collect()
        self._is_at_work = False
        return wait_ms

    def _judge(self) -> None:
        """Have an image on trial confirmed when it has done enough."""
        probation = self._probation
        if probation:
            probation.recovered = probation.recovered or not self.journal.open_sales()
            probation.answered = self._link.is_heard
            if probation.is_over(self._uptime_ms):
                self._probation = None
                self._due.append(CONFIRM_FIRMWARE)

    def _should_restart(self) -> bool:
        if self._probation and self._uptime_ms >= self._trial_ms:
            # One that can't reach the switch would otherwise run for ever: its last start is followed by the
            # one before it.
            return self.flow.state in ("idle", "out_of_service")
        return self._restarts and self.is_settled()

    def _is_done(self, step: int) -> bool:
        """Do what needs the flash of updates and parameters, and let go of what it loaded."""
        try:
            from terminal.system.upkeep_steps import take_step  # noqa: PLC0415  (once after a start)

            take_step(self, step)
        except (OSError, ValueError, MemoryError) as fault:
            self.failed(fault)
            return False
        finally:
            let_go(UPDATE_MODULES)
        return True
