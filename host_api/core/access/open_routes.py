"""The only routes of the API that ask for no permission, by method and path below /v1. A test holds it so."""

from typing import Final

# Served to whoever asks; they find out who it is.
OPEN_TO_ANYBODY: Final = frozenset({("POST", "/auth/token")})

# Served to every caller with a valid credential, about himself only.
OPEN_TO_EVERY_CALLER: Final = frozenset(
    {
        ("GET", "/auth/me"),
        ("GET", "/auth/logins"),
        ("DELETE", "/auth/logins/{login_id}"),
        ("POST", "/auth/logout"),
        ("POST", "/auth/password"),
        ("POST", "/auth/totp"),
        ("POST", "/auth/totp/confirmation"),
        ("POST", "/auth/totp/removal"),
    }
)
