"""Texts of agreements: drafted by one person, published by another, and never changed after that."""

from datetime import datetime

from sqlalchemy import func, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.second_person import AlreadyDecided, asked_by, cancel, decide
from host_api.services.agreements import logic
from host_api.services.agreements.canonical import content_hash
from host_api.services.agreements.events import AGREEMENT_PUBLISHED, AgreementPublished
from host_api.services.agreements.listing import AgreementVersionQuery
from host_api.services.agreements.models import Agreement, AgreementVersion
from host_api.services.agreements.problems import (
    AgreementBitsUsedUp,
    AgreementVersionNotFound,
    DraftOpen,
    EffectiveInThePast,
)
from host_api.services.agreements.schemas import (
    AgreementVersionCreate,
    AgreementVersionRead,
    AgreementVersionState,
    AgreementVersionUpdate,
    Party,
    PublicationWanted,
)
from host_api.services.rules.draft import logic as draft

BITS = 256
_UNDECIDED = frozenset({AgreementVersionState.DRAFT.value})
_TEXTS = ("title_fa", "title_en", "text_fa", "text_en")


async def write_draft(
    session: WriteSession, caller: Caller, agreement_id: int, wanted: AgreementVersionCreate
) -> tuple[AgreementVersionRead, AgreementVersion]:
    """Begin the next text of an agreement.

    Raises:
        AgreementNotFound, DraftOpen
    """
    agreement = await logic.find(session, agreement_id)
    last = (
        await session.execute(
            select(AgreementVersion.number, AgreementVersion.state)
            .where(AgreementVersion.agreement_id == agreement_id)
            .order_by(AgreementVersion.number.desc())
            .limit(1)
        )
    ).one_or_none()
    if last is not None and last.state == AgreementVersionState.DRAFT:
        raise DraftOpen
    row = AgreementVersion(
        **wanted.model_dump(),
        agreement_id=agreement_id,
        number=1 if last is None else last.number + 1,
        state=AgreementVersionState.DRAFT.value,
        **asked_by(caller),
    )
    row.content_hash = _hash_of(agreement, row)
    session.add(row)
    async with conflict_as(DraftOpen()):
        await session.flush()
    return shown(row), row


async def change_draft(
    session: WriteSession, caller: Caller, version_id: int, wanted: AgreementVersionUpdate, if_match: str
) -> tuple[AgreementVersionRead, AgreementVersion]:
    """Change a draft; whoever did so last can't be its second person.

    Raises:
        AgreementVersionNotFound, ChangedMeanwhile, AlreadyDecided
    """
    row = await lock(session, version_id)
    check_version(row, if_match)
    if row.state != AgreementVersionState.DRAFT:
        raise AlreadyDecided
    for name, value in wanted.model_dump(exclude_unset=True, exclude_none=True).items():
        setattr(row, name, value)
    row.content_hash = _hash_of(await logic.find(session, row.agreement_id), row)
    for column, value in asked_by(caller).items():
        setattr(row, column, value)
    await session.flush()
    return shown(row), row


async def publish(
    session: WriteSession, caller: Caller, version_id: int, wanted: PublicationWanted
) -> tuple[AgreementVersionRead, AgreementVersion]:
    """Make a draft of another person the text from an instant on.

    Raises:
        AgreementVersionNotFound, AlreadyDecided, OwnAct, EffectiveInThePast, AgreementBitsUsedUp
    """
    row = await lock(session, version_id)
    agreement = await logic.find(session, row.agreement_id)
    decide(row, AgreementVersionState.PUBLISHED, caller, undecided=_UNDECIDED)
    now = utc_now()
    before = await _latest_published(session, row)
    row.effective_from = wanted.effective_from or now
    if row.effective_from < now or (before is not None and row.effective_from <= _start_of(before)):
        raise EffectiveInThePast
    row.note = wanted.note
    if agreement.party == Party.MEMBER:
        row.needs_acceptance = row.needs_acceptance or before is None
        is_new = before is None or row.needs_acceptance
        row.bit = await _free_bit(session) if is_new or before is None else before.bit
    await session.flush()
    emit(
        session,
        AGREEMENT_PUBLISHED,
        Subject("agreement", agreement.id),
        AgreementPublished(agreement_id=agreement.id, version_id=row.id, number=row.number),
    )
    return shown(row), row


async def reject(
    session: WriteSession, caller: Caller, version_id: int, note: str | None
) -> tuple[AgreementVersionRead, AgreementVersion]:
    """Turn a draft of another person down.

    Raises:
        AgreementVersionNotFound, AlreadyDecided, OwnAct
    """
    row = await lock(session, version_id)
    decide(row, AgreementVersionState.REJECTED, caller, undecided=_UNDECIDED)
    row.note = note
    await session.flush()
    return shown(row), row


async def withdraw(
    session: WriteSession, caller: Caller, version_id: int
) -> tuple[AgreementVersionRead, AgreementVersion]:
    """Take one's own draft back.

    Raises:
        AgreementVersionNotFound, AlreadyDecided, ActOfAnother
    """
    row = await lock(session, version_id)
    cancel(row, caller, AgreementVersionState.CANCELLED, undecided=_UNDECIDED)
    await session.flush()
    return shown(row), row


async def find(session: AnySession, version_id: int) -> AgreementVersion:
    """One text, as a row.

    Raises:
        AgreementVersionNotFound
    """
    row = await session.get(AgreementVersion, version_id)
    if row is None:
        raise AgreementVersionNotFound
    return row


async def lock(session: WriteSession, version_id: int) -> AgreementVersion:
    """The same, which nobody else changes until the transaction ends.

    Raises:
        AgreementVersionNotFound
    """
    row = await session.get(AgreementVersion, version_id, with_for_update=True)
    if row is None:
        raise AgreementVersionNotFound
    return row


async def read_page(session: ReadSession, query: AgreementVersionQuery) -> Page[AgreementVersionRead]:
    """A page of texts."""
    rows, next_cursor = await read_rows(session, select(AgreementVersion), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


def shown(row: AgreementVersion) -> AgreementVersionRead:
    """A text as callers see it."""
    return AgreementVersionRead(
        id=row.id,
        agreement_id=row.agreement_id,
        number=row.number,
        state=AgreementVersionState(row.state),
        title_fa=row.title_fa,
        title_en=row.title_en,
        text_fa=row.text_fa,
        text_en=row.text_en,
        content_hash=row.content_hash,
        needs_acceptance=row.needs_acceptance,
        bit=row.bit,
        effective_from=row.effective_from,
        note=row.note,
        written_by=row.asked_by_name,
        written_at=row.asked_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
    )


def _hash_of(agreement: Agreement, row: AgreementVersion) -> str:
    texts = {name: getattr(row, name) for name in _TEXTS}
    return content_hash(code=agreement.code, number=row.number, **texts)


async def _latest_published(session: AnySession, row: AgreementVersion) -> AgreementVersion | None:
    found: AgreementVersion | None = await session.scalar(
        select(AgreementVersion)
        .where(
            AgreementVersion.agreement_id == row.agreement_id,
            AgreementVersion.id != row.id,
            AgreementVersion.state == AgreementVersionState.PUBLISHED.value,
        )
        .order_by(AgreementVersion.number.desc())
        .limit(1)
    )
    return found


def _start_of(version: AgreementVersion) -> datetime:
    if version.effective_from is None:
        raise LookupError("a published text has no beginning")
    return version.effective_from


async def _free_bit(session: WriteSession) -> int:
    """The highest place that is free: by hand the low ones are taken.

    Raises:
        AgreementBitsUsedUp
    """
    await draft.lock(session)  # so that of two publications at once the second sees the first
    lowest = await session.scalar(select(func.min(AgreementVersion.bit)))
    head = (await draft.read_draft(session))[0].head
    declared = head.get("agreements")
    by_hand = (
        {bit for bit in declared.values() if isinstance(bit, int)} if isinstance(declared, dict) else set()
    )
    bit = (BITS if lowest is None else lowest) - 1
    while bit in by_hand:
        bit -= 1
    if bit < 0:
        raise AgreementBitsUsedUp
    return bit
