"""One-time codes of an authenticator app (TOTP, RFC 6238 on HOTP, RFC 4226), and recovery codes for its loss.

The arithmetic is cryptography's; what is ours is the window, the memory against replay and the spare codes.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from host_api.core.persian_text import fold_digits

SECRET_BYTES: Final = 20  # RFC 4226, section 4, R6
DIGITS: Final = 6
STEP_S: Final = 30
RECOVERY_CODES: Final = 10

_STEPS_AROUND: Final = 1
_RECOVERY_BYTES: Final = 10  # 80 bits: nothing to guess, so a plain SHA-256 may be kept
_RECOVERY_GROUP: Final = 4
_SEPARATORS: Final = str.maketrans("", "", " -\u200e\u200f\u200c")
_LONGEST_WRITTEN: Final = 40
# What people read for letters that base 32 has (RFC 4648, section 6).
_MISREAD: Final = str.maketrans("018", "OIB")

RandomBytes = Callable[[int], bytes]


def new_totp_secret(random_bytes: RandomBytes) -> bytes:
    """A fresh secret of 160 bits, shared with one authenticator; kept encrypted."""
    return random_bytes(SECRET_BYTES)


def totp_secret_text(secret: bytes) -> str:
    """`secret` as it is typed where no QR code can be scanned: base 32 in groups of four."""
    return _grouped(base64.b32encode(secret).decode())


def totp_uri(secret: bytes, *, account: str, issuer: str) -> str:
    """What the QR code holds: an ``otpauth://totp/`` URI in the Key Uri Format. It holds the secret."""
    # The app of most phones ignores other hashes, lengths and steps, so there is nothing to choose.
    return TOTP(secret, DIGITS, SHA1(), STEP_S).get_provisioning_uri(account, issuer)  # noqa: S303


def hotp_code(secret: bytes, counter: int) -> str:
    """The six digits of one counter (RFC 4226, section 5.3)."""
    return HOTP(secret, DIGITS, SHA1()).generate(counter).decode()  # noqa: S303


def verify_totp(secret: bytes, code: str, *, now_s: int, last_used_step: int | None) -> int | None:
    """The time step to which `code` belongs, or None where it is wrong or was used before.

    The caller stores the step with the login, in one transaction and only over a smaller one: so a code works
    once (RFC 6238, section 5.2), and none before it works any more.

    Parameters:
        code: as typed; spaces and Persian digits are accepted.
        now_s: seconds since the epoch. One step to either side is accepted for clocks that differ.
        last_used_step: what was stored last.
    """
    typed = fold_digits(code[:_LONGEST_WRITTEN]).translate(_SEPARATORS)
    if len(typed) != DIGITS or not typed.isascii() or not typed.isdigit():
        return None
    now_step = now_s // STEP_S
    found = None
    # All steps are compared, so the time taken doesn't tell which one fitted.
    for step in range(max(0, now_step - _STEPS_AROUND), now_step + _STEPS_AROUND + 1):
        fits = hmac.compare_digest(hotp_code(secret, step), typed)
        if fits and (last_used_step is None or step > last_used_step):
            found = step
    return found


def new_recovery_codes(random_bytes: RandomBytes) -> list[str]:
    """Ten fresh codes, shown once; each opens once in place of an authenticator's code."""
    return [_grouped(base64.b32encode(random_bytes(_RECOVERY_BYTES)).decode()) for _ in range(RECOVERY_CODES)]


def recovery_code_sha256(code: str) -> bytes:
    """What to keep of a recovery code; however it is typed, the same code gives the same 32 bytes."""
    typed = fold_digits(code[:_LONGEST_WRITTEN]).translate(_SEPARATORS).upper().translate(_MISREAD)
    return hashlib.sha256(typed.encode(errors="replace")).digest()


def matching_recovery_code(code: str, kept_sha256: Iterable[bytes]) -> bytes | None:
    """The kept hash that `code` fits, to be deleted with the login; None where it fits none."""
    wanted = recovery_code_sha256(code)
    found = None
    for kept in kept_sha256:
        if hmac.compare_digest(kept, wanted):
            found = kept
    return found


def _grouped(text: str) -> str:
    return " ".join(text[place : place + _RECOVERY_GROUP] for place in range(0, len(text), _RECOVERY_GROUP))
