"""What a search looks for, and whether an entry is it.

Most bodies are put aside by the bytes that they would have to hold, without being taken apart: an entry keeps
numbers big-endian and texts as they are, whatever its kind.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from protocol.dialect import FileName, Tag
from switch.journal.entries import (
    Entry,
    FileActionEntry,
    ForwardedEntry,
    MaintenanceEntry,
    ReconciliationEntry,
    RecordTags,
    TransactionEntry,
    Transfer,
)
from switch.journal.format import RawEntry
from switch.ledger.accounts import PURSE_MASK, account_number
from switch.ledger.requests import request_key
from switch.rules.outcome import Party

ALWAYS_MS: Final = (1 << 63) - 1
_TERMINAL_BYTES = 8
_RRN_FIELD = 37
_OWNER = ~PURSE_MASK

Needles = tuple[bytes, ...]
_Identified = TransactionEntry | FileActionEntry | ReconciliationEntry | ForwardedEntry


class Card(NamedTuple):
    """A card by its token, by the club's reference of it, or by both; empty and None where unknown."""

    token: bytes = b""
    reference: int | None = None


class Criteria(NamedTuple):
    """Everything that is given must hold; what is empty or None isn't asked.

    `stan` is only asked together with `terminal_id`. `key_max` leaves out later requests of the terminal (see
    `request_key`). A member's are also the entries that move the member's purses or change the record.
    Times are epoch milliseconds of the switch's clock, the last one excluded.
    """

    terminal_id: str = ""
    stan: int | None = None
    key_max: int | None = None
    card: Card | None = None
    member_number: int | None = None
    partner_rrn: str = ""
    from_ms: int = 0
    until_ms: int = ALWAYS_MS

    @property
    def has_span(self) -> bool:
        """Whether a time was given."""
        return self.from_ms > 0 or self.until_ms < ALWAYS_MS

    @property
    def is_rare(self) -> bool:
        """Whether most bodies can be put aside unread."""
        return bool(_needles(self))

    def candidates(self, entries: Iterable[RawEntry]) -> list[RawEntry]:
        """Those whose bytes hold what they would have to hold."""
        found = list(entries)
        for needles in _needles(self):
            found = [raw for raw in found if any(needle in raw.body for needle in needles)]
        return found

    def holds_for(self, entry: Entry) -> bool:
        """Whether an entry is what is looked for; forwarded ones must be unpacked with their reply."""
        if not self.from_ms <= entry.at_ms < self.until_ms:
            return False
        return (
            self._is_of_terminal(entry)
            and (self.card is None or _is_of_card(entry, self.card))
            and (self.member_number is None or _is_of_member(entry, self.member_number))
            and (not self.partner_rrn or _partner_rrn(entry) == self.partner_rrn)
        )

    def _is_of_terminal(self, entry: Entry) -> bool:
        if not self.terminal_id:
            return True
        if not isinstance(entry, _Identified) or entry.terminal_id != self.terminal_id:
            return False
        if self.stan is not None and entry.stan != self.stan:
            return False
        return self.key_max is None or request_key(entry.transmitted_s, entry.stan) <= self.key_max


def _needles(criteria: Criteria) -> list[Needles]:
    """One needle of each of these is in every body that is looked for."""
    found: list[Needles] = []
    if criteria.terminal_id:
        needle = criteria.terminal_id.encode("ascii").ljust(_TERMINAL_BYTES, b"\0")
        if criteria.stan is not None:
            needle += criteria.stan.to_bytes(4, "big")
        found.append((needle,))
    if criteria.card is not None:
        token, reference = criteria.card
        of_reference = () if reference is None else _number_needles(Party.GIFT_CARD, reference)
        found.append(((token,) if token else ()) + of_reference)
    if criteria.member_number is not None:
        found.append(_number_needles(Party.MEMBER, criteria.member_number))
    if criteria.partner_rrn:
        found.append((criteria.partner_rrn.encode("ascii"),))
    return found


def _number_needles(kind: Party, number: int) -> Needles:
    """A number as a figure, as the owner of an account, and as the text of a record's tag."""
    account = account_number(kind, number, 0).to_bytes(8, "big")
    return number.to_bytes(8, "big"), account[:-1], b"%012d" % number


def _is_of_card(entry: Entry, card: Card) -> bool:
    if isinstance(entry, TransactionEntry):
        return (
            (card.reference is not None and entry.card_reference == card.reference)
            or _moves(entry.transfers, Party.GIFT_CARD, card.reference)
            or any(
                _names_card(change.file_name, change.card_token, change.record, card)
                for change in entry.record_changes
            )
        )
    if isinstance(entry, FileActionEntry):
        return _names_card(entry.file_name, entry.card_token, entry.record, card)
    return isinstance(entry, MaintenanceEntry) and _moves(entry.transfers, Party.GIFT_CARD, card.reference)


def _is_of_member(entry: Entry, number: int) -> bool:
    if isinstance(entry, TransactionEntry):
        return (
            entry.member_number == number
            or _moves(entry.transfers, Party.MEMBER, number)
            or any(_number(change.record, Tag.MEMBER_NUMBER) == number for change in entry.record_changes)
        )
    if isinstance(entry, FileActionEntry):
        return _number(entry.record, Tag.MEMBER_NUMBER) == number
    return isinstance(entry, MaintenanceEntry) and _moves(entry.transfers, Party.MEMBER, number)


def _partner_rrn(entry: Entry) -> str | None:
    return dict(entry.reply_fields).get(_RRN_FIELD) if isinstance(entry, ForwardedEntry) else None


def _moves(transfers: Iterable[Transfer], kind: Party, number: int | None) -> bool:
    """Whether a transfer is from or to an account of this owner, whatever the purse."""
    if number is None:
        return False
    owner = account_number(kind, number, 0)
    return any(owner in (transfer.debit & _OWNER, transfer.credit & _OWNER) for transfer in transfers)


def _names_card(file_name: str, token: bytes, record: RecordTags, card: Card) -> bool:
    if file_name != FileName.CARD:
        return False
    if card.token and token == card.token:
        return True
    return card.reference is not None and _number(record, Tag.CARD_REFERENCE) == card.reference


def _number(record: RecordTags, tag: Tag) -> int | None:
    value = dict(record).get(tag)
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else None
