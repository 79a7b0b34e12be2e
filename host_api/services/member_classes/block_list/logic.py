"""The block list: entering, finding, asking whether somebody is permitted, and lifting by two persons."""

from sqlalchemy import or_, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.isolation import programme_of
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, cancel, decide
from host_api.services.member_classes.block_list import effect
from host_api.services.member_classes.block_list.listing import BlockEntryQuery
from host_api.services.member_classes.block_list.models import (
    LIFTING_REASON,
    MOBILE,
    NATIONAL_ID,
    REASON,
    BlockEntry,
    BlockLifting,
)
from host_api.services.member_classes.block_list.schemas import (
    BlockEntryCreate,
    BlockEntryRead,
    BlockLiftingCreate,
    BlockLiftingRead,
    BlockListReason,
    BlockState,
    LiftingState,
)
from host_api.services.members import logic as members

_STANDING = (BlockState.WAITING.value, BlockState.ACTIVE.value)


class BlockEntryNotFound(Problem):
    """No entry has this id."""

    status = 404
    code = "block-entry-not-found"
    title = "Entry not found"
    title_fa = "ثبت پیدا نشد"
    detail = "The block list has no entry with this id."
    detail_fa = "فهرست غیرمجازها ثبتی با این شناسه ندارد."


class BlockLiftingNotFound(Problem):
    """No wish to lift this entry has this id."""

    status = 404
    code = "block-lifting-not-found"
    title = "Lifting not found"
    title_fa = "درخواست رفع پیدا نشد"
    detail = "Nobody has asked for this lifting."
    detail_fa = "چنین درخواست رفعی وجود ندارد."


class BlockEntryOver(Problem):
    """The entry was lifted or has expired."""

    status = 409
    code = "block-entry-over"
    title = "Entry is over"
    title_fa = "ثبت پایان یافته است"
    detail = "This entry was lifted or has expired already."
    detail_fa = "این ثبت پیش‌تر رفع شده یا منقضی شده است."


class LiftingAsked(Problem):
    """Somebody has asked for it already."""

    status = 409
    code = "block-lifting-asked"
    title = "Lifting is asked already"
    title_fa = "رفع آن درخواست شده است"
    detail = "A lifting of this entry waits for its second person already."
    detail_fa = "رفع این ثبت هم‌اکنون در انتظار نفر دوم است."


class PeriodIsOver(Problem):
    """The entry would be over before it begins."""

    status = 409
    code = "block-period-over"
    title = "Period is over"
    title_fa = "مدت گذشته است"
    detail = "until_at must be later than now."
    detail_fa = "پایان باید پس از اکنون باشد."
    field = "until_at"


async def create(
    session: WriteSession, cipher: FieldCipher, wanted: BlockEntryCreate, caller: Caller
) -> BlockEntry:
    """Enter somebody; a member is blocked at once, unless the entry begins later.

    Raises:
        members.MemberNotFound, PeriodIsOver
    """
    now = utc_now()
    if wanted.until_at is not None and wanted.until_at <= now:
        raise PeriodIsOver
    if wanted.member_id is not None:
        await members.read(session, wanted.member_id)
    entry = BlockEntry(
        member_id=wanted.member_id,
        reason_code=wanted.reason_code.value,
        from_at=wanted.from_at or now,
        until_at=wanted.until_at,
        state=BlockState.WAITING.value,
        has_blocked_member=False,
        entered_by=caller.name,
        entered_at=now,
        ended_at=None,
    )
    session.add(entry)
    await session.flush()
    MOBILE.seal(cipher, entry, wanted.mobile)
    NATIONAL_ID.seal(cipher, entry, wanted.national_id)
    REASON.seal(cipher, entry, wanted.reason)
    if entry.from_at <= now:
        await effect.take_effect(session, entry)
    await session.flush()
    return entry


async def read(session: AnySession, cipher: FieldCipher, entry_id: int) -> BlockEntryRead:
    """One entry.

    Raises:
        BlockEntryNotFound
    """
    entry = await session.get(BlockEntry, entry_id)
    if entry is None:
        raise BlockEntryNotFound
    return (await _shown(session, cipher, [entry]))[0]


async def read_page(
    session: ReadSession, cipher: FieldCipher, query: BlockEntryQuery
) -> Page[BlockEntryRead]:
    """A page of the list."""
    programme_id = programme_of(session.sync_session)
    statement = select(BlockEntry)
    if query.mobile is not None:
        statement = statement.where(MOBILE.equals(cipher, programme_id, query.mobile))
    if query.national_id is not None:
        statement = statement.where(NATIONAL_ID.equals(cipher, programme_id, query.national_id))
    entries, next_cursor = await read_rows(session, statement, query)
    return Page(items=await _shown(session, cipher, entries), next_cursor=next_cursor)


async def is_not_permitted(
    session: AnySession, cipher: FieldCipher, *, mobile: str | None, national_id: str | None
) -> bool:
    """Whether somebody with this number or id may not join now."""
    programme_id = programme_of(session.sync_session)
    named = [
        field.equals(cipher, programme_id, text)
        for field, text in ((MOBILE, mobile), (NATIONAL_ID, national_id))
        if text is not None
    ]
    if not named:
        return False
    now = utc_now()
    # By time, not by state alone: an entry holds from its very instant, and not until a job has looked.
    statement = select(BlockEntry.id).where(
        or_(*named),
        BlockEntry.state.in_(_STANDING),
        BlockEntry.from_at <= now,
        or_(BlockEntry.until_at.is_(None), BlockEntry.until_at > now),
    )
    return await session.scalar(statement.limit(1)) is not None


async def ask_lifting(
    session: WriteSession, cipher: FieldCipher, entry_id: int, wanted: BlockLiftingCreate, caller: Caller
) -> BlockEntryRead:
    """Ask that an entry be lifted; another person decides.

    Raises:
        BlockEntryNotFound, BlockEntryOver, LiftingAsked
    """
    entry = await _lock(session, entry_id)
    lifting = BlockLifting(entry_id=entry.id, state=LiftingState.ASKED.value, **asked_by(caller))
    async with conflict_as(LiftingAsked()):
        session.add(lifting)
        await session.flush()
    LIFTING_REASON.seal(cipher, lifting, wanted.reason)
    await session.flush()
    return await read(session, cipher, entry_id)


async def approve_lifting(
    session: WriteSession, cipher: FieldCipher, entry_id: int, lifting_id: int, caller: Caller
) -> BlockEntryRead:
    """Lift an entry as the second person.

    Raises:
        BlockEntryNotFound, BlockEntryOver, BlockLiftingNotFound, AlreadyDecided, OwnAct
    """
    entry = await _lock(session, entry_id)
    decide(await _lifting(session, entry_id, lifting_id), LiftingState.APPROVED, caller)
    await effect.end(session, entry, BlockState.LIFTED)
    return await read(session, cipher, entry_id)


async def reject_lifting(
    session: WriteSession, cipher: FieldCipher, entry_id: int, lifting_id: int, caller: Caller
) -> BlockEntryRead:
    """Let an entry stand.

    Raises:
        BlockEntryNotFound, BlockEntryOver, BlockLiftingNotFound, AlreadyDecided, OwnAct
    """
    await _lock(session, entry_id)
    decide(await _lifting(session, entry_id, lifting_id), LiftingState.REJECTED, caller)
    await session.flush()
    return await read(session, cipher, entry_id)


async def cancel_lifting(
    session: WriteSession, cipher: FieldCipher, entry_id: int, lifting_id: int, caller: Caller
) -> BlockEntryRead:
    """Take one's own wish back.

    Raises:
        BlockEntryNotFound, BlockEntryOver, BlockLiftingNotFound, AlreadyDecided, ActOfAnother
    """
    await _lock(session, entry_id)
    cancel(await _lifting(session, entry_id, lifting_id), caller)
    await session.flush()
    return await read(session, cipher, entry_id)


async def _lock(session: WriteSession, entry_id: int) -> BlockEntry:
    entry = await session.get(BlockEntry, entry_id, with_for_update=True)
    if entry is None:
        raise BlockEntryNotFound
    if entry.state not in _STANDING:
        raise BlockEntryOver
    return entry


async def _lifting(session: WriteSession, entry_id: int, lifting_id: int) -> BlockLifting:
    lifting = await session.get(BlockLifting, lifting_id, populate_existing=True)
    if lifting is None or lifting.entry_id != entry_id:
        raise BlockLiftingNotFound
    return lifting


async def _shown(session: AnySession, cipher: FieldCipher, entries: list[BlockEntry]) -> list[BlockEntryRead]:
    rows = await session.scalars(
        select(BlockLifting)
        .where(BlockLifting.entry_id.in_([entry.id for entry in entries]))
        .order_by(BlockLifting.id)
    )
    latest = {row.entry_id: row for row in rows}
    return [
        BlockEntryRead(
            id=entry.id,
            member_id=entry.member_id,
            mobile=MOBILE.open(cipher, entry),
            national_id=NATIONAL_ID.open(cipher, entry),
            reason_code=BlockListReason(entry.reason_code),
            reason=REASON.open(cipher, entry),
            from_at=entry.from_at,
            until_at=entry.until_at,
            state=BlockState(entry.state),
            entered_by=entry.entered_by,
            entered_at=entry.entered_at,
            ended_at=entry.ended_at,
            lifting=_shown_lifting(cipher, latest[entry.id]) if entry.id in latest else None,
        )
        for entry in entries
    ]


def _shown_lifting(cipher: FieldCipher, lifting: BlockLifting) -> BlockLiftingRead:
    return BlockLiftingRead(
        id=lifting.id,
        entry_id=lifting.entry_id,
        state=LiftingState(lifting.state),
        reason=LIFTING_REASON.open(cipher, lifting),
        asked_by=lifting.asked_by_name,
        asked_at=lifting.asked_at,
        decided_by=lifting.decided_by_name,
        decided_at=lifting.decided_at,
    )
