"""The virtual terminal for programs without an event loop: the same hands, each call waits for its end."""

from types import TracebackType
from typing import Protocol, Self

from simulator.event_loop_thread import EventLoopThread
from simulator.virtual_terminal import Card, Swipe, TransactionResult, VirtualTerminal

START_TIMEOUT_MS = 30_000
_MARGIN_S = 10.0


class HasNumber(Protocol):
    """Whatever stands for a card: a virtual one, one of the wallet, the plastic itself."""

    @property
    def number(self) -> str:
        """The card number."""


class BlockingTerminal:
    """A virtual terminal in a thread of its own; entering it waits until it serves customers.

    What is not here is in `terminal`: its attributes may be read from anywhere, its coroutines go through
    `thread.call`.
    """

    def __init__(self, terminal: VirtualTerminal) -> None:
        self.terminal = terminal
        self.thread = EventLoopThread()

    def __enter__(self) -> Self:
        try:
            self.thread.call(self.terminal.__aenter__())
            self.signed_on(START_TIMEOUT_MS)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.thread.call(self.terminal.__aexit__(kind, fault, trace))
        finally:
            self.thread.close()

    @property
    def state(self) -> str:
        """Of the terminal's flow: "idle", "amount", …"""
        return self.terminal.state

    @property
    def lcd(self) -> list[str]:
        """The display's lines."""
        return self.terminal.lcd

    @property
    def receipts(self) -> list[list[str]]:
        """What is to be read on all slips, oldest first."""
        return self.terminal.receipts

    def signed_on(self, timeout_ms: int = 10_000) -> None:
        """Wait until the terminal serves customers. Raises TerminalFault."""
        self.wait_state("idle", timeout_ms=timeout_ms)

    def wait_state(self, *states: str, timeout_ms: int = 10_000) -> None:
        """Wait until the flow is in one of `states`. Raises TerminalFault."""
        self.thread.call(self.terminal.wait_state(*states, timeout_ms=timeout_ms), _limit_s(timeout_ms))

    def wait_event(self, name: str, count: int = 1, timeout_ms: int = 10_000) -> dict[str, object]:
        """Wait for the `count`-th diagnostic event of this name, as "reversed". Raises TerminalFault."""
        work = self.terminal.wait_event(name, count, timeout_ms)
        return self.thread.call(work, _limit_s(timeout_ms))

    def press(self, keys: str) -> None:
        """Keys of the panel, see VirtualTerminal."""
        self.thread.call(self.terminal.press(keys))

    def insert_card(self) -> None:
        """Close the slot's switch."""
        self.thread.call(self.terminal.insert_card())

    def remove_card(self) -> None:
        """Open the slot's switch."""
        self.thread.call(self.terminal.remove_card())

    def swipe(self, card: HasNumber, swipe: Swipe | None = None) -> None:
        """Put the card's stripe through the reader."""
        self.thread.call(self.terminal.swipe(_plastic(card), swipe))

    def purchase(self, card: HasNumber, amount: int, *, timeout_ms: int = 30_000) -> TransactionResult:
        """The four steps of a purchase of `amount` rial. Raises TerminalFault."""
        work = self.terminal.purchase(_plastic(card), amount, timeout_ms=timeout_ms)
        return self.thread.call(work, 4 * _limit_s(timeout_ms))

    def redemption(self, card: HasNumber, amount: int, *, timeout_ms: int = 30_000) -> TransactionResult:
        """The four steps of a purchase of `amount` rial paid from points. Raises TerminalFault."""
        work = self.terminal.redemption(_plastic(card), amount, timeout_ms=timeout_ms)
        return self.thread.call(work, 4 * _limit_s(timeout_ms))

    def balance(self, card: HasNumber, *, timeout_ms: int = 30_000) -> TransactionResult:
        """A balance inquiry with its slip. Raises TerminalFault."""
        work = self.terminal.balance(_plastic(card), timeout_ms=timeout_ms)
        return self.thread.call(work, 4 * _limit_s(timeout_ms))

    def kill(self) -> None:
        """A power cut; flash, key and configuration stay."""
        self.thread.call(self.terminal.kill())

    def power_on(self) -> None:
        """Power back."""
        self.thread.call(self.terminal.power_on())


def _limit_s(timeout_ms: int) -> float:
    """When the terminal's own bound has failed."""
    return timeout_ms / 1000 + _MARGIN_S


def _plastic(card: HasNumber) -> Card:
    return card if isinstance(card, Card) else Card(card.number)
