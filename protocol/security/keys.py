"""Keys of terminals and host links, derived from the switch's master key."""

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFCMAC, CounterLocation, Mode

MASTER_KEY_BYTES = 32
TERMINAL_KEY_BYTES = 16
_LABEL = b"vafa terminal mac"


def derive_terminal_key(master: bytes, terminal_id: str, generation: int) -> bytes:
    """AES-128 MAC key of one terminal: KDF in counter mode with CMAC (NIST SP 800-108r1 clause 4.1).

    The context is the terminal id and the generation (1–9999): one terminal's key tells nothing of another's,
    and a terminal gets a new key by counting its generation up.
    """
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
        label=_LABEL,
        context=terminal_id.encode("ascii").ljust(8) + generation.to_bytes(2, "big"),
        fixed=None,
    )
    return derivation.derive(master)
