"""Changes of a member by people: data, block and unblock, identities, special days."""

from collections.abc import Mapping, Set
from typing import Final

from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.locking import check_version
from host_api.services.members import logic, repository
from host_api.services.members.events import MEMBER_STATUS_CHANGED, MemberStatusChanged
from host_api.services.members.identities import logic as identities
from host_api.services.members.interests import logic as interests
from host_api.services.members.models import Member
from host_api.services.members.record import send
from host_api.services.members.schemas import MemberData, MemberStatus, MemberUpdate
from host_api.services.members.sealed_data import FIELDS, seal_birth_date
from host_api.services.members.special_days import logic as special_days
from host_api.services.members.special_days.schemas import BIRTHDAY, SpecialDayRead, SpecialDayWrite

# What a file may set of a member who is there: columns whose name differs from the field's.
_COLUMNS: Final = {"group": "group_name"}
# What the switch has of what people change here.
_ON_SWITCH: Final = frozenset({"name", "birth_date"})


class StatusAlreadySo(Problem):
    """A blocked member was to be blocked, or a free one freed."""

    status = 409
    code = "member-status-already-so"
    title = "Nothing to change"
    title_fa = "وضعیت همین است"
    detail = "The member has this status already."
    detail_fa = "عضو هم‌اکنون همین وضعیت را دارد."


async def update(
    session: WriteSession, cipher: FieldCipher, member_id: int, if_match: str, wanted: MemberUpdate
) -> Member:
    """Change what is given.

    Raises:
        MemberNotFound, ChangedMeanwhile, IdentityTaken, InterestUnknown, TooManySpecialDays
    """
    member = await logic.lock(session, member_id)
    check_version(member, if_match)
    given = set(wanted.model_fields_set)
    if wanted.name is None:
        given.discard("name")
    if given:
        # A change beside the row is a change of the member too, to whoever holds an older version.
        member.version += 1
        await session.flush()
    if "name" in given and wanted.name is not None:
        member.name = wanted.name
    await _set_personal_data(session, cipher, member, wanted, given)
    if "interests" in given:
        await interests.set_of_member(session, member_id, wanted.interests or [])
    await session.flush()
    if given & _ON_SWITCH:
        send(session, member)
    return member


async def replace_many(session: WriteSession, cipher: FieldCipher, wanted: Mapping[int, MemberData]) -> None:
    """Write what rows of a file give into members by id, and put their records on the way to the switch.

    Raises:
        IdentityTaken
    """
    personal = {*identities.SHOWN, *FIELDS, "birth_date"}
    for member in await repository.lock_many(session, list(wanted)):
        row = wanted[member.id]
        for name in row.model_fields_set - personal:
            setattr(member, _COLUMNS.get(name, name), getattr(row, name))
        await _set_personal_data(session, cipher, member, row, row.model_fields_set)
        send(session, member)
    await session.flush()


async def set_status(session: WriteSession, member_id: int, status: MemberStatus, reason: str) -> Member:
    """Block a member, or set them free.

    Raises:
        MemberNotFound, StatusAlreadySo
    """
    member = await logic.lock(session, member_id)
    if member.status == status.value:
        raise StatusAlreadySo
    member.status, member.status_reason, member.status_at = status.value, reason, utc_now()
    await session.flush()
    send(session, member)
    payload = MemberStatusChanged(member_id=member_id, status=status)
    emit(session, MEMBER_STATUS_CHANGED, Subject("member", member_id), payload)
    return member


async def put_special_day(
    session: WriteSession, cipher: FieldCipher, member_id: int, kind: str, wanted: SpecialDayWrite
) -> SpecialDayRead:
    """Set a special day; the birthday is the member's day of birth.

    Raises:
        MemberNotFound, TooManySpecialDays
    """
    member = await logic.lock(session, member_id)
    found = await special_days.put(
        session, cipher, member_id, kind=kind, day=wanted.day, calendar=wanted.calendar
    )
    if kind == BIRTHDAY:
        seal_birth_date(cipher, member, wanted.day)
        await session.flush()
        send(session, member)
    return found


async def remove_special_day(session: WriteSession, cipher: FieldCipher, member_id: int, kind: str) -> None:
    """Forget a special day; the birthday with the member's day of birth.

    Raises:
        MemberNotFound, SpecialDayNotFound
    """
    member = await logic.lock(session, member_id)
    await special_days.remove(session, member_id, kind)
    if kind == BIRTHDAY:
        seal_birth_date(cipher, member, None)
        await session.flush()
        send(session, member)


async def _set_personal_data(
    session: WriteSession,
    cipher: FieldCipher,
    member: Member,
    wanted: MemberData | MemberUpdate,
    given: Set[str],
) -> None:
    for name, field in FIELDS.items():
        if name in given:
            field.seal(cipher, member, getattr(wanted, name))
    for kind in identities.SHOWN:
        if kind in given:
            await identities.set_first(session, cipher, member.id, kind, getattr(wanted, kind))
    if "birth_date" in given:
        seal_birth_date(cipher, member, wanted.birth_date)
        if wanted.birth_date is not None:
            await special_days.put(session, cipher, member.id, kind=BIRTHDAY, day=wanted.birth_date)
        else:
            await special_days.forget(session, member.id, BIRTHDAY)
