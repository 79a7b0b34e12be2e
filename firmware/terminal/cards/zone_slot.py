"""The keys of the cards of one zone: where a card is verified, and its balance signed.

The slot works with the zone's key, never with the master key that it came from, and gives out checks and
yes or no, never a key. So the whole of it may as well live in a secure element: its interface is that of one.
"""

from terminal.cards import layout
from terminal.cards.fault import CardFault
from terminal.messages.cmac import CmacKey, equal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from terminal.hal.contract import MacKey, SecureSlot

    class CardSlot(Protocol):
        """What a terminal needs of a slot, in software or in a secure element behind a reader of its own."""

        zone: int
        generation: int

        async def challenge(self) -> bytes:
            """A new challenge of 16 bytes, good for one `verify`."""

        async def verify(self, identity: bytes, answer: bytes) -> bytes:
            """Check a card's answer; returns the proof that the card asks for. A session is open then.

            Raises:
                CardFault: not_genuine.
            """

        async def command_check(self, header: bytes, data: bytes) -> bytes:
            """8 bytes over the session's next command."""

        async def response_holds(self, data: bytes, status: int, check: bytes) -> bool:
            """Whether the card itself gave this answer to that command."""

        async def sign(self, content: bytes) -> bytes:
            """8 bytes over a balance of the card in session."""

        async def signed(self, record: bytes) -> bool:
            """Whether a balance record is signed for the card in session."""

        def close(self) -> None:
            """Forget the session."""


_KEY_BITS = b"\x00\x00\x00\x80"


class ZoneSlot:
    """A CardSlot over a key slot of the board that holds the zone's key.

    Args:
        zone, generation: whose key it is.
        key: the zone's key, in use and never read.
        random: gives a number from 0 to its argument less one, from the hardware's source.
    """

    def __init__(self, zone: int, generation: int, key: "SecureSlot", random: "Callable[[int], int]") -> None:
        self.zone = zone
        self.generation = generation
        self._key = key
        self._random = random
        self._challenge = b""
        self._session: "MacKey | None" = None
        self._balance: "MacKey | None" = None
        self._number = 0

    async def challenge(self) -> bytes:
        """A new challenge; any session is over."""
        self.close()
        self._challenge = bytes(self._random(256) for _ in range(layout.CHALLENGE_BYTES))
        return self._challenge

    async def verify(self, identity: bytes, answer: bytes) -> bytes:
        """Check the answer to the last challenge. Raises CardFault("not_genuine")."""
        challenge = self._challenge
        self.close()
        meant = layout.CHALLENGE_BYTES + layout.SESSION_COUNTER_BYTES
        if (
            not challenge
            or len(answer) != meant + layout.CHECK_BYTES
            or len(identity) != layout.IDENTITY_BYTES
        ):
            raise CardFault("not_genuine")
        context = challenge + answer[:meant]
        diversifier = identity[layout.DIVERSIFIER_FROM : layout.DIVERSIFIER_TO]
        card = self._key.derive(_fixed_input(layout.CARD_KEY_LABEL, diversifier))
        if not equal(_check(card, layout.ANSWER_LABEL + context + identity), answer[meant:]):
            raise CardFault("not_genuine")
        # The first block of the KDF, as `derive` of a slot makes it; 16 bytes need no second.
        fixed_input = b"\x00\x00\x00\x01" + _fixed_input(layout.SESSION_KEY_LABEL, context)
        self._session = CmacKey(card.cmac(fixed_input, len(fixed_input)))
        self._balance = self._key.derive(_fixed_input(layout.BALANCE_KEY_LABEL, diversifier))
        self._number = 0
        return _check(card, layout.PROOF_LABEL + context + identity)

    async def command_check(self, header: bytes, data: bytes) -> bytes:
        """The check of the next command. Raises CardFault("refused") without a session."""
        self._number += 1
        number = self._number.to_bytes(4, "big")
        return _check(self._open(self._session), layout.COMMAND_LABEL + number + header + data)

    async def response_holds(self, data: bytes, status: int, check: bytes) -> bool:
        """Whether the check is that of the answer to the last command."""
        text = layout.RESPONSE_LABEL + self._number.to_bytes(4, "big") + data + status.to_bytes(2, "big")
        return equal(_check(self._open(self._session), text), check)

    async def sign(self, content: bytes) -> bytes:
        """The signature of a balance."""
        return _check(self._open(self._balance), content)

    async def signed(self, record: bytes) -> bool:
        """Whether a record's signature is good."""
        end = len(record) - layout.CHECK_BYTES
        return end > 0 and equal(_check(self._open(self._balance), record[:end]), record[end:])

    def close(self) -> None:
        """Forget the session's keys and the challenge."""
        self._challenge = b""
        self._session = None
        self._balance = None

    @staticmethod
    def _open(key: "MacKey | None") -> "MacKey":
        if key is None:
            raise CardFault("refused")
        return key


def _check(key: "MacKey", text: bytes) -> bytes:
    return key.cmac8(text, len(text))


def _fixed_input(label: bytes, context: bytes) -> bytes:
    return label + b"\x00" + context + _KEY_BITS
