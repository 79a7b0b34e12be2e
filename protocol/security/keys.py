"""Keys of terminals and host links, derived from the switch's master key."""

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFCMAC, CounterLocation, Mode

MASTER_KEY_BYTES = 32
TERMINAL_KEY_BYTES = 16
_MAC_LABEL = b"vafa terminal mac"
_PIN_LABEL = b"vafa terminal pin"


def derive_terminal_key(master: bytes, terminal_id: str, generation: int) -> bytes:
    """AES-128 MAC key of one terminal: KDF in counter mode with CMAC (NIST SP 800-108r1 clause 4.1).

    The context is the terminal id and the generation (1–9999): one terminal's key tells nothing of another's,
    and a terminal gets a new key by counting its generation up.
    """
    return _derive(master, _MAC_LABEL, terminal_id, generation)


def derive_terminal_pin_key(master: bytes, terminal_id: str, generation: int) -> bytes:
    """AES-128 key of one terminal's PIN blocks, derived as its MAC key is, under another label."""
    return _derive(master, _PIN_LABEL, terminal_id, generation)


def _derive(master: bytes, label: bytes, terminal_id: str, generation: int) -> bytes:
    if len(master) != MASTER_KEY_BYTES:
        raise ValueError(f"a master key has {MASTER_KEY_BYTES} bytes")
    if not 1 <= generation <= 9999:
        raise ValueError("a key generation is from 1 to 9999")
    derivation = KBKDFCMAC(
        algorithm=AES,
        mode=Mode.CounterMode,
        length=TERMINAL_KEY_BYTES,
        rlen=4,
        llen=4,
        location=CounterLocation.BeforeFixed,
        label=label,
        context=terminal_id.encode("ascii").ljust(8) + generation.to_bytes(2, "big"),
        fixed=None,
    )
    return derivation.derive(master)
