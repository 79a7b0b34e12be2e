"""Secrets that callers show: API keys, access tokens and refresh tokens, all of one shape.

A credential is ``vafa_<id>_<secret>`` with another first word for each kind. The secret has 256 bits from the
system's random source, so a plain SHA-256 of it can be kept: there is nothing to guess. The id only finds the
row.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

_SHAPE = re.compile(r"([a-z]{4,7})_([0-9a-f]{16}|[0-9a-f]{8})_([0-9a-f]{64})", re.ASCII)
_NO_SUCH = bytes(32)
_FAMILY_DIGITS = 32


class CredentialKind(StrEnum):
    """First word of a credential."""

    API_KEY = "vafa"
    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True, repr=False)
class Credential:
    """A credential taken apart; never shown by `repr`."""

    kind: CredentialKind
    credential_id: str
    secret: str

    @property
    def text(self) -> str:
        """What the caller sends."""
        return f"{self.kind}_{self.credential_id}_{self.secret}"

    @property
    def secret_sha256(self) -> bytes:
        """What is kept of the secret."""
        return hashlib.sha256(self.secret.encode()).digest()

    @property
    def family_sha256(self) -> bytes:
        """What is kept of the half that a renewed credential has in common with this one."""
        return hashlib.sha256(self.secret[:_FAMILY_DIGITS].encode()).digest()

    def renewed(self) -> "Credential":
        """A credential in place of this one: 128 of its bits are fresh, the rest tells its descent."""
        return Credential(
            self.kind,
            self.credential_id,
            self.secret[:_FAMILY_DIGITS] + secrets.token_hex(_FAMILY_DIGITS // 2),
        )

    def matches(self, kept_sha256: bytes | None) -> bool:
        """Whether this is the credential of which `kept_sha256` was kept; takes as long where none was."""
        return hmac.compare_digest(kept_sha256 or _NO_SUCH, self.secret_sha256) and kept_sha256 is not None

    def descends_from(self, kept_sha256: bytes | None) -> bool:
        """The same for the common half, of which `kept_sha256` was kept."""
        return hmac.compare_digest(kept_sha256 or _NO_SUCH, self.family_sha256) and kept_sha256 is not None


def new_credential(kind: CredentialKind, credential_id: str | None = None) -> Credential:
    """A fresh credential, where wanted under an id that is there already."""
    if credential_id is None:
        credential_id = secrets.token_hex(4 if kind is CredentialKind.API_KEY else 8)
    return Credential(kind, credential_id, secrets.token_hex(32))


def read_credential(text: str, kind: CredentialKind) -> Credential | None:
    """The credential in `text`, None where it isn't one of this kind."""
    match = _SHAPE.fullmatch(text)
    if match is None or match[1] != kind:
        return None
    return Credential(kind, match[2], match[3])
