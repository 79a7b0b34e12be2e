"""Partner clubs, and their accounts here."""

from sqlalchemy import select

from host_api.core.access.caller import Caller, CallerKind
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.isolation import programme_of
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.programmes import Programme, ProgrammeStatus
from host_api.services.coalition.listing import ClubQuery
from host_api.services.coalition.models import ClubAccount, PartnerClub
from host_api.services.coalition.problems import (
    ClubNotFound,
    ClubNotOpen,
    ClubTaken,
    ClubUnknownHere,
    LetterNotUnderstood,
    NotAClub,
)
from host_api.services.coalition.schemas import (
    ClubStatus,
    CreditLimitUpdate,
    PartnerClubCreate,
    PartnerClubRead,
    PartnerClubUpdate,
)


async def create(session: WriteSession, wanted: PartnerClubCreate) -> PartnerClub:
    """Add a club; it may owe nothing yet.

    Raises:
        ClubTaken, ClubUnknownHere
    """
    if wanted.is_local and await local_programme(session, wanted.club_code) is None:
        raise ClubUnknownHere
    row = PartnerClub(
        **wanted.model_dump(),
        status=ClubStatus.ACTIVE.value,
        credit_limit_rials=0,
        created_at=utc_now(),
    )
    session.add(row)
    async with conflict_as(ClubTaken()):
        await session.flush()
    session.add(
        ClubAccount(
            club_id=row.id,
            balance_rials=0,
            reserved_rials=0,
            begun_number=0,
            written_number=0,
            arrived_number=0,
            taken_number=0,
            closed_until=None,
        )
    )
    await session.flush()
    return row


async def change(
    session: WriteSession, club_id: int, if_match: str, wanted: PartnerClubUpdate | CreditLimitUpdate
) -> PartnerClub:
    """Change a club, or what it may owe.

    Raises:
        ClubNotFound, ClubTaken, ChangedMeanwhile
    """
    row = await session.get(PartnerClub, club_id, with_for_update=True)
    if row is None:
        raise ClubNotFound
    check_version(row, if_match)
    for name in wanted.model_fields_set:
        value = getattr(wanted, name)
        if value is not None or name == "api_key_id":
            setattr(row, name, value)
    async with conflict_as(ClubTaken()):
        await session.flush()
    return row


async def find(session: AnySession, club_id: int) -> PartnerClub:
    """One club.

    Raises:
        ClubNotFound
    """
    row = await session.get(PartnerClub, club_id)
    if row is None:
        raise ClubNotFound
    return row


async def find_open(session: AnySession, club_id: int) -> PartnerClub:
    """One club with which something new may begin.

    Raises:
        ClubNotFound, ClubNotOpen
    """
    club = await find(session, club_id)
    if club.status != ClubStatus.ACTIVE:
        raise ClubNotOpen
    return club


async def of_caller(session: AnySession, caller: Caller) -> PartnerClub:
    """The club whose key calls.

    Raises:
        NotAClub
    """
    if caller.kind is CallerKind.API_KEY:
        row = await session.scalar(select(PartnerClub).where(PartnerClub.api_key_id == caller.identity))
        if row is not None:
            return row
    raise NotAClub


async def by_code(session: AnySession, club_code: str) -> PartnerClub | None:
    """The local club that calls itself so."""
    return await session.scalar(
        select(PartnerClub).where(PartnerClub.club_code == club_code, PartnerClub.is_local)
    )


async def account_of(session: AnySession, club_id: int) -> ClubAccount:
    """How things stand with a club."""
    return (await session.scalars(select(ClubAccount).where(ClubAccount.club_id == club_id))).one()


async def lock_account(session: WriteSession, club_id: int) -> ClubAccount:
    """The same, kept from others; locked before anything else of the two clubs.

    Raises:
        ClubNotFound
    """
    row = await session.scalar(select(ClubAccount).where(ClubAccount.club_id == club_id).with_for_update())
    if row is None:
        raise ClubNotFound
    return row


async def next_reference(session: AnySession, account: ClubAccount) -> str:
    """What both clubs will call the next thing that begins here; the account is locked by the caller."""
    account.begun_number += 1
    return f"{await own_code(session)}:{account.begun_number}"


async def check_reference(session: AnySession, club_id: int, reference: str) -> None:
    """See that what a club has begun is called by that club's code: else it could take this club's numbers.

    Raises:
        ClubNotFound, LetterNotUnderstood
    """
    if reference.partition(":")[0] != (await find(session, club_id)).club_code:
        raise LetterNotUnderstood


async def own_code(session: AnySession) -> str:
    """What this club calls itself: its programme's code."""
    programme_id = programme_of(session.sync_session)
    return (await session.scalars(select(Programme.code).where(Programme.id == programme_id))).one()


async def local_programme(session: AnySession, code: str) -> int | None:
    """The other active programme of this installation with this code."""
    return await session.scalar(
        select(Programme.id).where(
            Programme.code == code,
            Programme.status == ProgrammeStatus.ACTIVE.value,
            Programme.id != programme_of(session.sync_session),
        )
    )


async def read_page(session: ReadSession, query: ClubQuery) -> Page[PartnerClubRead]:
    """A page of clubs."""
    rows, next_cursor = await read_rows(session, select(PartnerClub), query)
    return Page(items=[await shown(session, row) for row in rows], next_cursor=next_cursor)


async def shown(session: AnySession, row: PartnerClub) -> PartnerClubRead:
    """A club as callers see it."""
    account = await account_of(session, row.id)
    return PartnerClubRead(
        id=row.id,
        club_code=row.club_code,
        name=row.name,
        is_local=row.is_local,
        api_key_id=row.api_key_id,
        status=ClubStatus(row.status),
        credit_limit_rials=row.credit_limit_rials,
        balance_rials=account.balance_rials,
        reserved_rials=account.reserved_rials,
        letters_written=account.written_number,
        letters_arrived=account.arrived_number,
        letters_taken=account.taken_number,
        closed_until=account.closed_until,
        created_at=row.created_at,
    )
