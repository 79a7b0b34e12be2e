"""What an explanation says of each rule, and how the stages tell it."""

from enum import Enum
from typing import NamedTuple, Protocol

from switch.rules.table import TableRule


class Verdict(Enum):
    """What became of a rule, in the order in which rules fail."""

    NOT_TRIGGERED = "not_triggered"
    NOT_VALID = "not_valid"
    OUT_OF_WINDOW = "out_of_window"
    AGREEMENT = "agreement"
    MEMBER_STATUS = "member_status"
    CONDITION = "condition"
    EXCLUDED = "excluded"
    STOPPED = "stopped"
    REQUIRES = "requires"
    BALANCE = "balance"
    NOT_REACHED = "not_reached"  # the request was refused before, or another rule paid
    PASSED = "passed"  # a gate that let the request pass
    REFUSED = "refused"
    CAP = "cap"  # nothing, because of a cap, a limit, a budget or the bill
    STACK = "stack"  # another rule of its group counts
    NOTHING = "nothing"  # its effects come to 0
    CLIPPED = "clipped"
    GRANTED = "granted"


class Wording(NamedTuple):
    """The same text in Persian and English."""

    fa: str
    en: str


class Trace(NamedTuple):
    """Why one rule did what it did. `desired` and `granted` are sums over its grants of all purses."""

    rule_id: str
    version: int
    verdict: Verdict
    detail_fa: str
    detail_en: str
    desired: int
    granted: int


class Recorder(Protocol):
    """Told by the stages what becomes of rules; absent where nobody asks for an explanation."""

    def note(self, rule: TableRule, verdict: Verdict, detail: Wording) -> None:
        """A rule's verdict; the last one counts."""

    def grant(self, rule: TableRule, desired: int, granted: int, detail: Wording) -> None:
        """One grant of a rule, given in full or in part."""
