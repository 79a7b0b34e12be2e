"""One meeting of card and terminal: the mutual proof, and the checks on what follows.

1. The terminal sends a challenge. The card counts its session counter up, on its memory, before it answers
   with a challenge of its own, the counter and `answer_check`: only the card that holds the key can say it,
   and no answer fits another challenge.
2. The terminal answers with `proof_check` over both challenges.
3. Both derive the session's key. Every further command carries a check over its number in the session, its
   header and data; every answer one over the same number, its data and its status.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.constant_time import bytes_eq

from protocol.card_application import keys
from protocol.card_application.layout import (
    ANSWER_LABEL,
    CHALLENGE_BYTES,
    CHECK_BYTES,
    COMMAND_LABEL,
    IDENTITY_BYTES,
    PROOF_LABEL,
    RESPONSE_LABEL,
    SESSION_COUNTER_BYTES,
)
from protocol.security.mac import Mac

# A card that has not been personalised proves itself with its transport key and this in place of an identity.
BLANK_IDENTITY = b"\xff" * IDENTITY_BYTES
ANSWER_BYTES = CHALLENGE_BYTES + SESSION_COUNTER_BYTES + CHECK_BYTES


@dataclass(frozen=True, slots=True)
class Meeting:
    """What both sides know of a meeting: both challenges, the card's counter and its identity."""

    challenge: bytes
    card_challenge: bytes
    counter: int
    identity: bytes

    @property
    def context(self) -> bytes:
        """Both challenges and the counter: no two meetings share it."""
        return self.challenge + self.card_challenge + self.counter.to_bytes(SESSION_COUNTER_BYTES)


def answer_check(card_key: bytes, meeting: Meeting) -> bytes:
    """The card's proof, 8 bytes; it covers the whole identity record."""
    return Mac(card_key).sign(ANSWER_LABEL + meeting.context + meeting.identity)


def proof_check(card_key: bytes, meeting: Meeting) -> bytes:
    """The terminal's proof, 8 bytes."""
    return Mac(card_key).sign(PROOF_LABEL + meeting.context + meeting.identity)


def signed_balance(balance_key: bytes, content: bytes) -> bytes:
    """A balance record as it lies on the card: its content and 8 bytes of MAC."""
    return content + Mac(balance_key).sign(content)


def balance_is_signed(balance_key: bytes, record: bytes) -> bool:
    """Whether the record's MAC is its issuer's."""
    return Mac(balance_key).verify(record)


class SecureMessages:
    """The checks of one session, for either side. Commands are counted from 1."""

    def __init__(self, card_key: bytes, meeting: Meeting) -> None:
        self._mac = Mac(keys.session_key(card_key, meeting.context))
        self._number = 0

    def command_check(self, header: bytes, data: bytes) -> bytes:
        """8 bytes over CLA, INS, P1, P2 and the data of the next command."""
        self._number += 1
        return self._mac.sign(COMMAND_LABEL + self._number.to_bytes(4) + header + data)

    def response_check(self, data: bytes, status: int) -> bytes:
        """8 bytes over the answer to the command that was last checked."""
        return self._mac.sign(RESPONSE_LABEL + self._number.to_bytes(4) + data + status.to_bytes(2))


def equal(left: bytes, right: bytes) -> bool:
    """Whether two checks are the same, in a time that does not tell where they differ."""
    return bytes_eq(left, right)
