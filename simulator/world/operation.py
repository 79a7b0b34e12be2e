"""One thing that a register or the host wants of the switch, until it knows the answer."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from protocol.balances import unpack_balances
from protocol.message import Message, Value
from protocol.original_data import OriginalData
from simulator.world.chronicle import Asked, Identity, Told

Fields = dict[int, Value]
Done = Callable[["Operation", Message], None]

# Decided nothing: ask again.
UNDECIDED = ("58", "63", "91", "96")
_ANSWERED = (37, 38, 39, 54)


@dataclass(slots=True)
class Operation:
    """A request with its identity. `gives_up`: reversed instead of repeated when no answer comes in time.

    `cancel_ms`: wait only so long for the first answer. `is_conflict`: another content under an identity that
    was used before.
    """

    mti: str
    fields: Fields
    card: str = ""
    gives_up: bool = False
    cancel_ms: int = -1
    is_fresh: bool = True
    is_conflict: bool = False
    done: Done | None = None
    identity: Identity = field(default=("", 0, ""))

    @property
    def is_financial(self) -> bool:
        """Whether its answer is about money or points."""
        return self.mti[1] in "12"

    @property
    def is_inquiry(self) -> bool:
        """Whether it only asks."""
        return self.mti[1] == "1" and str(self.fields[3])[:2] in ("30", "31", "39")

    def message(self) -> Message:
        """As it leaves: a repeat after the first time."""
        mti = self.mti if self.is_fresh else self.mti[:3] + "1"
        return Message(mti, dict(self.fields))

    def asked(self) -> Asked:
        """For the chronicle."""
        private = self.fields.get(48, {})
        tags: Mapping[str, Value] = private if isinstance(private, Mapping) else {}
        tender = tags.get("DF0C")
        return Asked(
            self.mti,
            str(self.fields.get(3, "")),
            int(str(self.fields.get(4, "0"))),
            self.card,
            None if tender is None else int(str(tender)),
            int(str(tags.get("DF0E", "0"))),
            int(str(tags.get("DF17", "0"))),
        )

    def reversal_fields(self) -> Fields:
        """Fields of the reversal that undoes it, without an identity of its own."""
        kept: Fields = {number: self.fields[number] for number in (3, 12, 13, 41, 42, 49)}
        kept[4] = self.fields.get(4, "000000000000")
        original = OriginalData(self.mti, str(self.fields[11]), str(self.fields[7]))
        kept[90] = original.pack()
        return kept


def told_by(operation: Operation, reply: Message) -> Told:
    """What an answer says."""
    points = credit = None
    if 54 in reply.fields:
        balances = {balance.account_type: balance.amount for balance in unpack_balances(reply.text(54))}
        points, credit = balances.get("91", 0), balances.get("92", 0)
    said = [(number, str(reply.fields.get(number))) for number in _ANSWERED]
    said += [(48, repr(sorted(reply.tags(48).items())))]
    return Told(
        operation.identity,
        operation.mti,
        reply.text(39),
        int(reply.text(37)) if 37 in reply.fields else 0,
        points,
        credit,
        hashlib.blake2b(repr(said).encode(), digest_size=8).digest(),
    )
