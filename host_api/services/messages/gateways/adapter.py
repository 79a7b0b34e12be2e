"""What every gateway's adapter does: sends some messages, and tells what became of earlier ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

SEND_AT_ONCE: Final = 500
ASK_AT_ONCE: Final = 500


class Verdict(StrEnum):
    """What came of one message of a call."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message as it leaves; `repr` shows its id alone.

    Parameters:
        id: the same however often it is tried; a gateway that knows it sends it once.
    """

    id: int
    address: str = field(repr=False)
    text: str = field(repr=False)
    subject: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gateway says of one message.

    Parameters:
        provider_id: the gateway's name of it, by which it is asked for later.
        cost_rials: what it costs, where the gateway tells.
        failure: short code of why not, without an address.
    """

    verdict: Verdict
    provider_id: str | None = None
    cost_rials: int | None = None
    failure: str | None = None


class Adapter(Protocol):
    """One gateway while a job works with it."""

    @property
    def is_repeatable(self) -> bool:
        """Whether a message that is sent again under its id still goes out once."""

    async def send(self, messages: Sequence[OutgoingMessage]) -> Mapping[int, Answer]:
        """Send up to `SEND_AT_ONCE`, within a bounded time; nothing is raised.

        A message that may have gone out is missing from the answers.
        """

    async def ask(self, provider_ids: Sequence[str]) -> Mapping[str, bool]:
        """Of up to `ASK_AT_ONCE`: which arrived, and which never will; others are missing."""

    async def close(self) -> None:
        """Close what is open."""


def unreachable(messages: Sequence[OutgoingMessage], failure: str) -> dict[int, Answer]:
    """The answer where the gateway could not be asked."""
    return {message.id: Answer(Verdict.UNREACHABLE, failure=failure) for message in messages}
