"""Requests as the authoriser takes them: typed, without wire forms, card numbers replaced by tokens."""

from typing import NamedTuple

from switch.ledger.requests import request_key


class Identity(NamedTuple):
    """What makes a request this one and no other.

    `transmitted_s` is field 7 resolved to UTC seconds; `digest` covers all content but repeat mark and MAC.
    """

    terminal_id: str
    stan: int
    transmitted_s: int
    digest: bytes

    @property
    def key(self) -> int:
        """Key among the requests of its terminal."""
        return request_key(self.transmitted_s, self.stan)


class Inquiry(NamedTuple):
    """Balance inquiry (0100)."""

    identity: Identity
    processing_code: str
    currency: str
    merchant_id: str
    card_token: bytes


class Purchase(NamedTuple):
    """Purchase or redemption (0200); `amount` in minor units of `currency`."""

    identity: Identity
    processing_code: str
    amount: int
    currency: str
    merchant_id: str
    card_token: bytes


class Reversal(NamedTuple):
    """Reversal (0400) of what field 90 names."""

    identity: Identity
    processing_code: str
    amount: int
    currency: str
    merchant_id: str
    original_mti: str
    original_stan: int
    original_s: int


class FileAction(NamedTuple):
    """Change of a record (0300); `card_token` where field 2 names a card."""

    identity: Identity
    action: str
    file_name: str
    card_token: bytes | None
    record: tuple[tuple[str, str], ...]


Request = Inquiry | Purchase | Reversal | FileAction
