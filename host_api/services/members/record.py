"""A member's record as the switch has it."""

from collections.abc import Iterable

from host_api.core import outbox
from host_api.core.database import WriteSession
from host_api.core.outbox import Record, SubjectKind
from host_api.core.persian_text import shorten_to_bytes
from host_api.core.tehran_time import tehran_date
from host_api.services.members.models import Member
from host_api.services.members.schemas import MemberStatus
from host_api.services.members.sealed_data import BIRTH_DATE
from protocol.dialect import FileName, Tag

_NAME_ON_SWITCH_BYTES = 48
_STATUS_ON_SWITCH = {MemberStatus.ACTIVE: "A", MemberStatus.BLOCKED: "B"}


def send(session: WriteSession, member: Member) -> None:
    """Put a member's record on its way to the switch."""
    outbox.enqueue(
        session,
        subject_kind=SubjectKind.MEMBER,
        subject_id=member.id,
        file_name=FileName.MEMBER,
        record=_record(member),
    )


def _record(member: Member) -> Record:
    """The member's record on the switch; what isn't known is left out."""
    record: Record = {
        Tag.MEMBER_NUMBER.value: f"{member.id:012d}",
        Tag.MEMBER_NAME.value: shorten_to_bytes(member.name, _NAME_ON_SWITCH_BYTES),
        Tag.MEMBER_TIER.value: member.tier,
        Tag.STATUS.value: _STATUS_ON_SWITCH[MemberStatus(member.status)],
        Tag.ENROLLED_ON.value: f"{tehran_date(member.created_at):%Y%m%d}",
        Tag.ENROL_CHANNEL.value: member.joined_via,
    }
    for tag, text in (
        (Tag.GROUP, member.group_name),
        (Tag.ORGANISATION, member.organisation),
        (Tag.CLUB_LEVEL, member.club_level),
        (Tag.RISK_CLASS, member.risk_class),
        (Tag.MEMBER_TEXT_FA, member.till_text_fa),
        (Tag.MEMBER_TEXT_EN, member.till_text),
    ):
        if text is not None:
            record[tag.value] = text
    if member.segments:
        record[Tag.SEGMENTS.value] = _bits(member.segments)
    if member.agreements:
        record[Tag.AGREEMENTS.value] = _bits(member.agreements)
    if member.introducer is not None:
        record[Tag.INTRODUCER.value] = f"{member.introducer:012d}"
    if member.introduced_until is not None:
        record[Tag.INTRODUCED_UNTIL.value] = f"{member.introduced_until:%Y%m%d}"
    if member.household is not None:
        record[Tag.HOUSEHOLD.value] = f"{member.household:012d}"
    if member.birth_date_sealed is not None:
        outbox.add_sealed(record, Tag.BORN_ON.value, BIRTH_DATE.name, member.birth_date_sealed)
    return record


def _bits(numbers: Iterable[int]) -> str:
    """A set of numbers from 0 to 255 as hexadecimal: the last bit stands for 0."""
    return f"{sum(1 << number for number in set(numbers)):064x}"
