"""A member's card as a program holds it: its number, its stripe and its chip."""

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator

from protocol.card_application import keys
from protocol.card_application.records import Balance, Identity
from simulator.virtual_card.application import CardApplication
from simulator.virtual_card.card import SAMPLE_MASTER_KEY, SAMPLE_TRANSPORT_KEY, new_card
from simulator.virtual_card.chip import ChipTraits, VirtualChip
from simulator.virtual_card.meeting import CardMeeting
from simulator.virtual_card.vpcd import DEFAULT_PORT, insert, serve
from simulator.virtual_terminal.card import Card

_SERVED_TIMEOUT_S = 5.0


class VirtualCard:
    """A card with stripe and chip, personalised with sample keys: worth nothing anywhere.

    Args:
        number: 12 to 19 digits with the check digit.
        member_number: whose card the chip says that it is.
        expiry: YYMM, of stripe and chip.
        balance: what may be spent offline, on the chip.
        random_bytes: the chip's source of challenges.
    """

    def __init__(
        self,
        number: str,
        *,
        member_number: int = 1,
        expiry: str = "3012",
        zone: int = 1,
        generation: int = 1,
        balance: Balance | None = None,
        master_key: bytes = SAMPLE_MASTER_KEY,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.number = number
        self.member_number = member_number
        self.stripe = Card(number, expiry)
        self.application = CardApplication(new_card(), random_bytes)
        self._personalise(
            Identity(number, 0, member_number, expiry, zone, generation), balance, master_key, random_bytes
        )

    def __repr__(self) -> str:
        return f"VirtualCard(of member {self.member_number})"

    @property
    def track2(self) -> str:
        """The characters between the sentinels (ISO/IEC 7813), as field 35 has them."""
        return self.stripe.track2

    def transmit(self, command: bytes) -> bytes:
        """A command APDU to the powered card, and its response APDU (ISO/IEC 7816-4)."""
        return self.application.exchange(command)

    def chip(self, traits: ChipTraits | None = None) -> VirtualChip:
        """The contacts, for the chip slot of a virtual terminal."""
        return VirtualChip(self.application, traits)

    @contextlib.contextmanager
    def in_reader(self, port: int = DEFAULT_PORT) -> Iterator[None]:
        """Lie in the virtual PC/SC reader `vpcd` at this port: every PC/SC program sees the card meanwhile.

        Raises:
            OSError: there is no such reader.
        """
        line = insert(port)
        served = threading.Thread(target=serve, args=(self.application, line), daemon=True)
        served.start()
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            served.join(_SERVED_TIMEOUT_S)

    def _personalise(
        self,
        identity: Identity,
        balance: Balance | None,
        master_key: bytes,
        random_bytes: Callable[[int], bytes],
    ) -> None:
        zone_key = keys.zone_key(master_key, identity.key_zone, identity.key_generation)
        card_key = keys.card_key(zone_key, identity.pack())
        meeting = CardMeeting(self.application.exchange, random_bytes)
        self.application.power_on()
        meeting.select()
        meeting.authenticate(SAMPLE_TRANSPORT_KEY, None)
        meeting.personalise(identity, card_key, SAMPLE_TRANSPORT_KEY)
        if balance is not None:
            meeting.authenticate(card_key, identity)
            meeting.write_balance(keys.balance_key(zone_key, identity.pack()), balance)
        self.application.power_off()
