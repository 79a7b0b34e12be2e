"""Agreements, and which of their texts is in force."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, func, select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.agreements.listing import AgreementQuery
from host_api.services.agreements.models import Agreement, AgreementAcceptance, AgreementVersion
from host_api.services.agreements.problems import (
    AgreementCodeTaken,
    AgreementNotAccepted,
    AgreementNotFound,
)
from host_api.services.agreements.schemas import (
    AgreementCreate,
    AgreementRead,
    AgreementUpdate,
    AgreementVersionState,
    GatedProcess,
    Party,
)


async def create(session: WriteSession, wanted: AgreementCreate) -> tuple[AgreementRead, Agreement]:
    """Add an agreement.

    Raises:
        AgreementCodeTaken
    """
    row = Agreement(**wanted.model_dump(mode="json"), is_retired=False, created_at=utc_now())
    session.add(row)
    async with conflict_as(AgreementCodeTaken()):
        await session.flush()
    return _shown(row, None), row


async def change(
    session: WriteSession, agreement_id: int, wanted: AgreementUpdate, if_match: str
) -> tuple[AgreementRead, Agreement]:
    """Change what waits for it, or retire it.

    Raises:
        AgreementNotFound, ChangedMeanwhile
    """
    row = await find(session, agreement_id)
    check_version(row, if_match)
    for name, value in wanted.model_dump(mode="json", exclude_unset=True, exclude_none=True).items():
        if name == "processes":
            row.processes = sorted(set(value)) if row.party == Party.MEMBER else []
        else:
            setattr(row, name, value)
    await session.flush()
    return (await _shown_many(session, [row]))[0], row


async def find(session: AnySession, agreement_id: int) -> Agreement:
    """One agreement, as a row.

    Raises:
        AgreementNotFound
    """
    row = await session.get(Agreement, agreement_id)
    if row is None:
        raise AgreementNotFound
    return row


async def read(session: AnySession, agreement_id: int) -> tuple[AgreementRead, Agreement]:
    """One agreement.

    Raises:
        AgreementNotFound
    """
    row = await find(session, agreement_id)
    return (await _shown_many(session, [row]))[0], row


async def read_page(session: ReadSession, query: AgreementQuery) -> Page[AgreementRead]:
    """A page of agreements."""
    rows, next_cursor = await read_rows(session, select(Agreement), query)
    return Page(items=await _shown_many(session, rows), next_cursor=next_cursor)


async def versions_in_force(
    session: AnySession, at: datetime, agreement_ids: Collection[int] | None = None
) -> dict[int, AgreementVersion]:
    """The text of each agreement that holds at an instant: of those that have begun the last one."""
    begun = (
        AgreementVersion.state == AgreementVersionState.PUBLISHED.value,
        AgreementVersion.effective_from <= at,
    )
    latest = select(AgreementVersion.agreement_id, func.max(AgreementVersion.number).label("number"))
    if agreement_ids is not None:
        latest = latest.where(AgreementVersion.agreement_id.in_(agreement_ids))
    found = latest.where(*begun).group_by(AgreementVersion.agreement_id).subquery()
    rows = await session.scalars(
        select(AgreementVersion).join(
            found,
            and_(
                AgreementVersion.agreement_id == found.c.agreement_id,
                AgreementVersion.number == found.c.number,
            ),
        )
    )
    return {row.agreement_id: row for row in rows}


async def required(
    session: AnySession, at: datetime, process: GatedProcess | None = None
) -> list[tuple[Agreement, AgreementVersion]]:
    """What members must have accepted at an instant, for one process or for any."""
    statement = select(Agreement).where(
        Agreement.party == Party.MEMBER.value, Agreement.is_retired.is_(False)
    )
    agreements = [
        row
        for row in await session.scalars(statement.order_by(Agreement.id))
        if (process is None and row.processes) or (process is not None and process.value in row.processes)
    ]
    if not agreements:
        return []
    texts = await versions_in_force(session, at, [row.id for row in agreements])
    return [(row, texts[row.id]) for row in agreements if row.id in texts]


async def missing(
    session: AnySession, member_id: int, at: datetime, process: GatedProcess | None = None
) -> list[tuple[Agreement, AgreementVersion]]:
    """What of it a member has not accepted, in this text or in one that stands for it."""
    wanted = await required(session, at, process)
    if not wanted:
        return []
    bits = await bits_accepted(session, member_id)
    return [(agreement, version) for agreement, version in wanted if version.bit not in bits]


async def bits_accepted(session: AnySession, member_id: int) -> set[int]:
    """Places in the member's record on the switch that their acceptances stand for."""
    rows = await session.scalars(
        select(AgreementVersion.bit)
        .join(AgreementAcceptance, AgreementAcceptance.version_id == AgreementVersion.id)
        .where(AgreementAcceptance.member_id == member_id)
    )
    return {bit for bit in rows if bit is not None}


async def check_accepted(session: AnySession, member_id: int, process: GatedProcess) -> None:
    """See that a member has accepted all that an act of theirs waits for.

    Raises:
        AgreementNotAccepted
    """
    lacking = await missing(session, member_id, utc_now(), process)
    if lacking:
        raise AgreementNotAccepted(
            [(agreement.code, version.title_fa, version.title_en) for agreement, version in lacking]
        )


async def _shown_many(session: AnySession, rows: Sequence[Agreement]) -> list[AgreementRead]:
    texts = await versions_in_force(session, utc_now(), [row.id for row in rows])
    return [_shown(row, texts.get(row.id)) for row in rows]


def _shown(row: Agreement, version: AgreementVersion | None) -> AgreementRead:
    return AgreementRead(
        id=row.id,
        code=row.code,
        party=Party(row.party),
        processes=[GatedProcess(name) for name in row.processes],
        refusal_fa=row.refusal_fa,
        refusal_en=row.refusal_en,
        is_retired=row.is_retired,
        version_in_force=None if version is None else version.id,
        created_at=row.created_at,
    )
