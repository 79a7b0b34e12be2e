"""One-time codes of an authenticator app: TOTP, RFC 6238, on HOTP, RFC 4226."""

import hmac
import unicodedata
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SECRET_BYTES: Final = 20  # RFC 4226, section 4, R6
DIGITS: Final = 6
STEP_S: Final = 30

# For clocks that differ, and for people who type slowly.
_STEPS_AROUND: Final = 1
_WRITTEN_MAX: Final = 32
_ISSUER: Final = "Vafa"


def code_of(secret: bytes, step: int) -> str:
    """The digits of a time step."""
    # Most apps know no other hash.
    return HOTP(secret, DIGITS, SHA1()).generate(step).decode()  # noqa: S303


def code_uri(secret: bytes, name: str) -> str:
    """What an app scans: an otpauth URI. It holds the secret."""
    return TOTP(secret, DIGITS, SHA1(), STEP_S).get_provisioning_uri(name, _ISSUER)  # noqa: S303


def matching_step(secret: bytes, typed: str, now_s: int, last_used_step: int) -> int | None:
    """The time step of a typed code; None where it fits none, or only one that was used up.

    Parameters:
        typed: spaces and digits of any script are taken.
        now_s: seconds since 1970.
        last_used_step: codes up to this step open nothing any more (RFC 6238, section 5.2).
    """
    plain = plain_code(typed)
    if len(plain) != DIGITS:
        return None
    found = None
    # All are compared, so that the time taken doesn't tell which one fitted.
    for step in range(now_s // STEP_S - _STEPS_AROUND, now_s // STEP_S + _STEPS_AROUND + 1):
        if hmac.compare_digest(code_of(secret, max(0, step)), plain) and step > last_used_step:
            found = step
    return found


def plain_code(typed: str) -> str:
    """What was typed, as ASCII digits; empty for anything else."""
    digits = [unicodedata.digit(each, -1) for each in typed[:_WRITTEN_MAX] if not each.isspace()]
    return "" if -1 in digits else "".join(map(str, digits))
