"""Bounds of forwarding, and what it counts."""

from dataclasses import dataclass, field
from typing import NamedTuple


class ForwardPlan(NamedTuple):
    """Bounds and times, in seconds. `partner` is the link's name, as the journal tells it; `undecided_codes`
    are what the partner answers without deciding."""

    partner: str

    in_flight_max: int
    reply_timeout_s: float
    queue_reply_timeout_s: float
    undecided_codes: frozenset[str]


@dataclass(slots=True)
class ForwardCounts:
    """What has happened since the start.

    Of requests that the partner left without a reply in time those that may have moved something are
    `taken_back`, the others `expired`. `codes` are the partner's answers by response code.
    """

    asked: int = 0
    answered: int = 0
    refused: int = 0
    taken_back: int = 0
    expired: int = 0
    repeats: int = 0
    conflicts: int = 0
    stored: int = 0
    write_failures: int = 0
    codes: dict[str, int] = field(default_factory=dict)

    def answer(self, code: str) -> None:
        """The partner has answered in time."""
        self.answered += 1
        self.codes[code] = self.codes.get(code, 0) + 1
