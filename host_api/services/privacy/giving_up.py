"""Takes what a member has given up, one purse at a time, then has the erasing go on."""

from host_api.core.access.caller import system_caller
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.isolation import programme_of
from host_api.core.jobs import run_store
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.services.privacy.models import PrivacyRequest
from host_api.services.privacy.schemas import PrivacyState
from host_api.services.transactions.holdings import holdings_of
from host_api.services.transactions.personal_data import POINTS_STAND
from protocol.dialect import PurseCode, ResponseCode

SERVICE = "privacy"
ERASE_JOB = "erase-member"

_MOST_DEBITS = 40
_CODES = {purse.name.lower(): purse.value for purse in PurseCode}


async def begin(session: WriteSession, request: PrivacyRequest) -> None:
    """Begin an approved erasing."""
    if not request.gives_up_points:
        erase_next(session, request)
        return
    request.state = PrivacyState.GIVING_UP.value
    holdings = await holdings_of(session, request.member_id, utc_now())
    known = {_CODES[name]: amount for name, amount in holdings.spendable.items() if name in _CODES}
    if holdings.spendable and not known:
        known = {
            PurseCode.POINTS.value: 1
        }  # the answer tells purses of the club's own by their account types
    await _take_next(session, request, known)


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Go on after a debit."""
    request_id, _, _ = outcome.reference.partition("-")
    request = await session.get(PrivacyRequest, int(request_id), with_for_update=True)
    if request is None:
        raise LookupError("an erasing has gone")
    if outcome.state is RequestState.DOUBTFUL or request.state != PrivacyState.GIVING_UP:
        return
    is_refused = outcome.state is not RequestState.APPROVED
    if is_refused and outcome.response_code != ResponseCode.INSUFFICIENT_FUNDS:
        _hinder(request)
        await session.flush()
        return
    await _take_next(session, request, {int(code): amount for code, amount in outcome.balances.items()})


def erase_next(session: WriteSession, request: PrivacyRequest) -> None:
    """Have the job erase the member."""
    request.state = PrivacyState.WORKING.value
    caller = system_caller(SERVICE, programme_of(session.sync_session))
    run_store.enqueue(session, ERASE_JOB, {"request_id": request.id}, caller, now=utc_now())


async def _take_next(session: WriteSession, request: PrivacyRequest, known: dict[int, int]) -> None:
    purse = next((code for code, amount in sorted(known.items()) if amount > 0), None)
    if purse is None:
        erase_next(session, request)
    elif request.debits >= _MOST_DEBITS:
        _hinder(request)
    else:
        request.debits += 1
        await request_points(
            session,
            debit(request.member_id, purse, known[purse], f"given up {request.id}"),
            service=SERVICE,
            reference=f"{request.id}-{request.debits}",
            asked_by=system_caller(SERVICE, programme_of(session.sync_session)),
            reason=f"given up {request.id}",
        )
    await session.flush()


def _hinder(request: PrivacyRequest) -> None:
    request.state, request.finished_at = PrivacyState.HINDERED.value, utc_now()
    request.hindrances = [POINTS_STAND]
