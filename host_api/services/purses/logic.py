"""What members hold of each purse, and converting by the rules of the switch."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.errors import Problem
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import conversion
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.services.members import logic as members
from host_api.services.purses.listing import PurseConversionQuery
from host_api.services.purses.models import PurseConversion
from host_api.services.purses.schemas import (
    Holding,
    HoldingsRead,
    PurseCatalogue,
    PurseConversionCreate,
    PurseConversionRead,
    PurseConversionRule,
    PurseConversionState,
    PurseShown,
)
from host_api.services.rules import purses as declared
from host_api.services.transactions import logic as transactions

SERVICE: Final = "purses"

# The member looks on: what the switch has not answered by then is taken back.
PATIENCE: Final = timedelta(minutes=15)

_STATES: Final = {
    RequestState.APPROVED: PurseConversionState.DONE,
    RequestState.DECLINED: PurseConversionState.FAILED,
    RequestState.REVERSED: PurseConversionState.FAILED,
    RequestState.DOUBTFUL: PurseConversionState.DOUBTFUL,
}


class PurseConversionNotFound(Problem):
    """No conversion has this id."""

    status = 404
    code = "purse-conversion-not-found"
    title = "Conversion not found"
    title_fa = "تبدیل پیدا نشد"
    detail = "There is no conversion between purses with this id."
    detail_fa = "تبدیلی با این شناسه وجود ندارد."


async def catalogue(session: ReadSession) -> PurseCatalogue:
    """The purses that the rules in force declare.

    Raises:
        InForceUnknown, RulesNotKnownHere
    """
    found = await declared.read(session)
    return PurseCatalogue(
        table_version=found.table_version,
        purses=[PurseShown.model_validate(purse) for purse in found.purses],
        conversions=[PurseConversionRule.model_validate(each) for each in found.conversions],
    )


async def holdings(session: ReadSession, member_id: int) -> HoldingsRead:
    """What a member has of each of them.

    Raises:
        members.MemberNotFound, InForceUnknown, RulesNotKnownHere
    """
    household = (await members.read(session, member_id)).household
    balances = await transactions.balances_of(session, member_id, household)
    by_name = {purse.purse: purse for purse in balances.purses}
    found = []
    for purse in (await declared.read(session)).purses:
        held = by_name.get(purse.name)
        found.append(
            Holding(
                code=purse.code,
                name=purse.name,
                title=purse.title,
                title_fa=purse.title_fa,
                unit=purse.unit,
                amount=0 if held is None else held.amount,
                pending=0 if held is None else held.pending,
                last_at=None if held is None else held.at,
            )
        )
    return HoldingsRead(member_id=member_id, holdings=found)


async def convert(
    session: WriteSession, member_id: int, wanted: PurseConversionCreate, caller: Caller
) -> tuple[PurseConversionRead, int]:
    """Ask the switch for a conversion; its rules decide what is given. It, and its request's id.

    Raises:
        members.MemberNotFound
    """
    await members.read(session, member_id)
    row = PurseConversion(
        member_id=member_id,
        from_purse=wanted.from_purse,
        to_purse=wanted.to_purse,
        units=wanted.units,
        state=PurseConversionState.SENT.value,
        asked_by_name=caller.name,
        asked_at=utc_now(),
    )
    session.add(row)
    await session.flush()
    request_id = await request_points(
        session,
        conversion(member_id, row.from_purse, row.to_purse, row.units),
        service=SERVICE,
        reference=str(row.id),
        asked_by=caller,
        patience=PATIENCE,
    )
    return PurseConversionRead.model_validate(row), request_id


async def read_conversion(session: AnySession, conversion_id: int) -> PurseConversionRead:
    """One conversion.

    Raises:
        PurseConversionNotFound
    """
    row = await session.get(PurseConversion, conversion_id)
    if row is None:
        raise PurseConversionNotFound
    return PurseConversionRead.model_validate(row)


async def conversions(session: ReadSession, query: PurseConversionQuery) -> Page[PurseConversionRead]:
    """A page of conversions."""
    rows, next_cursor = await read_rows(session, select(PurseConversion), query)
    return Page(items=[PurseConversionRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Keep what the switch made of a conversion."""
    row = await session.get(PurseConversion, int(outcome.reference))
    if row is None:
        raise LookupError("a conversion has gone")
    row.state = _STATES[outcome.state].value
    row.response_code, row.rrn = outcome.response_code, outcome.rrn
    row.balances_after = dict(outcome.balances) or None
    row.finished_at = utc_now()
