"""Which record a member's went on in, where records were merged."""

from host_api.core.database import AnySession
from host_api.services.members import logic as members

_FOLLOWED = 20


async def survivor_of(session: AnySession, member_id: int) -> int:
    """The record in which a member's went on, through all merges; the same where there was none.

    Raises:
        members.MemberNotFound
    """
    for _ in range(_FOLLOWED):
        member = await members.read(session, member_id)
        if member.merged_into is None:
            break
        member_id = member.merged_into
    return member_id
