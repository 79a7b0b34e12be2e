"""What a merge would bring together."""

from host_api.core.clock import utc_now
from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.services.cards import reassignment
from host_api.services.member_merging.conflicts import TEXTS, conflicts_of
from host_api.services.member_merging.schemas import (
    ConflictRead,
    MergePreviewRead,
    RecordActKind,
    RecordPreview,
)
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberSummary
from host_api.services.transactions.holdings import holdings_of

# What tells nothing of the person, or is always different.
_NOT_COMPARED = {"id", "created_at", "switch_state", "switch_response_code", "merged_into", "status"}


async def preview(
    session: AnySession, cipher: FieldCipher, from_member_id: int, to_member_id: int
) -> MergePreviewRead:
    """What both records have, what they say otherwise, and what stands against a merge.

    Raises:
        members.MemberNotFound
    """
    from_member = await members.read_whole(session, cipher, from_member_id)
    to_member = await members.read_whole(session, cipher, to_member_id)
    from_record, to_record = await _record(session, from_member), await _record(session, to_member)
    purses = sorted({*from_record.spendable, *to_record.spendable})
    said, said_there = from_member.model_dump(), to_member.model_dump()
    return MergePreviewRead(
        from_record=from_record,
        to_record=to_record,
        together={
            purse: from_record.spendable.get(purse, 0) + to_record.spendable.get(purse, 0) for purse in purses
        },
        differences=[name for name in said if name not in _NOT_COMPARED and said[name] != said_there[name]],
        conflicts=[
            ConflictRead(code=code, text=TEXTS[code][0], text_fa=TEXTS[code][1])
            for code in await conflicts_of(session, RecordActKind.MERGE, from_member, to_member)
        ],
    )


async def _record(session: AnySession, member: MemberSummary) -> RecordPreview:
    holdings = await holdings_of(session, member.id, utc_now())
    return RecordPreview(
        member_id=member.id,
        status=member.status,
        tier=member.tier,
        joined_at=member.created_at,
        household=member.household,
        card_ids=await reassignment.ids_of(session, member.id),
        spendable={**holdings.spendable},
        pending={**holdings.pending},
    )
