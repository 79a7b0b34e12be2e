"""What goes into the runner and what comes out of it. Links are numbered from 1, in the order of opening."""

from dataclasses import dataclass

from protocol.spec.schema import Title


@dataclass(frozen=True, slots=True)
class Opened:
    """A link is there: ours is connected, or a peer has come."""

    link: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Our link could not be opened; `reason` in words."""

    link: int
    reason: str


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes came."""

    link: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """The peer has closed a link, or it broke."""

    link: int


Event = Opened | Refused | Received | Ended


@dataclass(frozen=True, slots=True)
class Open:
    """Connect, and say Opened or Refused."""

    link: int


@dataclass(frozen=True, slots=True)
class Write:
    """Send bytes, as they are."""

    link: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """Close behind what was written."""

    link: int


@dataclass(frozen=True, slots=True)
class AskFor:
    """Have the terminal under test do something."""

    what: str
    amount: int | None
    text: Title


@dataclass(frozen=True, slots=True)
class Progress:
    """A step begins, for people who watch."""

    step: str
    action: str
    turn: str


Action = Open | Write | Close | AskFor | Progress
