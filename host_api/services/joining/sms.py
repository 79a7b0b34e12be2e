"""A text message that came in: a keyword of a policy joins, and the name stands behind it if it was given."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.persian_text import fold_name
from host_api.services.joining import attempts, logic, policies, sms_words
from host_api.services.joining.models import ReceivedSms
from host_api.services.joining.schemas import ApplicationState, SmsCreate, SmsOutcome, Way
from host_api.services.joining.wish import Wish

_LONGEST_NAME = 100
_UNKNOWN = "unknown-keyword"


async def receive(session: WriteSession, cipher: FieldCipher, caller: Caller, sms: SmsCreate) -> SmsOutcome:
    """Do what a message asks for, once however often the gateway tells of it."""
    row = ReceivedSms(message_id=sms.message_id, at=utc_now(), outcome="")
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError:  # PostgreSQL has waited for whoever was first
        kept = (
            await session.scalars(select(ReceivedSms).where(ReceivedSms.message_id == sms.message_id))
        ).one()
        return _read(kept, is_repeat=True)
    await _join(session, cipher, caller, sms, row)
    await session.flush()
    return _read(row, is_repeat=False)


async def _join(
    session: WriteSession, cipher: FieldCipher, caller: Caller, sms: SmsCreate, row: ReceivedSms
) -> None:
    word, _, rest = fold_name(sms.text).partition(" ")
    policy = await policies.with_keyword(session, word)
    if policy is None and (outcome := await sms_words.answer(session, cipher, sms.text, sms.sender, row)):
        row.outcome = outcome
        return
    name = rest[:_LONGEST_NAME].strip()
    if policy is None:
        row.outcome = _UNKNOWN
        await attempts.keep(
            session,
            cipher,
            way=Way.SMS,
            club_level=None,
            reason=_UNKNOWN,
            name=None,
            mobile=sms.sender,
        )
        return
    wish = Wish(Way.SMS, policy.club_level or None, {"name": name, "mobile": sms.sender})
    result = await logic.apply_with(session, cipher, caller, wish)
    if isinstance(result, Problem):
        row.outcome = result.code
        return
    row.application_id, row.member_id = result.id, result.member_id
    row.outcome = "joined" if result.state is ApplicationState.ACCEPTED else "waiting"


def _read(row: ReceivedSms, *, is_repeat: bool) -> SmsOutcome:
    return SmsOutcome(
        outcome=row.outcome,
        member_id=row.member_id,
        application_id=row.application_id,
        is_repeat=is_repeat,
    )
