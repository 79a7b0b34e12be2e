"""What happened, for people and for the checkers: the last events, and what each client was told."""

import hashlib
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

EVENTS_KEPT = 400

# A request by terminal, STAN and field 7.
Identity = tuple[str, int, str]


class Asked(NamedTuple):
    """What a client asked for. `tender` is the part of the bill from the purse, None for all of it."""

    mti: str
    processing_code: str
    amount: int
    card: str
    tender: int | None = None
    original_rrn: int = 0
    other_member: int = 0


class Told(NamedTuple):
    """What a client accepted as the answer. Balances are None where the answer had none.

    `digest` is of all fields that a repeat of the answer must have too.
    """

    identity: Identity
    mti: str
    code: str
    rrn: int
    points: int | None
    credit: int | None
    digest: bytes


class Chronicle:
    """The only thing that all parts of a world write to."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._hash = hashlib.sha256()
        self.events: deque[str] = deque(maxlen=EVENTS_KEPT)
        self.asked: dict[Identity, list[Asked]] = {}
        self.told: list[Told] = []
        self.undone: list[tuple[Identity, str]] = []
        self.violations: list[str] = []

    def tell(self, text: str) -> None:
        """Note an event. The same seed tells the same, to the letter."""
        line = f"{self._clock():>9} {text}"
        self._hash.update(line.encode())
        self.events.append(line)

    def ask(self, identity: Identity, asked: Asked) -> None:
        """Note a request before its first byte leaves; repeats need not be noted."""
        known = self.asked.setdefault(identity, [])
        if asked not in known:
            known.append(asked)

    def violate(self, text: str) -> None:
        """Note a broken promise."""
        self.tell(f"VIOLATION {text}")
        self.violations.append(text)

    def digest(self) -> str:
        """Hash over everything that was told."""
        return self._hash.hexdigest()
