"""Cards and members column by column: what a snapshot has of them."""

import sys
from array import array
from collections.abc import Iterator, Sequence
from itertools import starmap
from typing import NamedTuple

from switch.ledger.records import SET_BYTES, CardRecord, MemberRecord, Status

TOKEN_BYTES = 16

_STATUSES = {ord(status): status for status in Status}


class Words(NamedTuple):
    """Texts of which there are few: each once, and which one it is of each record."""

    texts: Sequence[str]
    places: "array[int]"

    def of_records(self) -> list[str]:
        """The text of each record. Raises IndexError."""
        texts = [sys.intern(text) for text in self.texts]
        return [texts[place] for place in self.places]


class Sets(NamedTuple):
    """Bits of segments or agreements, as `Words` has texts: SET_BYTES each, big-endian."""

    contents: bytes
    places: "array[int]"

    def of_records(self) -> list[int]:
        """The bits of each record. Raises IndexError."""
        sizes = [SET_BYTES] * (len(self.contents) // SET_BYTES)
        bits = [int.from_bytes(content, "big") for content in pieces(self.contents, sizes)]
        return [bits[place] for place in self.places]


class CardColumns(NamedTuple):
    """Cards: tokens and PIN checks stand one behind the other. Each status is its letter's number."""

    tokens: bytes
    references: "array[int]"
    member_numbers: "array[int]"
    card_types: Words
    statuses: "array[int]"
    expires_on: "array[int]"
    pin_check_sizes: "array[int]"
    pin_checks: bytes


class MemberColumns(NamedTuple):
    """Members without their texts; names (UTF-8) are joined. Each status is its letter's number."""

    numbers: "array[int]"
    name_sizes: "array[int]"
    names: bytes
    tiers: Words
    statuses: "array[int]"
    groups: Words
    organisations: Words
    segments: Sets
    agreements: Sets
    enrolled_on: "array[int]"
    born_on: "array[int]"
    introducers: "array[int]"
    introduced_until: "array[int]"
    households: "array[int]"
    risk_classes: Words
    club_levels: Words
    enrol_channels: Words


def cards_of(columns: CardColumns) -> Iterator[tuple[bytes, CardRecord]]:
    """Tokens and records. Raises KeyError, IndexError or ValueError for columns that don't fit."""
    tokens = pieces(columns.tokens, [TOKEN_BYTES] * len(columns.references))
    records = map(
        CardRecord._make,
        zip(
            columns.references,
            columns.member_numbers,
            columns.card_types.of_records(),
            [_STATUSES[status] for status in columns.statuses],
            columns.expires_on,
            pieces(columns.pin_checks, columns.pin_check_sizes),
            strict=True,
        ),
    )
    return zip(tokens, records, strict=True)


def members_of(columns: MemberColumns) -> Iterator[tuple[int, MemberRecord]]:
    """Numbers and records. Raises KeyError, IndexError or ValueError for columns that don't fit."""
    records = starmap(
        MemberRecord,
        zip(
            columns.numbers,
            [name.decode() for name in pieces(columns.names, columns.name_sizes)],
            columns.tiers.of_records(),
            [_STATUSES[status] for status in columns.statuses],
            columns.groups.of_records(),
            columns.organisations.of_records(),
            columns.segments.of_records(),
            columns.agreements.of_records(),
            columns.enrolled_on,
            columns.born_on,
            columns.introducers,
            columns.introduced_until,
            columns.households,
            columns.risk_classes.of_records(),
            columns.club_levels.of_records(),
            columns.enrol_channels.of_records(),
            strict=True,
        ),
    )
    return zip(columns.numbers, records, strict=True)


def pieces(joined: bytes, sizes: Sequence[int]) -> list[bytes]:
    """What stands one behind the other, apart. ValueError where sizes don't sum up to it."""
    if sum(sizes) != len(joined):
        raise ValueError("sizes don't sum up")
    found, start = [], 0
    for size in sizes:
        found.append(joined[start : start + size])
        start += size
    return found
