"""Identities of members: given, taken away, found by."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import Select, func, select, update

from host_api.core.bulk.row_numbers import number_to_seal
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.isolation import programme_of
from host_api.core.locking import ChangedMeanwhile
from host_api.services.members.identities import kinds
from host_api.services.members.identities.kinds import BUILT_IN, IdentityKind, canonical, kinds_of
from host_api.services.members.identities.models import VALUE, IdentityKindRow, MemberIdentity
from host_api.services.members.identities.problems import (
    IdentitiesNotUnique,
    IdentityKindNotFound,
    IdentityKindTaken,
    IdentityMalformed,
    IdentityNotFound,
    IdentityTaken,
    TooManyIdentities,
)
from host_api.services.members.identities.schemas import (
    IdentityCreate,
    IdentityKindCreate,
    IdentityKindRead,
    IdentityKindUpdate,
    IdentityRead,
)

# Kinds that stand among a member's own fields.
SHOWN: Final = (kinds.BuiltIn.MOBILE.value, kinds.BuiltIn.EMAIL.value, kinds.BuiltIn.NATIONAL_ID.value)
_MOST: Final = 20

Wanted = tuple[int, str, str]


async def add_many(session: WriteSession, cipher: FieldCipher, wanted: Sequence[Wanted]) -> None:
    """Store identities: member's id, kind and canonical value of each.

    Raises:
        IdentityTaken
    """
    if not wanted:
        return
    policies = await kinds_of(session)
    now = utc_now()
    rows = [
        MemberIdentity(
            member_id=member_id,
            kind=kind,
            is_unique=policies[kind].is_unique,
            created_at=now,
        )
        for member_id, kind, _ in wanted
    ]
    await _check_free(session, cipher, [entry for entry in wanted if policies[entry[1]].is_unique])
    await number_to_seal(session, rows)
    for row, (_, _, value) in zip(rows, wanted, strict=True):
        VALUE.seal(cipher, row, value)
    async with conflict_as(IdentityTaken()):
        await session.flush()


async def set_first(
    session: WriteSession, cipher: FieldCipher, member_id: int, kind: str, value: str | None
) -> None:
    """Have a member, who is locked, shown with this value of a kind; None takes the first one away.

    Raises:
        IdentityTaken
    """
    rows = list(
        await session.scalars(
            select(MemberIdentity)
            .where(MemberIdentity.member_id == member_id, MemberIdentity.kind == kind)
            .order_by(MemberIdentity.id)
        )
    )
    if not rows:
        if value is not None:
            await add_many(session, cipher, [(member_id, kind, value)])
        return
    if value is None:
        await session.delete(rows[0])
        await session.flush()
        return
    if rows[0].is_unique:
        await _check_free(session, cipher, [(member_id, kind, value)])
    for double in rows[1:]:
        if VALUE.open(cipher, double) == value:
            await session.delete(double)
            await session.flush()
    if VALUE.open(cipher, rows[0]) != value:
        VALUE.seal(cipher, rows[0], value)
        async with conflict_as(IdentityTaken()):
            await session.flush()


async def add(
    session: WriteSession, cipher: FieldCipher, member_id: int, wanted: IdentityCreate
) -> IdentityRead:
    """Give a member, who is locked, a further identity; one that they have is given back as it is.

    Raises:
        IdentityKindNotFound, IdentityMalformed, IdentityTaken, TooManyIdentities
    """
    if wanted.kind not in await kinds_of(session):
        raise IdentityKindNotFound
    try:
        value = canonical(wanted.kind, wanted.value)
    except ValueError:
        raise IdentityMalformed from None
    held = await of_member(session, cipher, member_id)
    for identity in held:
        if (identity.kind, identity.value) == (wanted.kind, value):
            return identity
    if len(held) >= _MOST:
        raise TooManyIdentities
    await add_many(session, cipher, [(member_id, wanted.kind, value)])
    return (await of_member(session, cipher, member_id))[-1]


async def remove(session: WriteSession, member_id: int, identity_id: int) -> None:
    """Take an identity away.

    Raises:
        IdentityNotFound
    """
    row = await session.get(MemberIdentity, identity_id)
    if row is None or row.member_id != member_id:
        raise IdentityNotFound
    await session.delete(row)
    await session.flush()


async def of_member(session: AnySession, cipher: FieldCipher, member_id: int) -> list[IdentityRead]:
    """All identities of a member, in the order they were given."""
    return [
        IdentityRead(
            id=row.id,
            kind=row.kind,
            value=VALUE.open(cipher, row) or "",
            is_unique=row.is_unique,
            created_at=row.created_at,
        )
        for row in await session.scalars(
            select(MemberIdentity).where(MemberIdentity.member_id == member_id).order_by(MemberIdentity.id)
        )
    ]


async def who_have_kind(session: AnySession, member_ids: Collection[int], kind: str) -> set[int]:
    """Those of members who have an identity of a kind."""
    found = select(MemberIdentity.member_id).where(
        MemberIdentity.member_id.in_(member_ids), MemberIdentity.kind == kind
    )
    return set(await session.scalars(found))


def members_who_have(kind: str) -> Select[int]:
    """Subquery of the members who have an identity of a kind."""
    return select(MemberIdentity.member_id).where(MemberIdentity.kind == kind)


async def shown_of(
    session: AnySession, cipher: FieldCipher, member_ids: Sequence[int]
) -> dict[int, dict[str, str]]:
    """The first mobile number, e-mail address and national id of each member, by kind."""
    found: dict[int, dict[str, str]] = {}
    rows = await session.scalars(
        select(MemberIdentity)
        .where(MemberIdentity.member_id.in_(member_ids), MemberIdentity.kind.in_(SHOWN))
        .order_by(MemberIdentity.id)
    )
    for row in rows:
        of_member = found.setdefault(row.member_id, {})
        if row.kind not in of_member:
            of_member[row.kind] = VALUE.open(cipher, row) or ""
    return found


async def find(session: AnySession, cipher: FieldCipher, kind: str, values: Sequence[str]) -> dict[str, int]:
    """The member with the lowest id of those who have each canonical value."""
    programme_id = programme_of(session.sync_session)
    by_index = {index: value for value in values for index in cipher.indexes(programme_id, VALUE.name, value)}
    rows = await session.execute(
        select(MemberIdentity.value_index, func.min(MemberIdentity.member_id))
        .where(MemberIdentity.kind == kind, MemberIdentity.value_index.in_(list(by_index)))
        .group_by(MemberIdentity.value_index)
    )
    found: dict[str, int] = {}
    for index, member_id in rows:
        value = by_index[index or b""]
        found[value] = min(found.get(value, member_id), member_id)
    return found


def members_with(session: AnySession, cipher: FieldCipher, kind: str, value: str) -> Select[int]:
    """Subquery of the members who have a canonical value."""
    same = VALUE.equals(cipher, programme_of(session.sync_session), value)
    return select(MemberIdentity.member_id).where(MemberIdentity.kind == kind, same)


async def read_kinds(session: AnySession) -> list[IdentityKindRead]:
    """All kinds, the built-in ones first."""
    return [_read(kind) for kind in (await kinds_of(session)).values()]


async def create_kind(session: WriteSession, wanted: IdentityKindCreate) -> IdentityKindRead:
    """Add a kind of the club's own.

    Raises:
        IdentityKindTaken
    """
    if wanted.kind in BUILT_IN:
        raise IdentityKindTaken
    row = IdentityKindRow(**wanted.model_dump())
    session.add(row)
    async with conflict_as(IdentityKindTaken()):
        await session.flush()
    return await _read_kind(session, wanted.kind)


async def change_kind(
    session: WriteSession, kind: str, if_match: str, wanted: IdentityKindUpdate
) -> IdentityKindRead:
    """Change titles or policy of a kind; a policy holds for the identities that are there too.

    Raises:
        IdentityKindNotFound, IdentitiesNotUnique, ChangedMeanwhile
    """
    found = (await kinds_of(session)).get(kind)
    if found is None:
        raise IdentityKindNotFound
    row = await session.scalar(select(IdentityKindRow).where(IdentityKindRow.kind == kind).with_for_update())
    if (0 if row is None else row.version) != int(if_match):
        raise ChangedMeanwhile
    if row is None:
        row = IdentityKindRow(
            kind=kind, title=found.title, title_fa=found.title_fa, is_unique=found.is_unique
        )
        session.add(row)
    for name in wanted.model_fields_set:
        value = getattr(wanted, name)
        if value is not None:
            setattr(row, name, value)
    async with conflict_as(ChangedMeanwhile()):
        await session.flush()
    async with conflict_as(IdentitiesNotUnique()):
        await session.execute(
            update(MemberIdentity)
            .where(MemberIdentity.kind == kind, MemberIdentity.is_unique != row.is_unique)
            .values(is_unique=row.is_unique)
            .execution_options(synchronize_session=False)
        )
    return await _read_kind(session, kind)


async def _read_kind(session: AnySession, kind: str) -> IdentityKindRead:
    return _read((await kinds_of(session))[kind])


def _read(kind: IdentityKind) -> IdentityKindRead:
    return IdentityKindRead(
        kind=kind.kind,
        title=kind.title,
        title_fa=kind.title_fa,
        is_unique=kind.is_unique,
        is_built_in=kind.kind in BUILT_IN,
        version=kind.version,
    )


async def _check_free(session: AnySession, cipher: FieldCipher, wanted: Sequence[Wanted]) -> None:
    """See that nobody else has these values; what comes in between the table's constraint refuses."""
    by_kind: dict[str, dict[str, int]] = {}
    for member_id, kind, value in wanted:
        if by_kind.setdefault(kind, {}).setdefault(value, member_id) != member_id:
            raise IdentityTaken
    for kind, owners in by_kind.items():
        found: Mapping[str, int] = await find(session, cipher, kind, list(owners))
        if any(owner != owners[value] for value, owner in found.items()):
            raise IdentityTaken
