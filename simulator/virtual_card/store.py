"""What a card keeps without power: key and identity, counters, and two records of the offline balance."""

from dataclasses import dataclass, field

from protocol.card_application.layout import (
    BALANCE_RECORD_BYTES,
    BALANCE_RECORDS,
    IDENTITY_BYTES,
    KEY_BYTES,
    PROOF_TRIES,
    SESSION_COUNTER_BYTES,
)
from protocol.card_application.records import counter_of
from protocol.card_application.session import BLANK_IDENTITY
from simulator.virtual_card.memory import CardMemory, CheckedCell, TwinCell

_PERSON_BYTES = IDENTITY_BYTES + KEY_BYTES
_COUNTERS_BYTES = SESSION_COUNTER_BYTES + 1
_COUNTERS_AT = TwinCell.room(_PERSON_BYTES)
_BALANCES_AT = _COUNTERS_AT + TwinCell.room(_COUNTERS_BYTES)
_BALANCE_ROOM = CheckedCell.room(BALANCE_RECORD_BYTES)
_TRANSPORT_KEY_AT = _BALANCES_AT + BALANCE_RECORDS * _BALANCE_ROOM
MEMORY_BYTES = _TRANSPORT_KEY_AT + CheckedCell.room(KEY_BYTES)


@dataclass(frozen=True, slots=True)
class Counters:
    """Sessions so far, and how many wrong proofs the card still bears."""

    sessions: int = 0
    tries: int = PROOF_TRIES


@dataclass(frozen=True, slots=True)
class Person:
    """The active key and the identity that is proven with it."""

    identity: bytes
    key: bytes = field(repr=False)


def blank_content(transport_key: bytes) -> bytes:
    """The memory of a card as it comes from its maker."""
    memory = CardMemory(b"\xff" * MEMORY_BYTES)
    CheckedCell(memory, _TRANSPORT_KEY_AT, KEY_BYTES).write(transport_key)
    return memory.content


class CardStore:
    """The card's memory, read afresh at each use, for it may have been torn."""

    def __init__(self, memory: CardMemory) -> None:
        self.memory = memory
        self._person = TwinCell(memory, 0, _PERSON_BYTES)
        self._counters = TwinCell(memory, _COUNTERS_AT, _COUNTERS_BYTES)
        self._balances = tuple(
            CheckedCell(memory, _BALANCES_AT + place * _BALANCE_ROOM, BALANCE_RECORD_BYTES)
            for place in range(BALANCE_RECORDS)
        )
        self._transport_key = CheckedCell(memory, _TRANSPORT_KEY_AT, KEY_BYTES)

    @property
    def is_personalised(self) -> bool:
        """Whether the card belongs to somebody."""
        return self._person.read() is not None

    def person(self) -> Person | None:
        """The active key and identity: before personalisation the transport key. None: damaged."""
        content = self._person.read()
        if content is not None:
            return Person(content[:IDENTITY_BYTES], content[IDENTITY_BYTES:])
        transport_key = self._transport_key.read()
        return Person(BLANK_IDENTITY, transport_key) if transport_key is not None else None

    def personalise(self, identity: bytes, key: bytes) -> None:
        """Give the card its owner, once."""
        self._person.write(identity + key)

    @property
    def counters(self) -> Counters:
        """The counters, which are written before what they count happens."""
        content = self._counters.read()
        if content is None:
            return Counters()
        return Counters(int.from_bytes(content[:SESSION_COUNTER_BYTES]), content[SESSION_COUNTER_BYTES])

    @counters.setter
    def counters(self, counters: Counters) -> None:
        content = counters.sessions.to_bytes(SESSION_COUNTER_BYTES) + bytes((counters.tries,))
        self._counters.write(content)

    def balance(self, number: int) -> bytes | None:
        """Record 1 or 2, or None if it is empty or torn."""
        return self._balances[number - 1].read()

    def newest_balance(self) -> tuple[int, int]:
        """Number and counter of the whole record with the higher counter; (0, 0) if there is none."""
        newest = (0, 0)
        for number in range(1, BALANCE_RECORDS + 1):
            record = self.balance(number)
            counter = counter_of(record) if record is not None else None
            if counter is not None and counter > newest[1]:
                newest = (number, counter)
        return newest

    def write_balance(self, number: int, record: bytes) -> None:
        """Replace record 1 or 2."""
        self._balances[number - 1].write(record)
