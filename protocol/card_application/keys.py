"""Keys of cards: the card master key, one key for each zone, two for each card.

    card master key (issuer)
      └ zone key (the secure slot of the zone's terminals)
          ├ card key (the card): proves the card to the terminal and the terminal to the card
          └ balance key (nowhere): signs the card's offline record

Each is derived by KDF in counter mode with AES-CMAC (NIST SP 800-108r1 clause 4.1). No card holds the key
that signs its balance, no terminal the master key.
"""

from protocol.card_application.layout import (
    BALANCE_KEY_LABEL,
    CARD_KEY_LABEL,
    DIVERSIFIER,
    IDENTITY_BYTES,
    KEY_BYTES,
    SESSION_KEY_LABEL,
    WRAPPING_KEY_LABEL,
    ZONE_KEY_LABEL,
)
from protocol.security.session_keys import derive_in_counter_mode

MASTER_KEY_BYTES = 32


def zone_key(master: bytes, zone: int, generation: int) -> bytes:
    """The key of a zone (0-65535) in a generation (0-255). Raises ValueError."""
    if len(master) != MASTER_KEY_BYTES:
        raise ValueError(f"a card master key has {MASTER_KEY_BYTES} bytes")
    if not 0 <= zone <= 0xFFFF or not 0 <= generation <= 0xFF:
        raise ValueError("a key zone is from 0 to 65535, a generation from 0 to 255")
    return _derive(master, ZONE_KEY_LABEL, zone.to_bytes(2) + generation.to_bytes(1))


def card_key(zone: bytes, identity: bytes) -> bytes:
    """The key in the card whose identity record this is, from its zone's key."""
    return _derive(zone, CARD_KEY_LABEL, _diversifier(identity))


def balance_key(zone: bytes, identity: bytes) -> bytes:
    """The key that signs this card's balance, from its zone's key."""
    return _derive(zone, BALANCE_KEY_LABEL, _diversifier(identity))


def session_key(card: bytes, context: bytes) -> bytes:
    """The key of one meeting of card and terminal; `context` is both challenges and the session counter."""
    return _derive(card, SESSION_KEY_LABEL, context)


def wrapping_key(card: bytes, context: bytes) -> bytes:
    """The key under which a new card is given its card key; `context` as for the session."""
    return _derive(card, WRAPPING_KEY_LABEL, context)


def _diversifier(identity: bytes) -> bytes:
    if len(identity) != IDENTITY_BYTES:
        raise ValueError("an identity record has another length")
    return identity[DIVERSIFIER]


def _derive(key: bytes, label: bytes, context: bytes) -> bytes:
    fixed_input = label + b"\x00" + context + (8 * KEY_BYTES).to_bytes(4)
    return derive_in_counter_mode(key, fixed_input, KEY_BYTES)
