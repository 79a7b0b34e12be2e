"""What the gate asks of whoever takes requests to another switch."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from protocol.message import Message, Value
from switch.authoriser.request import Financial, Reversal
from switch.ledger.records import TerminalRecord

Fields = dict[int, Value]
# Takes the own fields of a reply, or None where the terminal gets none. Called once.
Answer = Callable[[Fields | None], None]


class Forwarding(Protocol):
    """Another switch, as seen from here."""

    def claims(self, message: Message, request: Financial | Reversal, card_type: str) -> bool:
        """Whether a checked request is decided there; `card_type` is empty where it has no record here."""

    def claims_sale(self, terminal_id: str, key: int, card_number: str, card_type: str) -> bool:
        """The same of a sale, named by its key (see `Identity`), with a card that has a record here."""

    def may_have_forgotten(self, reversal: Reversal) -> bool:
        """Whether the original of a reversal may have gone there, too long ago to be known."""

    def knows(self, terminal_id: str, key: int) -> bool:
        """Whether a request, named by its key (see `Identity`), went there, or may have."""

    def ask(
        self,
        message: Message,
        request: Financial | Reversal,
        terminal: TerminalRecord,
        answer: Answer,
    ) -> None:
        """Forward a request. `answer` gets its own fields of the reply, or None for no reply at all; once,
        perhaps before this returns. What it came to is recorded first, where that is to be remembered."""


class Forwarded(NamedTuple):
    """A request whose reply comes later, and not in its turn; `seal` makes its frame of the own fields."""

    message: Message
    request: Financial | Reversal
    terminal: TerminalRecord
    seal: Callable[[Fields], bytes]
