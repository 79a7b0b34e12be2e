"""What an entry does to its member when it takes effect, and when it ends."""

from datetime import datetime

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.services.member_classes.block_list.events import BLOCK_ENDED, BLOCK_ENTERED, BlockChange
from host_api.services.member_classes.block_list.models import BlockEntry
from host_api.services.member_classes.block_list.schemas import BlockListReason, BlockState
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.members.standing import set_standings


async def take_effect(session: WriteSession, entry: BlockEntry) -> None:
    """Block the entry's member, where there is one who is active."""
    if entry.member_id is not None:
        await set_standings(session, {entry.member_id: {}})  # holds the member's row, so that entries queue
        if (await members.read(session, entry.member_id)).status is MemberStatus.ACTIVE:
            entry.has_blocked_member = True
            await set_standings(session, {entry.member_id: {"status": MemberStatus.BLOCKED}})
    entry.state = BlockState.ACTIVE.value
    _tell(session, entry)
    await session.flush()


async def end(session: WriteSession, entry: BlockEntry, state: BlockState) -> None:
    """End an entry; its member is active again where this one has blocked them and no other one stands."""
    if entry.member_id is not None and entry.has_blocked_member:
        await set_standings(session, {entry.member_id: {}})
        other = await _other_entry(session, entry)
        if other is not None:
            other.has_blocked_member = True
        elif (await members.read(session, entry.member_id)).merged_into is None:
            await set_standings(session, {entry.member_id: {"status": MemberStatus.ACTIVE}})
    entry.has_blocked_member = False
    entry.state, entry.ended_at = state.value, utc_now()
    _tell(session, entry)
    await session.flush()


async def apply_times(session: WriteSession, now: datetime, limit: int) -> tuple[int, int]:
    """Begin and end up to `limit` entries whose time has come; how many began and how many ended."""
    beginning = await session.scalars(
        select(BlockEntry)
        .where(BlockEntry.state == BlockState.WAITING.value, BlockEntry.from_at <= now)
        .order_by(BlockEntry.id)
        .limit(limit)
        .with_for_update()
    )
    began = beginning.all()
    for entry in began:
        await take_effect(session, entry)
    ending = await session.scalars(
        select(BlockEntry)
        .where(BlockEntry.state == BlockState.ACTIVE.value, BlockEntry.until_at <= now)
        .order_by(BlockEntry.id)
        .limit(limit)
        .with_for_update()
    )
    ended = ending.all()
    for entry in ended:
        await end(session, entry, BlockState.EXPIRED)
    return len(began), len(ended)


async def _other_entry(session: WriteSession, entry: BlockEntry) -> BlockEntry | None:
    found: BlockEntry | None = await session.scalar(
        select(BlockEntry)
        .where(
            BlockEntry.member_id == entry.member_id,
            BlockEntry.id != entry.id,
            BlockEntry.state == BlockState.ACTIVE.value,
        )
        .order_by(BlockEntry.id)
        .limit(1)
    )
    return found


def _tell(session: WriteSession, entry: BlockEntry) -> None:
    state = BlockState(entry.state)
    emit(
        session,
        BLOCK_ENTERED if state is BlockState.ACTIVE else BLOCK_ENDED,
        Subject("block_entry", entry.id),
        BlockChange(
            id=entry.id,
            member_id=entry.member_id,
            reason_code=BlockListReason(entry.reason_code),
            state=state,
        ),
    )
