"""What a run of a script has seen and how it ended."""

from dataclasses import dataclass, field
from typing import Literal

from simulator.scripts.failure import Failure

EXCHANGED_MAX = 400


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One payload on the wire. `note` tells of a fault that was made; `at_ms` counts from the start."""

    direction: Literal["out", "in"]
    payload: bytes
    at_ms: int
    step: str
    note: str = ""


@dataclass(slots=True)
class Outcome:
    """`exchanged` keeps the first payloads, and counts all; `failure` is None where the script passed."""

    exchanged: list[Exchanged] = field(default_factory=list)
    count: int = 0
    steps: int = 0
    elapsed_ms: int = 0
    failure: Failure | None = None
    # The request and the reply at which it ended, as they were on the wire.
    request: bytes | None = None
    reply: bytes | None = None

    @property
    def passed(self) -> bool:
        """Whether everything was as the script expects."""
        return self.failure is None

    def note(self, exchanged: Exchanged) -> None:
        """Keep a payload, within bounds."""
        self.count += 1
        if len(self.exchanged) < EXCHANGED_MAX:
            self.exchanged.append(exchanged)
