"""Which parts of their records members have filled in, without what they hold."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from host_api.core.database import AnySession
from host_api.services.members.identities.kinds import BuiltIn
from host_api.services.members.identities.models import MemberIdentity
from host_api.services.members.models import Member

PARTS: Final = ("name", "birth_date", "city", "address", "postal_code", "mobile", "email", "national_id")
_IDENTITIES: Final = (BuiltIn.MOBILE.value, BuiltIn.EMAIL.value, BuiltIn.NATIONAL_ID.value)


async def profile_parts(session: AnySession, member_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """Those of `PARTS` that each of some hundreds of members has."""
    rows = await session.execute(
        select(
            Member.id,
            Member.name != "",
            Member.birth_date_sealed.is_not(None),
            Member.city_sealed.is_not(None),
            Member.address_sealed.is_not(None),
            Member.postal_code_sealed.is_not(None),
        ).where(Member.id.in_(member_ids))
    )
    found = {
        member_id: {part for part, is_filled in zip(PARTS, filled, strict=False) if is_filled}
        for member_id, *filled in rows
    }
    identities = await session.execute(
        select(MemberIdentity.member_id, MemberIdentity.kind).where(
            MemberIdentity.member_id.in_(member_ids), MemberIdentity.kind.in_(_IDENTITIES)
        )
    )
    for member_id, kind in identities:
        if member_id in found:
            found[member_id].add(kind)
    return {member_id: frozenset(parts) for member_id, parts in found.items()}
