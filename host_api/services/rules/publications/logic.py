"""Asking for publications, deciding them, what the switch makes of them, and what is in force."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.jobs import run_store
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, decide
from host_api.core.second_person import cancel as withdraw
from host_api.core.tehran_time import TEHRAN
from host_api.services.rules.events import (
    RULES_NOT_PUBLISHED,
    RULES_PUBLISHED,
    RulesNotPublished,
    RulesPublished,
)
from host_api.services.rules.names import PUBLICATION_JOB
from host_api.services.rules.publications.listing import RulePublicationQuery, TableQuery
from host_api.services.rules.publications.models import RulePublication, TableInForce
from host_api.services.rules.publications.problems import (
    AlreadyInForce,
    InForceUnknown,
    OwnVersion,
    PublicationNotFound,
    PublishTimeWrong,
    TableUnknown,
    VersionHasErrors,
    VersionNotReady,
)
from host_api.services.rules.publications.schemas import (
    PublicationFailure,
    PublicationKind,
    PublicationState,
    RulePublicationCreate,
    RulePublicationRead,
    TableInForceRead,
)
from host_api.services.rules.versions import logic as versions
from host_api.services.rules.versions.schemas import RuleVersionRead, VersionState
from switch.rules.compiler.dates import moment_s

_FARTHEST: Final = timedelta(days=366)
_OPEN: Final = (PublicationState.ASKED, PublicationState.WAITING)
# The journal has the last word on these.
_MAY_BE_CONFIRMED: Final = (PublicationState.SENDING.value, PublicationState.FAILED.value)
_OVER: Final = (
    PublicationState.REJECTED,
    PublicationState.CANCELLED,
    PublicationState.PUBLISHED,
    PublicationState.FAILED,
)


async def ask(session: WriteSession, wanted: RulePublicationCreate, caller: Caller) -> RulePublicationRead:
    """Keep a publication for a second person to decide.

    Raises:
        versions.VersionNotFound, VersionNotReady, VersionHasErrors, TableUnknown, InForceUnknown,
        AlreadyInForce, PublishTimeWrong
    """
    in_force = await _newest(session)
    if in_force is None:
        raise InForceUnknown
    version_id, digest = await _wanted_table(session, wanted)
    if digest == in_force.digest:
        raise AlreadyInForce
    was_in_force = await session.scalar(
        select(TableInForce.table_version).where(TableInForce.digest == digest).limit(1)
    )
    now = utc_now()
    publication = RulePublication(
        kind=(PublicationKind.PUBLISH if was_in_force is None else PublicationKind.ROLLBACK).value,
        state=PublicationState.ASKED.value,
        version_id=version_id,
        wanted_table_version=wanted.table_version,
        digest=digest,
        expected_version=in_force.table_version,
        publish_at=_time_of(wanted.publish_at, now),
        is_despite_errors=wanted.despite_errors,
        reason=wanted.reason,
        **asked_by(caller),
    )
    session.add(publication)
    await session.flush()
    return _read(publication)


async def approve(
    session: WriteSession, publication_id: int, caller: Caller, note: str | None
) -> RulePublicationRead:
    """Approve what another has asked for: it goes to the switch, now or at its time.

    Raises:
        PublicationNotFound, AlreadyDecided, OwnAct, OwnVersion
    """
    publication = await _find(session, publication_id, for_update=True)
    decide(publication, PublicationState.WAITING, caller)
    await _check_author(session, publication, caller)
    publication.note = note
    run_store.enqueue(
        session,
        PUBLICATION_JOB,
        {"publication_id": publication.id},
        caller,
        now=utc_now(),
        run_at=publication.publish_at,
    )
    await session.flush()
    return _read(publication)


async def reject(
    session: WriteSession, publication_id: int, caller: Caller, note: str | None
) -> RulePublicationRead:
    """Turn down what another has asked for, also once it is approved and waits for its time.

    Raises:
        PublicationNotFound, AlreadyDecided, OwnAct
    """
    publication = await _find(session, publication_id, for_update=True)
    decide(publication, PublicationState.REJECTED, caller, undecided=_OPEN)
    publication.note = note
    await session.flush()
    return _read(publication)


async def cancel(session: WriteSession, publication_id: int, caller: Caller) -> RulePublicationRead:
    """Take one's own back before it is on its way.

    Raises:
        PublicationNotFound, AlreadyDecided, ActOfAnother
    """
    publication = await _find(session, publication_id, for_update=True)
    withdraw(publication, caller, undecided=_OPEN)
    publication.note = None
    await session.flush()
    return _read(publication)


async def read(session: AnySession, publication_id: int) -> RulePublicationRead:
    """One publication.

    Raises:
        PublicationNotFound
    """
    return _read(await _find(session, publication_id))


async def read_page(session: ReadSession, query: RulePublicationQuery) -> Page[RulePublicationRead]:
    """A page of publications."""
    rows, next_cursor = await read_rows(session, select(RulePublication), query)
    return Page(items=[_read(row) for row in rows], next_cursor=next_cursor)


async def upcoming(session: AnySession) -> list[RulePublicationRead]:
    """Approved publications that wait for their time, the next first."""
    rows = await session.scalars(
        select(RulePublication)
        .where(RulePublication.state == PublicationState.WAITING.value)
        .order_by(RulePublication.publish_at, RulePublication.id)
    )
    return [_read(row) for row in rows]


async def read_in_force(session: AnySession) -> TableInForceRead:
    """The table in force.

    Raises:
        InForceUnknown
    """
    table = await _newest(session)
    if table is None:
        raise InForceUnknown
    return await _read_table(session, table)


async def read_tables(session: ReadSession, query: TableQuery) -> Page[TableInForceRead]:
    """A page of tables that are or were in force."""
    rows, next_cursor = await read_rows(session, select(TableInForce), query)
    return Page(items=[await _read_table(session, row) for row in rows], next_cursor=next_cursor)


def is_over(publication: RulePublicationRead) -> bool:
    """Whether nothing more comes of it."""
    return publication.state in _OVER


async def begin(session: WriteSession, publication_id: int) -> RulePublicationRead | None:
    """Take an approved publication on its way, or go on with it; None where there is nothing to do."""
    publication = await session.get(RulePublication, publication_id, with_for_update=True)
    if publication is None or publication.state not in (PublicationState.WAITING, PublicationState.SENDING):
        return None
    publication.state = PublicationState.SENDING.value
    return _read(publication)


async def note_published(session: WriteSession, publication_id: int, table_version: int) -> None:
    """The switch has said that the table is in force. Whoever finds this out first tells of it."""
    publication = await session.get(RulePublication, publication_id, with_for_update=True)
    if publication is None or publication.state not in _MAY_BE_CONFIRMED:
        return
    publication.state = PublicationState.PUBLISHED.value
    publication.table_version = table_version
    publication.failure = publication.response_code = publication.found_version = None
    publication.finished_at = utc_now()
    emit(
        session,
        RULES_PUBLISHED,
        Subject("rule_publication", publication.id),
        RulesPublished(
            publication_id=publication.id,
            kind=PublicationKind(publication.kind),
            version_id=publication.version_id,
            table_version=table_version,
        ),
    )


async def note_failed(
    session: WriteSession,
    publication_id: int,
    failure: PublicationFailure,
    *,
    response_code: str | None = None,
    found_version: int | None = None,
) -> None:
    """Nothing has come into force, as far as is known here."""
    publication = await session.get(RulePublication, publication_id, with_for_update=True)
    if publication is None or publication.state != PublicationState.SENDING:
        return
    publication.state = PublicationState.FAILED.value
    publication.failure = failure.value
    publication.response_code, publication.found_version = response_code, found_version
    publication.finished_at = utc_now()
    emit(
        session,
        RULES_NOT_PUBLISHED,
        Subject("rule_publication", publication.id),
        RulesNotPublished(publication_id=publication.id, version_id=publication.version_id, failure=failure),
    )


async def confirm(session: WriteSession, table_version: int, digest: str) -> None:
    """The journal has told of a table: its publication is published, whatever became of the answer."""
    sent = select(RulePublication.id).where(
        RulePublication.digest == digest,
        RulePublication.expected_version == table_version - 1,
        RulePublication.state.in_(_MAY_BE_CONFIRMED),
    )
    for publication_id in list(await session.scalars(sent.order_by(RulePublication.id))):
        await note_published(session, publication_id, table_version)


async def table_after(session: AnySession, publication: RulePublicationRead) -> int | None:
    """The number under which the journal has the publication's table; None where it doesn't."""
    found: int | None = await session.scalar(
        select(TableInForce.table_version).where(
            TableInForce.table_version == publication.expected_version + 1,
            TableInForce.digest == publication.digest,
        )
    )
    return found


async def _wanted_table(session: AnySession, wanted: RulePublicationCreate) -> tuple[int | None, str]:
    """The version that has the table, where one is known here, and its digest."""
    if wanted.table_version is not None:
        digest: str | None = await session.scalar(
            select(TableInForce.digest).where(TableInForce.table_version == wanted.table_version)
        )
        if digest is None:
            raise TableUnknown
        version = await versions.of_digest(session, digest)
        return (None if version is None else version.id), digest
    version = await versions.read(session, wanted.version_id or 0)
    return version.id, _digest_of(version, despite_errors=wanted.despite_errors)


def _digest_of(version: RuleVersionRead, *, despite_errors: bool) -> str:
    if version.state is not VersionState.READY or version.digest is None:
        raise VersionNotReady
    if version.errors and not despite_errors:
        raise VersionHasErrors
    return version.digest


def _time_of(written: str | None, now: datetime) -> datetime | None:
    if written is None:
        return None
    try:
        at = datetime.fromtimestamp(moment_s(written, TEHRAN.key, is_end=False), UTC)
    except (ValueError, OverflowError):
        raise PublishTimeWrong from None
    if not now < at <= now + _FARTHEST:
        raise PublishTimeWrong
    return at


async def _check_author(session: AnySession, publication: RulePublication, caller: Caller) -> None:
    if publication.version_id is None:
        return
    if await versions.author_of(session, publication.version_id) == caller.key:
        raise OwnVersion


async def _newest(session: AnySession) -> TableInForce | None:
    newest = select(TableInForce).order_by(TableInForce.table_version.desc()).limit(1)
    table: TableInForce | None = await session.scalar(newest)
    return table


async def _find(session: AnySession, publication_id: int, *, for_update: bool = False) -> RulePublication:
    publication = await session.get(RulePublication, publication_id, with_for_update=for_update or None)
    if publication is None:
        raise PublicationNotFound
    return publication


async def _read_table(session: AnySession, table: TableInForce) -> TableInForceRead:
    publication = await session.scalar(
        select(RulePublication).where(
            RulePublication.digest == table.digest,
            RulePublication.table_version == table.table_version,
            RulePublication.state == PublicationState.PUBLISHED.value,
        )
    )
    version = await versions.of_digest(session, table.digest)
    version_id = None if version is None else version.id
    if publication is not None and publication.version_id is not None:
        version_id = publication.version_id
    return TableInForceRead(
        table_version=table.table_version,
        digest=table.digest,
        since=table.since,
        version_id=version_id,
        publication_id=None if publication is None else publication.id,
        asked_by=None if publication is None else publication.asked_by_name,
        approved_by=None if publication is None else publication.decided_by_name,
    )


def _read(row: RulePublication) -> RulePublicationRead:
    return RulePublicationRead(
        id=row.id,
        kind=PublicationKind(row.kind),
        state=PublicationState(row.state),
        version_id=row.version_id,
        wanted_table_version=row.wanted_table_version,
        digest=row.digest,
        expected_version=row.expected_version,
        publish_at=row.publish_at,
        despite_errors=row.is_despite_errors,
        reason=row.reason,
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
        note=row.note,
        table_version=row.table_version,
        failure=None if row.failure is None else PublicationFailure(row.failure),
        response_code=row.response_code,
        found_version=row.found_version,
        finished_at=row.finished_at,
    )
