"""What makes a message of this host's this one and no other: STAN and transmission time.

Both are on the database before the message leaves, so whoever sends it again, this process or the next,
sends the same message, and the switch answers with the stored reply. They belong to the message and not to a
link: a repeat may take another one.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StanRange:
    """Numbers for one kind of message; kinds never meet, though their rows have equal ids.

    Within one second ids would have to be `size` apart to meet.
    """

    first: int
    size: int

    def of(self, number: int) -> str:
        """Field 11 of the row or message with this number, from 1."""
        return f"{self.first + (number - 1) % self.size:06d}"

    def numbers(self, stan: str, highest: int) -> list[int]:
        """The numbers up to `highest` whose field 11 is `stan`; none where it is of another range."""
        place = int(stan) - self.first
        return list(range(place + 1, highest + 1, self.size)) if 0 <= place < self.size else []


FILE_ACTIONS = StanRange(1, 300_000)
REQUESTS = StanRange(300_001, 300_000)
REVERSALS = StanRange(600_001, 300_000)
RULE_TABLES = StanRange(900_001, 50_000)
NETWORK_MANAGEMENT = StanRange(950_001, 49_999)


def transmission_time(at: datetime) -> str:
    """Field 7, MMDDhhmmss in UTC."""
    return at.strftime("%m%d%H%M%S")
