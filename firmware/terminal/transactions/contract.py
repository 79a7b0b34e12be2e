"""The shapes that the flows want from the rest of the terminal. For type checkers only."""

from collections.abc import Iterable
from typing import Protocol

from terminal.devices.escpos.slip import Element
from terminal.transactions.request import Fields


class Actions(Protocol):
    """What a flow may ask for. Each only notes the wish; its outcome comes back as an event."""

    def show(self, lines: "list[str]", large: int = -1) -> None:
        """Have these lines on the display, line number `large` in large type where there is such."""

    def set_timer(self, generation: int, wait_ms: int) -> None:
        """Give `TIMEOUT` with `generation` after `wait_ms`, instead of any earlier wish; 0: no timer."""

    def send(self, token: int, mti: str, fields: "Fields", payload: bytes) -> None:
        """Exchange the packed request; `ANSWER` or `NO_ANSWER` carry `token`."""

    def print_slip(self, elements: "Iterable[Element]") -> None:
        """Print these elements, made while they are printed, and cut; `PRINTED` or `PRINT_FAILED`.

        `PRINT_FAILED` carries `NOT_BEGUN` or `TORN` where the heap had no room; what could be let go is gone.
        """

    def log(self, event: str, **fields: object) -> None:
        """One diagnostic line."""

    def serve_keys(self) -> None:
        """Stop, and start again for a technician with keys."""


class OfflineBook(Protocol):
    """Sales made without a link, kept until the switch has taken them.

    `waiting` is their number, one of which may be `under_way`; `delay_ms` is how long to wait before the next
    is sent, `refused_number` how many the switch has refused for good. Unless it `is_open` nothing is sold,
    only forwarded.
    """

    @property
    def is_open(self) -> bool: ...

    @property
    def refused_number(self) -> int: ...

    @property
    def waiting(self) -> int: ...

    @property
    def under_way(self) -> bool: ...

    @property
    def delay_ms(self) -> int: ...

    def may_sell(self, amount: int, card_number: str, now: int) -> "str | None":
        """None, or the catalogue's key of the reason why not. `now` in seconds since 1970, UTC."""

    def sell(self, stan: int, packed: "bytes | memoryview") -> None:
        """Keep the packed advice (0220); durable on return.

        Raises:
            JournalFull: it could not be kept: the sale must be refused.
        """

    def next_advice(self) -> "bytes | None":
        """The oldest advice to be sent, as a repeat (0221) where it may have gone out before.

        None where nothing waits, or one is under way: `acknowledged` or `unanswered` end that.
        """

    def acknowledged(self, stan: str, response_code: str, rrn: str, date: str) -> object:
        """The switch answered the advice with this field 11; fields 39, 37 and 15 (its business day)."""

    def unanswered(self) -> None:
        """No answer came to the advice under way."""

    def refused(self) -> "list[tuple[int, str, int, int]]":
        """STAN, response code, amount and location of what the switch refused for good."""

    def dismiss(self, stan: int) -> bool:
        """Let a refused sale go: somebody has seen it. False where it is none."""


class SettingsStore(Protocol):
    """Parameters that survive a power cut."""

    def get(self, name: str, default: object = None) -> object:
        """The value, or `default` where there is none."""

    def put(self, name: str, value: object) -> None:
        """Set it; durable on return.

        Raises:
            OSError: it could not be kept.
        """


class PinBlocks(Protocol):
    """Enciphers a customer's PIN in the board's secure slot."""

    def __call__(self, pin: bytearray, account_number: str) -> tuple[bytes, bytes]:
        """A block of ISO 9564-1 format 4 and its key's serial number; `pin`, ASCII digits, is zeroed.

        Raises:
            OSError: there is no key for it.
        """
