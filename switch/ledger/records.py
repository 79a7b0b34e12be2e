"""Card, member and terminal records, as file actions (0300) and transactions set them."""

import sys
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from protocol.dialect import Tag

TagMap = Mapping[str, str | bytes]

# Bits of segments and agreements: bit 0 is the lowest of the last byte.
SET_BYTES = 32

# Of a text for the member's receipts, in UTF-8.
MEMBER_TEXT_BYTES_MAX = 96

_DEFAULT_KEY_GENERATION = 1


class Status(StrEnum):
    """Whether a record's subject may be used. A NEW card is in stock: it has no holder yet."""

    ACTIVE = "A"
    BLOCKED = "B"
    NEW = "N"


class Role(StrEnum):
    """What a link's owner may ask for."""

    TERMINAL = "T"
    HOST = "H"


class CardRecord(NamedTuple):
    """A loyalty card; its number is nowhere but in the message that made it.

    `member_number` is 0 where no member holds it: cards in stock, gift cards. `expires_on` is the last day of
    use as YYYYMMDD, 0 for none. `pin_check` is what a PIN is compared with, empty where the card has none.
    """

    reference: int
    member_number: int
    card_type: str
    status: Status
    expires_on: int = 0
    pin_check: bytes = b""


class MemberRecord(NamedTuple):
    """A club member; name and tier go onto receipts.

    `tier` is the least that the member has whatever is earned, empty for none. `segments` and `agreements`
    are bits, see `Programme`. Dates are YYYYMMDD, 0 where unknown. `introducer` and `household` are numbers,
    0 for none; an introduction counts up to and with the day `introduced_until`, 0 for ever. `text_fa` and
    `text_en` are what the club wants to say on the member's receipts, empty for nothing.
    """

    number: int
    name: str
    tier: str
    status: Status
    group: str = ""
    organisation: str = ""
    segments: int = 0
    agreements: int = 0
    enrolled_on: int = 0
    born_on: int = 0
    introducer: int = 0
    introduced_until: int = 0
    household: int = 0
    risk_class: str = ""
    club_level: str = ""
    enrol_channel: str = ""
    text_fa: str = ""
    text_en: str = ""


class TerminalRecord(NamedTuple):
    """A terminal or host: where it stands and which generation of its key it signs with."""

    terminal_id: str
    merchant_id: str
    branch_number: int
    key_generation: int
    role: Role
    status: Status
    guild: str = ""
    sector: str = ""
    city: str = ""


class RecordFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A record lacks a field or holds an impossible one; the text is the tag."""


def card_record(tags: TagMap) -> CardRecord:
    """Record of a CARD file action. Raises RecordFault."""
    status = _status(tags)
    pin_check = tags.get(Tag.PIN_CHECK, b"")
    if isinstance(pin_check, str):
        raise RecordFault(Tag.PIN_CHECK)
    return CardRecord(
        reference=_number(tags, Tag.CARD_REFERENCE),
        member_number=_number(tags, Tag.MEMBER_NUMBER, 0 if status == Status.NEW else None),
        card_type=_word(tags, Tag.CARD_TYPE),
        status=status,
        expires_on=_day(tags, Tag.EXPIRES_ON),
        pin_check=pin_check,
    )


def member_record(tags: TagMap) -> MemberRecord:
    """Record of a MEMBER file action. Raises RecordFault."""
    status = _status(tags)
    if status == Status.NEW:
        raise RecordFault(Tag.STATUS)
    return MemberRecord(
        number=_number(tags, Tag.MEMBER_NUMBER),
        name=_text(tags, Tag.MEMBER_NAME),
        tier=_word(tags, Tag.MEMBER_TIER),
        status=status,
        group=_word(tags, Tag.GROUP),
        organisation=_word(tags, Tag.ORGANISATION),
        segments=_set(tags, Tag.SEGMENTS),
        agreements=_set(tags, Tag.AGREEMENTS),
        enrolled_on=_day(tags, Tag.ENROLLED_ON),
        born_on=_day(tags, Tag.BORN_ON),
        introducer=_number(tags, Tag.INTRODUCER, 0),
        introduced_until=_day(tags, Tag.INTRODUCED_UNTIL),
        household=_number(tags, Tag.HOUSEHOLD, 0),
        risk_class=_word(tags, Tag.RISK_CLASS),
        club_level=_word(tags, Tag.CLUB_LEVEL),
        enrol_channel=_word(tags, Tag.ENROL_CHANNEL),
        text_fa=_member_text(tags, Tag.MEMBER_TEXT_FA),
        text_en=_member_text(tags, Tag.MEMBER_TEXT_EN),
    )


def terminal_record(tags: TagMap) -> TerminalRecord:
    """Record of a TERMINAL file action. Raises RecordFault."""
    terminal_id = terminal_key(tags)
    merchant_id = _text(tags, Tag.RECORD_MERCHANT_ID).rstrip(" ")
    role = _text(tags, Tag.LINK_ROLE, Role.TERMINAL)
    status = _status(tags)
    if not (terminal_id.isascii() and terminal_id.isprintable() and terminal_id.strip() == terminal_id != ""):
        raise RecordFault(Tag.SUBJECT_TERMINAL_ID)
    if not (merchant_id.isascii() and merchant_id.isprintable() and merchant_id.strip() == merchant_id):
        raise RecordFault(Tag.RECORD_MERCHANT_ID)
    if role not in tuple(Role):
        raise RecordFault(Tag.LINK_ROLE)
    if not merchant_id and role == Role.TERMINAL:
        raise RecordFault(Tag.RECORD_MERCHANT_ID)
    if status == Status.NEW:
        raise RecordFault(Tag.STATUS)
    key_generation = _number(tags, Tag.KEY_GENERATION, _DEFAULT_KEY_GENERATION)
    if key_generation == 0:
        raise RecordFault(Tag.KEY_GENERATION)
    return TerminalRecord(
        terminal_id=terminal_id,
        merchant_id=merchant_id,
        branch_number=_number(tags, Tag.BRANCH_NUMBER, 0),
        key_generation=key_generation,
        role=Role(role),
        status=status,
        guild=_word(tags, Tag.GUILD),
        sector=_word(tags, Tag.SECTOR),
        city=_word(tags, Tag.CITY),
    )


def terminal_key(tags: TagMap) -> str:
    """Terminal that a record is about, without the padding that field 41 has too."""
    return _text(tags, Tag.SUBJECT_TERMINAL_ID).rstrip(" ")


def subject_number(tags: TagMap, tag: Tag) -> int:
    """A record's key where only the key is needed. Raises RecordFault."""
    return _number(tags, tag)


def _text(tags: TagMap, tag: Tag, default: str = "") -> str:
    text = tags.get(tag, default)
    if not isinstance(text, str):
        raise RecordFault(tag)
    return text


def _word(tags: TagMap, tag: Tag) -> str:
    """A text that many records share: kept once."""
    return sys.intern(_text(tags, tag))


def _member_text(tags: TagMap, tag: Tag) -> str:
    """A text for receipts: an offer's, so many members have the same."""
    text = _word(tags, tag)
    if len(text.encode()) > MEMBER_TEXT_BYTES_MAX:
        raise RecordFault(tag)
    return text


def _number(tags: TagMap, tag: Tag, default: int | None = None) -> int:
    text = tags.get(tag)
    if text is None and default is not None:
        return default
    if not isinstance(text, str) or not (text.isascii() and text.isdecimal()):
        raise RecordFault(tag)
    return int(text)


def _day(tags: TagMap, tag: Tag) -> int:
    """A real day as YYYYMMDD, 0 where it is absent or zeros."""
    number = _number(tags, tag, 0)
    if number and not _is_day(number):
        raise RecordFault(tag)
    return number


@lru_cache(maxsize=4096)
def _is_day(number: int) -> bool:
    try:
        date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return False
    return True


def _set(tags: TagMap, tag: Tag) -> int:
    raw = tags.get(tag, b"")
    if not isinstance(raw, bytes) or len(raw) > SET_BYTES:
        raise RecordFault(tag)
    return int.from_bytes(raw, "big")


def _status(tags: TagMap) -> Status:
    text = tags.get(Tag.STATUS, Status.ACTIVE)
    if text not in tuple(Status):
        raise RecordFault(Tag.STATUS)
    return Status(text)
