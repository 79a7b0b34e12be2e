"""Keys of terminals and host links, derived from the switch's master key."""

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFCMAC, CounterLocation, Mode

from protocol.security.dukpt import INITIAL_KEY_ID_BYTES, derive_initial_key

MASTER_KEY_BYTES = 32
TERMINAL_KEY_BYTES = 16
_GENERATION_BYTES = 4
_MAC_LABEL = b"vafa terminal mac"
_PIN_LABEL = b"vafa terminal pin"
_DUKPT_LABEL = b"vafa terminal dukpt"


def derive_terminal_key(master: bytes, terminal_id: str, generation: int) -> bytes:
    """AES-128 MAC key of one terminal: KDF in counter mode with CMAC (NIST SP 800-108r1 clause 4.1).

    The context is the terminal id and the generation (1–9999): one terminal's key tells nothing of another's,
    and a terminal gets a new key by counting its generation up.
    """
    return _derive(master, _MAC_LABEL, terminal_id, generation)


def derive_terminal_pin_key(master: bytes, terminal_id: str, generation: int) -> bytes:
    """AES-128 key of PIN blocks without a key serial number, as hosts send them; by another label."""
    return _derive(master, _PIN_LABEL, terminal_id, generation)


def derive_dukpt_base_key(master: bytes, terminal_id: str, generation: int) -> bytes:
    """AES-128 base key from which one terminal's initial DUKPT keys come; by a third label."""
    return _derive(master, _DUKPT_LABEL, terminal_id, generation)


def derive_initial_pin_key(
    master: bytes, terminal_id: str, generation: int, injection: bytes
) -> tuple[bytes, bytes]:
    """The initial DUKPT key to be injected into one terminal, and its id.

    Args:
        master: the switch's.
        terminal_id: up to 8 characters.
        generation: of the terminal's keys, 1 to 9999.
        injection: 4 bytes, other ones for every injection, so that no key is ever used again.
    """
    if len(injection) != INITIAL_KEY_ID_BYTES - _GENERATION_BYTES:
        raise ValueError("an injection is named by 4 bytes")
    key_id = generation.to_bytes(_GENERATION_BYTES) + injection
    return derive_initial_key(derive_dukpt_base_key(master, terminal_id, generation), key_id), key_id


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
