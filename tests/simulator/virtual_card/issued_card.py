"""A card of the club as its issuer made it, with a source of challenges that is the same in every run."""

import random
from collections.abc import Callable

from protocol.card_application import keys
from protocol.card_application.records import Balance, Identity
from simulator.virtual_card.application import CardApplication
from simulator.virtual_card.card import SAMPLE_TRANSPORT_KEY, new_card
from simulator.virtual_card.meeting import CardMeeting
from simulator.virtual_card.memory import CardMemory

MASTER = bytes(range(32))
ZONE_KEY = keys.zone_key(MASTER, 7, 2)
OWNER = Identity("6369490000000013", 0, 12, "3012", key_zone=7, key_generation=2)
CARD_KEY = keys.card_key(ZONE_KEY, OWNER.pack())
BALANCE_KEY = keys.balance_key(ZONE_KEY, OWNER.pack())
BALANCE = Balance(1, 500_000, 200_000, "20300115", "00", "364")


def source(seed: int = 0) -> Callable[[int], bytes]:
    """Random bytes from a seed."""
    return random.Random(seed).randbytes


def powered(memory: CardMemory, seed: int = 0) -> CardApplication:
    """The card with this memory, in a reader."""
    card = CardApplication(memory, source(seed))
    card.power_on()
    return card


def issued(owner: Identity = OWNER, *, balance: Balance | None = BALANCE) -> CardMemory:
    """The memory of a personalised card."""
    memory = new_card()
    meeting = CardMeeting(powered(memory).exchange, source(1))
    meeting.select()
    meeting.authenticate(SAMPLE_TRANSPORT_KEY, None)
    card_key = keys.card_key(ZONE_KEY, owner.pack())
    meeting.personalise(owner, card_key, SAMPLE_TRANSPORT_KEY)
    if balance is not None:
        meeting.authenticate(card_key, owner)
        meeting.write_balance(keys.balance_key(ZONE_KEY, owner.pack()), balance)
    return memory


def authenticated(card: CardApplication, owner: Identity = OWNER, seed: int = 2) -> CardMeeting:
    """A meeting in which both have proven themselves."""
    meeting = CardMeeting(card.exchange, source(seed))
    meeting.select()
    meeting.authenticate(keys.card_key(ZONE_KEY, owner.pack()), owner)
    return meeting
