"""What every part of the flow stands on: the transaction at hand, and the actions collected."""

from terminal.constant import const
from terminal.screens.text import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from terminal.devices.track2 import Track2
    from terminal.system.clock import Clock
    from terminal.system.config import Config
    from terminal.transactions.journal import Journal, OpenSale
    from terminal.transactions.outcome import Outcome
    from terminal.transactions.request import Fields

    class Actions(Protocol):
        """What the flow may ask for. Each only notes the wish; its outcome comes back as an event."""

        def show(self, lines: "list[str]") -> None:
            """Have these lines on the display."""

        def set_timer(self, generation: int, wait_ms: int) -> None:
            """Give `TIMEOUT` with `generation` after `wait_ms`, instead of any earlier wish; 0: no timer."""

        def send(self, token: int, mti: str, fields: "Fields", payload: bytes) -> None:
            """Exchange the packed request; `ANSWER` or `NO_ANSWER` carry `token`."""

        def print_slip(self, lines: "list[str]") -> None:
            """Print and cut; `PRINTED` or `PRINT_FAILED`."""

        def log(self, event: str, **fields: object) -> None:
            """One diagnostic line."""

    Mac = Callable[[bytes | bytearray | memoryview, int], bytes]
    Answer = tuple[int, bytes, str, Fields]

_REQUEST_LIMIT = const(256)  # the longest, a reversal, has 120 bytes


class FlowCore:
    """State, timer and display of one terminal.

    Args:
        journal: where sales survive.
        clock: for the fields that carry time.
        config: parameters.
        mac: authenticates a packed message, as the board's secure slot does.
        actions: does what the flow decides.
    """

    def __init__(
        self, journal: "Journal", clock: "Clock", config: "Config", *, mac: "Mac", actions: "Actions"
    ) -> None:
        self.state = "starting"
        self._journal = journal
        self._clock = clock
        self._config = config
        self._mac = mac
        self._language = config.languages[0]
        self._actions = actions
        self._buffer = bytearray(_REQUEST_LIMIT)
        self._timer = 0
        self._token = 0
        self._online = False
        self._card_in_slot = False
        self._attempts = 0
        self._retry_ms = config.reversal_retry_ms
        self._forget()

    def _forget(self) -> None:
        self._kind = "purchase"
        self._card: "Track2 | None" = None
        self._digits = ""
        self._sale: "OpenSale | None" = None
        self._request: "Fields" = {}
        self._outcome: "Outcome | None" = None
        self._copy = False
        self._live = False

    def _say(self, key: str) -> str:
        return say(self._language, key)

    def _enter(self, state: str, lines: "list[str]", timeout_ms: int = 0) -> None:
        self._timer += 1
        if state != self.state:
            self._actions.log("state", state=state)
        self.state = state
        self._actions.show(lines)
        self._actions.set_timer(self._timer, timeout_ms)

    def _notice(self, first: str, second: str = "") -> None:
        self._forget()
        self._enter("notice", [first, second], self._config.notice_ms)

    def _send(self, mti: str, fields: "Fields", payload: bytes) -> None:
        self._token += 1
        self._actions.send(self._token, mti, fields, payload)

    def _merchant(self) -> str:
        return self._config.merchant_name_fa if self._language == "fa" else self._config.merchant_name_en

    def _rest(self, _: object = None) -> None:
        """Settle what is open, then serve."""
        raise NotImplementedError
