"""Signatures of webhooks by Standard Webhooks 1.0.0 (standardwebhooks.com), symmetric scheme.

HMAC-SHA-256 over ``id.timestamp.body``, in base64 behind ``v1,``; several signatures stand side by side while
a secret is being replaced.
"""

import base64
import hmac
import secrets
from collections.abc import Callable, Sequence
from typing import Final

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  (no secret)
SECRET_BYTES: Final = 32  # the scheme wants 24 to 64

ID_HEADER: Final = "webhook-id"
TIMESTAMP_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"


def new_secret(random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """A fresh secret as the integrator gets it."""
    return SECRET_PREFIX + base64.b64encode(random_bytes(SECRET_BYTES)).decode()


def signature_headers(
    secret_texts: Sequence[str], message_id: str, timestamp_s: int, body: bytes
) -> dict[str, str]:
    """The three headers that go with `body`.

    Parameters:
        secret_texts: as `new_secret` gives them; the present one first.
        timestamp_s: epoch seconds of this attempt.
    """
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    signatures = [
        base64.b64encode(
            hmac.digest(base64.b64decode(text.removeprefix(SECRET_PREFIX)), signed, "sha256")
        ).decode()
        for text in secret_texts
    ]
    return {
        ID_HEADER: message_id,
        TIMESTAMP_HEADER: str(timestamp_s),
        SIGNATURE_HEADER: " ".join(f"v1,{signature}" for signature in signatures),
    }
