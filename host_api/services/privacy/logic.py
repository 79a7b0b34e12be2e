"""Asking for exports and erasings, and deciding them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs import run_store
from host_api.core.listing import Page, read_rows
from host_api.core.personal_data import Hindrance, PersonalData, hindrances_of
from host_api.core.second_person import Decision, asked_by, cancel, decide
from host_api.services.cards import reassignment
from host_api.services.member_merging import logic as merging
from host_api.services.members import logic as members
from host_api.services.members.standing import set_standings
from host_api.services.privacy import giving_up
from host_api.services.privacy.listing import PrivacyQuery
from host_api.services.privacy.models import PrivacyRequest
from host_api.services.privacy.problems import ErasingAsked, PrivacyRequestNotFound, hindered
from host_api.services.privacy.schemas import (
    PersonalDataPartRead,
    PrivacyErasureCreate,
    PrivacyExportCreate,
    PrivacyKind,
    PrivacyReason,
    PrivacyRequestRead,
    PrivacyState,
)
from host_api.services.transactions.personal_data import POINTS_STAND, POINTS_WAIT

EXPORT_JOB = "export-member"

_GIVEN_UP = (POINTS_STAND, POINTS_WAIT)
_UNDER_WAY = [
    state.value
    for state in (PrivacyState.ASKED, PrivacyState.GIVING_UP, PrivacyState.WORKING, PrivacyState.DONE)
]


async def ask_export(
    session: WriteSession, wanted: PrivacyExportCreate, caller: Caller
) -> PrivacyRequestRead:
    """Have a job write all that is held of a member into files.

    Raises:
        members.MemberNotFound
    """
    await members.read(session, wanted.member_id)
    request = _new(PrivacyKind.EXPORT, wanted.member_id, wanted.reason_code, caller)
    request.state = PrivacyState.WORKING.value
    session.add(request)
    await session.flush()
    run_store.enqueue(session, EXPORT_JOB, {"request_id": request.id}, caller, now=utc_now())
    return shown(request)


async def ask_erasure(
    session: WriteSession, parts: Sequence[PersonalData], wanted: PrivacyErasureCreate, caller: Caller
) -> PrivacyRequestRead:
    """Keep an erasing for a second person to decide.

    Raises:
        members.MemberNotFound, ErasingAsked, ErasingHindered
    """
    request = _new(PrivacyKind.ERASE, wanted.member_id, wanted.reason_code, caller)
    request.gives_up_points = wanted.gives_up_points
    await members.read(session, wanted.member_id)
    await set_standings(session, {wanted.member_id: {}})  # holds the row, so that of two one is asked
    if await _is_under_way(session, wanted.member_id):
        raise ErasingAsked
    await _check(session, parts, request)
    session.add(request)
    await session.flush()
    return shown(request)


async def read(session: AnySession, request_id: int) -> PrivacyRequestRead:
    """One request.

    Raises:
        PrivacyRequestNotFound
    """
    request = await session.get(PrivacyRequest, request_id)
    if request is None:
        raise PrivacyRequestNotFound
    return shown(request)


async def read_page(session: ReadSession, query: PrivacyQuery) -> Page[PrivacyRequestRead]:
    """A page of requests."""
    requests, next_cursor = await read_rows(session, select(PrivacyRequest), query)
    return Page(items=[shown(request) for request in requests], next_cursor=next_cursor)


async def approve(
    session: WriteSession, cipher: FieldCipher, parts: Sequence[PersonalData], request_id: int, caller: Caller
) -> PrivacyRequestRead:
    """Approve an erasing that another has asked for: cards are blocked at once, the rest follows.

    Raises:
        PrivacyRequestNotFound, AlreadyDecided, OwnAct, ErasingHindered
    """
    request = await lock(session, request_id)
    decide(request, PrivacyState.WORKING, caller)
    await _check(session, parts, request)
    await reassignment.block_all(session, cipher, caller, request.member_id)
    await giving_up.begin(session, request)
    await session.flush()
    return shown(request)


async def reject(session: WriteSession, request_id: int, caller: Caller) -> PrivacyRequestRead:
    """Turn an erasing down.

    Raises:
        PrivacyRequestNotFound, AlreadyDecided, OwnAct
    """
    request = await lock(session, request_id)
    decide(request, PrivacyState.REJECTED, caller)
    await session.flush()
    return shown(request)


async def cancel_own(session: WriteSession, request_id: int, caller: Caller) -> PrivacyRequestRead:
    """Take back an erasing that one has asked for.

    Raises:
        PrivacyRequestNotFound, AlreadyDecided, ActOfAnother
    """
    request = await lock(session, request_id)
    cancel(request, caller)
    await session.flush()
    return shown(request)


async def standing_hindrances(
    session: AnySession, parts: Iterable[PersonalData], request: PrivacyRequest
) -> list[Hindrance]:
    """What stands against erasing all records of the request's member, but for what was given up."""
    found: dict[str, Hindrance] = {}
    for member_id in await merging.records_of(session, request.member_id):
        for hindrance in await hindrances_of(session, parts, member_id):
            if not (request.gives_up_points and hindrance.code in _GIVEN_UP):
                found.setdefault(hindrance.code, hindrance)
    return list(found.values())


async def lock(session: WriteSession, request_id: int) -> PrivacyRequest:
    """A request, which nobody else changes until the transaction ends.

    Raises:
        PrivacyRequestNotFound
    """
    request = await session.get(PrivacyRequest, request_id, with_for_update=True)
    if request is None:
        raise PrivacyRequestNotFound
    return request


async def files_of(session: AnySession, member_ids: Sequence[int]) -> list[int]:
    """Ids of the files that exports of these members have made."""
    rows = await session.scalars(
        select(PrivacyRequest).where(
            PrivacyRequest.member_id.in_(member_ids), PrivacyRequest.kind == PrivacyKind.EXPORT.value
        )
    )
    return [file_id for row in rows for file_id in row.file_ids]


def shown_parts(parts: Iterable[PersonalData]) -> list[PersonalDataPartRead]:
    """What is held, and what of it stays."""
    return [
        PersonalDataPartRead(
            name=part.name, title=part.title, title_fa=part.title_fa, kept=part.kept, kept_fa=part.kept_fa
        )
        for part in parts
    ]


def shown(request: PrivacyRequest) -> PrivacyRequestRead:
    """A request as people see it."""
    return PrivacyRequestRead(
        id=request.id,
        kind=PrivacyKind(request.kind),
        state=PrivacyState(request.state),
        member_id=request.member_id,
        reason_code=PrivacyReason(request.reason_code),
        gives_up_points=request.gives_up_points,
        hindrances=request.hindrances,
        file_ids=request.file_ids,
        asked_by=request.asked_by_name,
        asked_at=request.asked_at,
        decided_by=request.decided_by_name,
        decided_at=request.decided_at,
        finished_at=request.finished_at,
    )


def _new(kind: PrivacyKind, member_id: int, reason_code: PrivacyReason, caller: Caller) -> PrivacyRequest:
    return PrivacyRequest(
        kind=kind.value,
        member_id=member_id,
        reason_code=reason_code.value,
        gives_up_points=False,
        debits=0,
        hindrances=[],
        file_ids=[],
        finished_at=None,
        state=Decision.ASKED.value,
        **asked_by(caller),
    )


async def _is_under_way(session: AnySession, member_id: int) -> bool:
    statement = select(PrivacyRequest.id).where(
        PrivacyRequest.member_id == member_id,
        PrivacyRequest.kind == PrivacyKind.ERASE.value,
        PrivacyRequest.state.in_(_UNDER_WAY),
    )
    return await session.scalar(statement.limit(1)) is not None


async def _check(session: AnySession, parts: Sequence[PersonalData], request: PrivacyRequest) -> None:
    found = await standing_hindrances(session, parts, request)
    if found:
        raise hindered(found)
