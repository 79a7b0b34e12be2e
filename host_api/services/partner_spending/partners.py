"""Partners and their contracts."""

from datetime import datetime

from sqlalchemy import select

from host_api.core.access.caller import Caller, CallerKind
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.period_limits import PeriodLimits
from host_api.services.partner_spending.listing import PartnerQuery
from host_api.services.partner_spending.models import Partner
from host_api.services.partner_spending.problems import (
    NotAPartner,
    PartnerNotFound,
    PartnerTaken,
    PartnerTermsContradict,
)
from host_api.services.partner_spending.schemas import (
    PartnerCreate,
    PartnerRead,
    PartnerStatus,
    PartnerUpdate,
    Proof,
)

_BASIS = 10_000
_MAY_BE_NULL = ("api_key_id", "valid_until")


async def create(session: WriteSession, wanted: PartnerCreate) -> Partner:
    """Add a partner.

    Raises:
        PartnerTaken
    """
    now = utc_now()
    values = wanted.model_dump(mode="python") | {"valid_from": wanted.valid_from or now}
    row = Partner(**values, status=PartnerStatus.ACTIVE.value, created_at=now)
    row.proofs = sorted({proof.value for proof in wanted.proofs})
    session.add(row)
    async with conflict_as(PartnerTaken()):
        await session.flush()
    return row


async def change(session: WriteSession, partner_id: int, if_match: str, wanted: PartnerUpdate) -> Partner:
    """Change a partner or its terms, for what is spent from now on.

    Raises:
        PartnerNotFound, PartnerTaken, PartnerTermsContradict, ChangedMeanwhile
    """
    row = await session.get(Partner, partner_id, with_for_update=True)
    if row is None:
        raise PartnerNotFound
    check_version(row, if_match)
    for name in wanted.model_fields_set:
        value = getattr(wanted, name)
        if value is None and name not in _MAY_BE_NULL:
            continue
        if isinstance(value, PeriodLimits):
            value = value.model_dump()
        elif name == "proofs":
            value = sorted({proof.value for proof in value})
        setattr(row, name, value)
    if row.most_units < row.least_units:
        raise PartnerTermsContradict
    async with conflict_as(PartnerTaken()):
        await session.flush()
    return row


async def find(session: AnySession, partner_id: int) -> Partner:
    """One partner, as a row.

    Raises:
        PartnerNotFound
    """
    row = await session.get(Partner, partner_id)
    if row is None:
        raise PartnerNotFound
    return row


async def of_caller(session: AnySession, caller: Caller) -> Partner:
    """The partner whose key calls.

    Raises:
        NotAPartner
    """
    if caller.kind is CallerKind.API_KEY:
        row = await session.scalar(select(Partner).where(Partner.api_key_id == caller.identity))
        if row is not None:
            return row
    raise NotAPartner


async def read_page(session: ReadSession, query: PartnerQuery) -> Page[PartnerRead]:
    """A page of partners."""
    rows, next_cursor = await read_rows(session, select(Partner), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


def is_open(row: Partner, now: datetime) -> bool:
    """Whether a contract is in force."""
    has_ended = row.valid_until is not None and row.valid_until <= now
    return row.status == PartnerStatus.ACTIVE and row.valid_from <= now and not has_ended


def worth_of(row: Partner, units: int) -> tuple[int, int]:
    """What a partner is owed for units, and what of it the club keeps; parts of a rial are cut off."""
    rials = units * row.rate_rials // row.rate_units
    return rials, rials * row.commission_basis_points // _BASIS


def shown(row: Partner) -> PartnerRead:
    """A partner as callers see it."""
    return PartnerRead(
        id=row.id,
        code=row.code,
        name=row.name,
        status=PartnerStatus(row.status),
        api_key_id=row.api_key_id,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        purse=row.purse,
        proofs=[Proof(proof) for proof in row.proofs],
        least_units=row.least_units,
        most_units=row.most_units,
        limits=PeriodLimits.model_validate(row.limits),
        rate_units=row.rate_units,
        rate_rials=row.rate_rials,
        commission_basis_points=row.commission_basis_points,
        created_at=row.created_at,
    )
