"""Applications for membership: from the first wish until somebody is a member, or not.

What hinders an application is given back as a problem rather than raised, with the attempt noted: whoever
raised it would take the note back too.
"""

from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.events.event_type import EventType
from host_api.core.isolation import programme_of
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import check_second_person
from host_api.core.texted_codes import CodeOutcome
from host_api.services.agreements import acceptances as agreements
from host_api.services.joining import attempts, codes, policies
from host_api.services.joining.events import (
    APPLICATION_ACCEPTED,
    APPLICATION_RECEIVED,
    APPLICATION_REFUSED,
    ApplicationEvent,
)
from host_api.services.joining.listing import ApplicationQuery
from host_api.services.joining.models import DETAILS, MOBILE, NATIONAL_ID, Application
from host_api.services.joining.problems import (
    AlreadyMember,
    ApplicationNotFound,
    ApplicationPending,
    CodeOver,
    CodeWrong,
    JoiningNotPermitted,
    NotInThisState,
    WayClosed,
)
from host_api.services.joining.schemas import (
    ApplicationCreate,
    ApplicationRead,
    ApplicationState,
    Way,
)
from host_api.services.joining.wish import WITH_CODE, Wish, check_form, wish_of
from host_api.services.member_classes.block_list.logic import is_not_permitted
from host_api.services.members import logic as members
from host_api.services.members.identities.kinds import BuiltIn
from host_api.services.members.identities.problems import IdentityTaken
from host_api.services.members.interests import logic as interests
from host_api.services.members.schemas import JoinedVia, MemberCreate

PENDING: Final = (
    ApplicationState.UNCONFIRMED,
    ApplicationState.WAITING_FEE,
    ApplicationState.WAITING_APPROVAL,
)


async def apply(
    session: WriteSession, cipher: FieldCipher, caller: Caller, wanted: ApplicationCreate
) -> ApplicationRead | Problem:
    """Take an application in; at once a member where nothing else is asked for."""
    details = wanted.model_dump(mode="json", exclude={"way", "club_level"}, exclude_none=True)
    return await apply_with(session, cipher, caller, Wish(wanted.way, wanted.club_level, details))


async def apply_with(
    session: WriteSession, cipher: FieldCipher, caller: Caller, wish: Wish
) -> ApplicationRead | Problem:
    """The same for a wish that came otherwise; whoever sends a message has proved the number."""
    work = _apply(session, cipher, caller, wish)
    result = await attempts.undone_where_it_fails(session, work)
    if isinstance(result, Problem):
        await attempts.keep(
            session,
            cipher,
            way=wish.way,
            club_level=wish.club_level,
            reason=result.code,
            name=wish.name,
            mobile=wish.mobile,
        )
    return result


async def send_code(session: WriteSession, cipher: FieldCipher, application_id: int) -> ApplicationRead:
    """Have another code texted.

    Raises:
        ApplicationNotFound, NotInThisState, TooManyCodes
    """
    application = await _locked(session, application_id, ApplicationState.UNCONFIRMED)
    await codes.send(session, cipher, application)
    return shown(cipher, application)


async def confirm(
    session: WriteSession, cipher: FieldCipher, application_id: int, typed: str
) -> ApplicationRead | Problem:
    """Prove the mobile number by the code that was texted.

    Raises:
        ApplicationNotFound, NotInThisState
    """
    application = await _locked(session, application_id, ApplicationState.UNCONFIRMED)
    outcome = await codes.compare(session, cipher, application, typed)
    result: ApplicationRead | Problem
    if outcome is CodeOutcome.ACCEPTED:
        application.confirmed_at = utc_now()
        await session.flush()
        result = await attempts.undone_where_it_fails(session, _advance(session, cipher, application))
    else:
        result = CodeWrong() if outcome is CodeOutcome.WRONG else CodeOver()
    return await _noted(session, cipher, application, result)


async def note_fee(
    session: WriteSession, cipher: FieldCipher, caller: Caller, application_id: int, reference: str
) -> ApplicationRead | Problem:
    """Note that the fee was paid.

    Raises:
        ApplicationNotFound, NotInThisState
    """
    application = await _locked(session, application_id, ApplicationState.WAITING_FEE)
    application.fee_reference, application.fee_noted_by = reference, caller.name
    application.fee_noted_at = utc_now()
    await session.flush()
    result = await attempts.undone_where_it_fails(session, _advance(session, cipher, application))
    return await _noted(session, cipher, application, result)


async def approve(
    session: WriteSession, cipher: FieldCipher, caller: Caller, application_id: int, note: str | None
) -> ApplicationRead | Problem:
    """Consent as the second person.

    Raises:
        ApplicationNotFound, NotInThisState, OwnAct
    """
    application = await _locked(session, application_id, ApplicationState.WAITING_APPROVAL)
    check_second_person(application.asked_by, caller)

    async def work() -> ApplicationRead:
        _decide(application, caller, note)
        await session.flush()
        return await _advance(session, cipher, application)

    result = await attempts.undone_where_it_fails(session, work())
    return await _noted(session, cipher, application, result)


async def refuse(
    session: WriteSession, cipher: FieldCipher, caller: Caller, application_id: int, reason: str
) -> ApplicationRead:
    """Turn an application of somebody else down.

    Raises:
        ApplicationNotFound, NotInThisState, OwnAct
    """
    application = await _locked(session, application_id, *PENDING)
    check_second_person(application.asked_by, caller)
    _decide(application, caller, reason)
    await keep_attempt(session, cipher, application, "refused")
    await end(session, cipher, application, ApplicationState.REFUSED)
    _tell(session, APPLICATION_REFUSED, application)
    return shown(cipher, application)


async def withdraw(session: WriteSession, cipher: FieldCipher, application_id: int) -> ApplicationRead:
    """Take an application back, as the applicant wishes.

    Raises:
        ApplicationNotFound, NotInThisState
    """
    application = await _locked(session, application_id, *PENDING)
    await end(session, cipher, application, ApplicationState.WITHDRAWN)
    return shown(cipher, application)


async def read(session: AnySession, cipher: FieldCipher, application_id: int) -> ApplicationRead:
    """One application.

    Raises:
        ApplicationNotFound
    """
    application = await session.get(Application, application_id)
    if application is None:
        raise ApplicationNotFound
    return shown(cipher, application)


async def read_page(
    session: ReadSession, cipher: FieldCipher, query: ApplicationQuery
) -> Page[ApplicationRead]:
    """A page of applications."""
    statement = select(Application)
    if query.mobile is not None:
        statement = statement.where(MOBILE.equals(cipher, programme_of(session.sync_session), query.mobile))
    rows, next_cursor = await read_rows(session, statement, query)
    return Page(items=[shown(cipher, row) for row in rows], next_cursor=next_cursor)


async def end(
    session: WriteSession, cipher: FieldCipher, application: Application, state: ApplicationState
) -> None:
    """Close an application: what was told for it is forgotten, the number stays for whoever asks."""
    application.state, application.is_pending = state.value, False
    application.code_salt = application.code_digest = None
    DETAILS.seal(cipher, application, None)
    NATIONAL_ID.seal(cipher, application, None)
    await codes.forget_texts(session, application)
    await session.flush()


async def keep_attempt(
    session: WriteSession, cipher: FieldCipher, application: Application, reason: str
) -> None:
    """Keep an application that came to nothing among the failed attempts."""
    wish = wish_of(cipher, application)
    await attempts.keep(
        session,
        cipher,
        way=wish.way,
        club_level=wish.club_level,
        reason=reason,
        name=wish.name,
        mobile=MOBILE.open(cipher, application),
        application_id=application.id,
    )


def shown(cipher: FieldCipher, row: Application) -> ApplicationRead:
    """The application as it is shown."""
    return ApplicationRead(
        id=row.id,
        club_level=row.club_level or None,
        way=Way(row.way),
        state=ApplicationState(row.state),
        name=wish_of(cipher, row).name,
        mobile=MOBILE.open(cipher, row),
        fee_rials=row.fee_rials,
        fee_reference=row.fee_reference,
        needs_approval=row.needs_approval,
        asked_by_name=row.asked_by_name,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        decided_by_name=row.decided_by_name,
        decided_at=row.decided_at,
        reason=row.reason,
        member_id=row.member_id,
    )


async def _apply(session: WriteSession, cipher: FieldCipher, caller: Caller, wish: Wish) -> ApplicationRead:
    policy = await policies.of_club(session, wish.club_level)
    if wish.way not in policy.ways:
        raise WayClosed
    check_form(policy, wish)
    if set(wish.interests) - await interests.offered(session, wish.interests):
        raise interests.InterestUnknown
    if wish.mobile is not None:
        await _expire_unconfirmed(session, cipher, wish.mobile)
    application = Application(
        club_level=policy.club_level,
        way=wish.way.value,
        state=ApplicationState.UNCONFIRMED.value,
        is_pending=True,
        created_at=utc_now(),
        asked_by=caller.key,
        asked_by_name=caller.name,
        fee_rials=policy.fee_rials,
        needs_approval=policy.needs_approval,
        code_tries_left=0,
        codes_sent=0,
    )
    session.add(application)
    await session.flush()
    DETAILS.seal(cipher, application, wish.text)
    MOBILE.seal(cipher, application, wish.mobile)
    NATIONAL_ID.seal(cipher, application, wish.national_id)
    # First the constraint, which keeps others with the same number waiting; then the look at who is there.
    async with conflict_as(ApplicationPending()):
        await session.flush()
    await _check_may_join(session, cipher, wish)
    if wish.way in WITH_CODE:
        await codes.send(session, cipher, application)
        _tell(session, APPLICATION_RECEIVED, application)
        return shown(cipher, application)
    application.confirmed_at = utc_now() if wish.way is Way.SMS else None
    result = await _advance(session, cipher, application)
    if application.is_pending:
        _tell(session, APPLICATION_RECEIVED, application)
    return result


async def _advance(session: WriteSession, cipher: FieldCipher, application: Application) -> ApplicationRead:
    """Put an application into the state of what it still waits for; of nothing, make the member."""
    if application.fee_rials and application.fee_reference is None:
        application.state = ApplicationState.WAITING_FEE.value
    elif application.needs_approval and application.decided_at is None:
        application.state = ApplicationState.WAITING_APPROVAL.value
    else:
        await _accept(session, cipher, application)
    await session.flush()
    return shown(cipher, application)


async def _accept(session: WriteSession, cipher: FieldCipher, application: Application) -> None:
    wish = wish_of(cipher, application)
    await _check_may_join(session, cipher, wish)
    details = {
        **{name: told for name, told in wish.details.items() if name in MemberCreate.model_fields},
        "club_level": wish.club_level,
        "interests": sorted(await interests.offered(session, wish.interests)),
        # A message may have had the keyword alone.
        "name": wish.name or "?",
    }
    wanted = MemberCreate.model_validate(details).model_copy(update={"name": wish.name or ""})
    try:
        member = await members.create(session, cipher, wanted, joined_via=JoinedVia(wish.way))
    except IdentityTaken:
        raise AlreadyMember from None
    application.member_id = member.id
    caller = system_caller("joining", programme_of(session.sync_session))
    await agreements.accept_at_joining(session, caller, member.id, member.agreements)
    await end(session, cipher, application, ApplicationState.ACCEPTED)
    _tell(session, APPLICATION_ACCEPTED, application)


async def _check_may_join(session: WriteSession, cipher: FieldCipher, wish: Wish) -> None:
    if await is_not_permitted(session, cipher, mobile=wish.mobile, national_id=wish.national_id):
        raise JoiningNotPermitted
    for kind, value in ((BuiltIn.MOBILE, wish.mobile), (BuiltIn.NATIONAL_ID, wish.national_id)):
        if value is not None and await members.ids_by_identity(session, cipher, kind.value, [value]):
            raise AlreadyMember


async def _expire_unconfirmed(session: WriteSession, cipher: FieldCipher, mobile: str) -> None:
    """Let go of applications with this number that nobody proved: its owner must not be shut out by them."""
    same = MOBILE.equals(cipher, programme_of(session.sync_session), mobile)
    for application in await session.scalars(
        select(Application)
        .where(same, Application.state == ApplicationState.UNCONFIRMED.value)
        .with_for_update()
    ):
        await end(session, cipher, application, ApplicationState.EXPIRED)


async def _noted(
    session: WriteSession,
    cipher: FieldCipher,
    application: Application,
    result: ApplicationRead | Problem,
) -> ApplicationRead | Problem:
    """`result`; where it is a problem, that is kept for follow-up."""
    if isinstance(result, Problem):
        await session.refresh(application)
        await keep_attempt(session, cipher, application, result.code)
    return result


async def _locked(session: WriteSession, application_id: int, *states: ApplicationState) -> Application:
    application = await session.get(Application, application_id, with_for_update=True)
    if application is None:
        raise ApplicationNotFound
    if application.state not in states:
        raise NotInThisState
    return application


def _decide(application: Application, caller: Caller, text: str | None) -> None:
    application.decided_by, application.decided_by_name = caller.key, caller.name
    application.decided_at, application.reason = utc_now(), text


def _tell(session: WriteSession, kind: EventType[ApplicationEvent], application: Application) -> None:
    payload = ApplicationEvent(
        application_id=application.id,
        way=Way(application.way),
        state=ApplicationState(application.state),
        member_id=application.member_id,
    )
    emit(session, kind, Subject("application", application.id), payload)
