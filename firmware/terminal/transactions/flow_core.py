"""What every part of the flow stands on: the transaction at hand, and the actions collected."""

from terminal.constant import const
from terminal.screens.text import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.cards.presented import PresentedCard
    from terminal.system.clock import Clock
    from terminal.system.config import Config
    from terminal.transactions.contract import Actions
    from terminal.transactions.journal import Journal, OpenSale
    from terminal.transactions.outcome import Outcome
    from terminal.transactions.request import Fields

    Mac = Callable[[bytes | bytearray | memoryview, int], bytes]
    Answer = tuple[int, bytes, str, Fields]

_REQUEST_LIMIT = const(512)  # the longest, an upload's part, has 340 bytes


class FlowCore:
    """State, timer and display of one terminal, and the transaction at hand.

    `kind` names it, `card` is the customer's, `keyed` what was keyed in or chosen by name, `typed` what is
    being keyed in.

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
        self.clock = self._clock = clock
        self.config = self._config = config
        self.actions = self._actions = actions
        self.language = config.languages[0]
        self.kind = "purchase"
        self._journal = journal
        self._mac = mac
        self._buffer = bytearray(_REQUEST_LIMIT)
        self._timer = 0
        self._token = 0
        self._online = False
        self._card_in_slot = False
        self._attempts = 0
        self._retry_ms = config.reversal_retry_ms
        self.pin = bytearray(0)
        self._forget()

    def _forget(self) -> None:
        self.kind = "purchase"
        self.card: "PresentedCard | None" = None
        self.keyed: "dict[str, str]" = {}
        self.typed = ""
        self.wipe_pin()
        self._sale: "OpenSale | None" = None
        self._request: "Fields" = {}
        self._outcome: "Outcome | None" = None
        self._copy = False
        self._live = False

    def wipe_pin(self) -> None:
        """Forget what was keyed in of a PIN."""
        for at in range(len(self.pin)):
            self.pin[at] = 0
        self.pin = bytearray(0)

    @property
    def _kind(self) -> str:
        return self.kind

    def say(self, key: str) -> str:
        """A text of the catalogue, in the language of the display."""
        return say(self.language, key)

    def _say(self, key: str) -> str:
        return say(self.language, key)

    def _enter(self, state: str, lines: "list[str]", timeout_ms: int = 0, large: int = -1) -> None:
        self._timer += 1
        if state != self.state:
            self._actions.log("state", state=state)
        self.state = state
        self._actions.show(lines, large)
        self._actions.set_timer(self._timer, timeout_ms)

    def ask(self, state: str, lines: "list[str]", large: int = -1) -> None:
        """Enter a state in which somebody is expected to do something, within the time for a key."""
        self._enter(state, lines, self._config.key_timeout_ms, large)

    def _notice(self, first: str, second: str = "") -> None:
        self._forget()
        self._enter("notice", [first, second, "", self._say("keys_notice")], self._config.notice_ms)

    def notice(self, key: str, second: str = "") -> None:
        """Give up, and say why and what to do next: the catalogue's texts under `key` and `second`."""
        self._notice(self._say(key), self._say(second) if second else self._say("next_" + key))

    def _send(self, mti: str, fields: "Fields", payload: bytes) -> None:
        self._token += 1
        self._actions.send(self._token, mti, fields, payload)

    def _merchant(self) -> str:
        return self._config.merchant_name_fa if self.language == "fa" else self._config.merchant_name_en

    def _rest(self, _: object = None) -> None:
        """Settle what is open, then serve."""
        raise NotImplementedError
