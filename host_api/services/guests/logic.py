"""Keeping guests, their visits, their joining, and merging records of one guest."""

from sqlalchemy import select, update

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.emission import Subject, emit
from host_api.core.isolation import programme_of
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.persian_text import name_key
from host_api.services.guests.events import GUEST_CONVERTED, GUEST_MERGED, GuestConverted, GuestMerged
from host_api.services.guests.listing import GuestQuery, VisitQuery
from host_api.services.guests.models import IDENTITY, MOBILE, SEALED, VISIT_NOTE, Guest, GuestVisit
from host_api.services.guests.problems import (
    GuestIdentityUnfit,
    GuestIsMerged,
    GuestNotFound,
    GuestNotPermitted,
    GuestsNotAlike,
    OrganisationCantJoin,
    SameGuest,
)
from host_api.services.guests.schemas import (
    GuestContact,
    GuestConversion,
    GuestCreate,
    GuestKind,
    GuestRead,
    GuestUpdate,
    VisitCreate,
    VisitRead,
)
from host_api.services.member_classes.block_list.logic import is_not_permitted
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberCreate

_LONGEST_KEY = 200
_FOLLOWED = 20
_IDENTITIES = {GuestKind.PERSON: "national_id", GuestKind.ORGANISATION: "legal_person_id"}


async def create(session: WriteSession, cipher: FieldCipher, wanted: GuestCreate) -> Guest:
    """Store a new guest.

    Raises:
        GuestIdentityUnfit
    """
    guest = Guest(
        kind=wanted.kind.value,
        name=wanted.name,
        name_key=name_key(wanted.name)[:_LONGEST_KEY],
        created_at=utc_now(),
        member_id=None,
        converted_at=None,
        merged_into=None,
    )
    _check_identity(guest, wanted)
    session.add(guest)
    await session.flush()
    _seal(cipher, guest, wanted)
    await session.flush()
    return guest


async def find(session: AnySession, guest_id: int) -> Guest:
    """One guest.

    Raises:
        GuestNotFound
    """
    guest = await session.get(Guest, guest_id)
    if guest is None:
        raise GuestNotFound
    return guest


async def read(session: AnySession, cipher: FieldCipher, guest_id: int) -> GuestRead:
    """One guest as a counterparty: a record that was merged gives the one it went into.

    Raises:
        GuestNotFound
    """
    guest = await find(session, guest_id)
    for _ in range(_FOLLOWED):
        if guest.merged_into is None:
            break
        guest = await find(session, guest.merged_into)
    return shown(cipher, guest)


async def read_page(session: ReadSession, cipher: FieldCipher, query: GuestQuery) -> Page[GuestRead]:
    """A page of guests."""
    programme_id = programme_of(session.sync_session)
    statement = select(Guest)
    if not query.is_merged:
        statement = statement.where(Guest.merged_into.is_(None))
    if query.mobile is not None:
        statement = statement.where(MOBILE.equals(cipher, programme_id, query.mobile))
    for identity in (query.national_id, query.legal_person_id):
        if identity is not None:
            statement = statement.where(IDENTITY.equals(cipher, programme_id, identity))
    guests, next_cursor = await read_rows(session, statement, query)
    return Page(items=[shown(cipher, guest) for guest in guests], next_cursor=next_cursor)


async def change(
    session: WriteSession, cipher: FieldCipher, guest_id: int, if_match: str, wanted: GuestUpdate
) -> Guest:
    """Change what is given.

    Raises:
        GuestNotFound, GuestIsMerged, GuestIdentityUnfit, ChangedMeanwhile
    """
    guest = await _lock(session, guest_id)
    check_version(guest, if_match)
    _check_identity(guest, wanted)
    if wanted.name is not None:
        guest.name, guest.name_key = wanted.name, name_key(wanted.name)[:_LONGEST_KEY]
    _seal(cipher, guest, wanted)
    await session.flush()
    return guest


async def note_visit(
    session: WriteSession, cipher: FieldCipher, guest_id: int, wanted: VisitCreate
) -> VisitRead:
    """Keep a visit.

    Raises:
        GuestNotFound, GuestIsMerged
    """
    guest = await _lock(session, guest_id)
    visit = GuestVisit(guest_id=guest.id, at=wanted.at or utc_now(), merchant_id=wanted.merchant_id)
    session.add(visit)
    await session.flush()
    VISIT_NOTE.seal(cipher, visit, wanted.note)
    await session.flush()
    return _visit(cipher, visit)


async def read_visits(
    session: ReadSession, cipher: FieldCipher, guest_id: int, query: VisitQuery
) -> Page[VisitRead]:
    """A page of a guest's visits.

    Raises:
        GuestNotFound
    """
    guest = await find(session, guest_id)
    statement = select(GuestVisit).where(GuestVisit.guest_id == guest.id)
    visits, next_cursor = await read_rows(session, statement, query)
    return Page(items=[_visit(cipher, visit) for visit in visits], next_cursor=next_cursor)


async def convert(
    session: WriteSession, cipher: FieldCipher, guest_id: int, wanted: GuestConversion
) -> Guest:
    """Have a guest join, once: whoever has joined keeps that member.

    Raises:
        GuestNotFound, GuestIsMerged, OrganisationCantJoin, GuestNotPermitted
    """
    guest = await _lock(session, guest_id)
    if guest.member_id is not None:
        return guest
    if guest.kind != GuestKind.PERSON:
        raise OrganisationCantJoin
    mobile = MOBILE.open(cipher, guest)
    if await is_not_permitted(session, cipher, mobile=mobile, national_id=IDENTITY.open(cipher, guest)):
        raise GuestNotPermitted
    member = await members.create(
        session, cipher, MemberCreate(name=guest.name, mobile=mobile, tier=wanted.tier)
    )
    guest.member_id, guest.converted_at = member.id, utc_now()
    emit(
        session,
        GUEST_CONVERTED,
        Subject("guest", guest.id),
        GuestConverted(guest_id=guest.id, member_id=member.id),
    )
    await session.flush()
    return guest


async def merge(session: WriteSession, cipher: FieldCipher, guest_id: int, other_id: int) -> Guest:
    """Let another record of the same guest go into this one: visits come over, gaps are filled, its own data
    is emptied.

    Raises:
        GuestNotFound, GuestIsMerged, SameGuest, GuestsNotAlike
    """
    if guest_id == other_id:
        raise SameGuest
    # In the order of ids, so that two merges the other way round don't wait for each other.
    locked = {one: await _lock(session, one) for one in sorted((guest_id, other_id))}
    guest, other = locked[guest_id], locked[other_id]
    is_both_converted = guest.member_id is not None and other.member_id is not None
    if guest.kind != other.kind or (is_both_converted and guest.member_id != other.member_id):
        raise GuestsNotAlike
    for field in SEALED.values():
        theirs = field.open(cipher, other)
        if field.open(cipher, guest) is None and theirs is not None:
            field.seal(cipher, guest, theirs)
        field.seal(cipher, other, None)
    if guest.member_id is None:
        guest.member_id, guest.converted_at = other.member_id, other.converted_at
    other.merged_into = guest.id
    for earlier in await session.scalars(select(Guest).where(Guest.merged_into == other.id)):
        earlier.merged_into = guest.id
    await session.flush()
    await session.execute(
        update(GuestVisit)
        .where(GuestVisit.guest_id == other.id)
        .values(guest_id=guest.id)
        .execution_options(synchronize_session=False)
    )
    emit(session, GUEST_MERGED, Subject("guest", guest.id), GuestMerged(guest_id=guest.id, other_id=other.id))
    await session.flush()
    return guest


def shown(cipher: FieldCipher, guest: Guest) -> GuestRead:
    """A guest as people see it."""
    identity = IDENTITY.open(cipher, guest)
    is_person = guest.kind == GuestKind.PERSON
    opened = {name: field.open(cipher, guest) for name, field in SEALED.items() if name != "identity"}
    return GuestRead(
        id=guest.id,
        kind=GuestKind(guest.kind),
        name=guest.name,
        national_id=identity if is_person else None,
        legal_person_id=None if is_person else identity,
        created_at=guest.created_at,
        member_id=guest.member_id,
        converted_at=guest.converted_at,
        merged_into=guest.merged_into,
        **opened,
    )


async def _lock(session: WriteSession, guest_id: int) -> Guest:
    guest = await session.get(Guest, guest_id, with_for_update=True)
    if guest is None:
        raise GuestNotFound
    if guest.merged_into is not None:
        raise GuestIsMerged
    return guest


def _check_identity(guest: Guest, wanted: GuestContact) -> None:
    unfit = set(_IDENTITIES.values()) - {_IDENTITIES[GuestKind(guest.kind)]}
    if any(getattr(wanted, name) is not None for name in unfit):
        raise GuestIdentityUnfit


def _seal(cipher: FieldCipher, guest: Guest, wanted: GuestContact) -> None:
    for name in wanted.model_fields_set & {"mobile", "email", "address", "notes"}:
        SEALED[name].seal(cipher, guest, getattr(wanted, name))
    identity = _IDENTITIES[GuestKind(guest.kind)]
    if identity in wanted.model_fields_set:
        IDENTITY.seal(cipher, guest, getattr(wanted, identity))


def _visit(cipher: FieldCipher, visit: GuestVisit) -> VisitRead:
    return VisitRead(
        id=visit.id, at=visit.at, merchant_id=visit.merchant_id, note=VISIT_NOTE.open(cipher, visit)
    )
