"""Card, member and terminal records, as file actions (0300) set them."""

from enum import StrEnum
from typing import NamedTuple

from protocol.dialect import Tag

Tags = tuple[tuple[str, str], ...]

_DEFAULT_KEY_GENERATION = 1


class Status(StrEnum):
    """Whether a record's subject may be used."""

    ACTIVE = "A"
    BLOCKED = "B"


class Role(StrEnum):
    """What a link's owner may ask for."""

    TERMINAL = "T"
    HOST = "H"


class CardRecord(NamedTuple):
    """A loyalty card; its number is nowhere but in the message that made it."""

    reference: int
    member_number: int
    card_type: str
    status: Status


class MemberRecord(NamedTuple):
    """A club member; name and tier go onto receipts."""

    number: int
    name: str
    tier: str
    status: Status


class TerminalRecord(NamedTuple):
    """A terminal or host: where it stands and which generation of its key it signs with."""

    terminal_id: str
    merchant_id: str
    branch_number: int
    key_generation: int
    role: Role
    status: Status


class RecordFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A record lacks a field or holds an impossible one; the text is the tag."""


def card_record(tags: dict[str, str]) -> CardRecord:
    """Record of a CARD file action. Raises RecordFault."""
    return CardRecord(
        reference=_number(tags, Tag.CARD_REFERENCE),
        member_number=_number(tags, Tag.MEMBER_NUMBER),
        card_type=tags.get(Tag.CARD_TYPE, ""),
        status=_status(tags),
    )


def member_record(tags: dict[str, str]) -> MemberRecord:
    """Record of a MEMBER file action. Raises RecordFault."""
    return MemberRecord(
        number=_number(tags, Tag.MEMBER_NUMBER),
        name=tags.get(Tag.MEMBER_NAME, ""),
        tier=tags.get(Tag.MEMBER_TIER, ""),
        status=_status(tags),
    )


def terminal_record(tags: dict[str, str]) -> TerminalRecord:
    """Record of a TERMINAL file action. Raises RecordFault."""
    terminal_id = terminal_key(tags)
    merchant_id = tags.get(Tag.RECORD_MERCHANT_ID, "").rstrip(" ")
    role = tags.get(Tag.LINK_ROLE, Role.TERMINAL)
    if not (terminal_id.isascii() and terminal_id.isprintable() and terminal_id.strip() == terminal_id != ""):
        raise RecordFault(Tag.SUBJECT_TERMINAL_ID)
    if not (merchant_id.isascii() and merchant_id.isprintable() and merchant_id.strip() == merchant_id):
        raise RecordFault(Tag.RECORD_MERCHANT_ID)
    if role not in tuple(Role):
        raise RecordFault(Tag.LINK_ROLE)
    if not merchant_id and role == Role.TERMINAL:
        raise RecordFault(Tag.RECORD_MERCHANT_ID)
    key_generation = _number(tags, Tag.KEY_GENERATION, _DEFAULT_KEY_GENERATION)
    if key_generation == 0:
        raise RecordFault(Tag.KEY_GENERATION)
    return TerminalRecord(
        terminal_id=terminal_id,
        merchant_id=merchant_id,
        branch_number=_number(tags, Tag.BRANCH_NUMBER, 0),
        key_generation=key_generation,
        role=Role(role),
        status=_status(tags),
    )


def terminal_key(tags: dict[str, str]) -> str:
    """Terminal that a record is about, without the padding that field 41 has too."""
    return tags.get(Tag.SUBJECT_TERMINAL_ID, "").rstrip(" ")


def subject_number(tags: dict[str, str], tag: Tag) -> int:
    """A record's key where only the key is needed. Raises RecordFault."""
    return _number(tags, tag)


def _number(tags: dict[str, str], tag: Tag, default: int | None = None) -> int:
    text = tags.get(tag)
    if text is None and default is not None:
        return default
    if text is None or not (text.isascii() and text.isdecimal()):
        raise RecordFault(tag)
    return int(text)


def _status(tags: dict[str, str]) -> Status:
    text = tags.get(Tag.STATUS, Status.ACTIVE)
    if text not in tuple(Status):
        raise RecordFault(Tag.STATUS)
    return Status(text)
