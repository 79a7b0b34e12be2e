"""Makes members of the counter known here: the switch enrols them, and the journal feed tells of it.

The rows are people's, not the projection's: building that anew finds them and leaves them as they are.
"""

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError

from host_api.core.clock import from_epoch_ms
from host_api.core.database import WriteSession
from host_api.core.events.feed_mark import told_up_to
from host_api.services.members import repository
from host_api.services.members.logic import tell_joined
from host_api.services.members.models import Member
from host_api.services.members.schemas import LOWEST_TIER, Activity, JoinedVia, MemberStatus
from protocol.dialect import FileName, ResponseCode
from protocol.feed import Event, RecordLine, TransactionEvent

_SET = "1"
_TAKEN_BACK = "enrolment taken back at the counter · عضویت در فروشگاه پس گرفته شد"


class CounterEnrolments:
    """Adds who was enrolled at the counter, and deletes them where the enrolment was taken back.

    Stands before the projectors that move the mark of what was told, so that each is told once.
    """

    async def apply(self, session: WriteSession, events: Sequence[Event]) -> None:
        """Add or delete the members whose records `events` set or took back."""
        told: int | None = None
        for event in events:
            if not isinstance(event, TransactionEvent) or event.response_code != ResponseCode.APPROVED:
                continue
            for record in event.records:
                if record.file != FileName.MEMBER or record.member_number is None:
                    continue
                if record.action != _SET:
                    await _take_back(session, record.member_number)
                    continue
                told = await told_up_to(session) if told is None else told
                await _add(session, event, record, is_told=event.position <= told)

    async def clear(self, session: WriteSession) -> None:
        """Nothing: people stay."""


async def _add(session: WriteSession, event: TransactionEvent, record: RecordLine, *, is_told: bool) -> None:
    if record.member_number is None or await repository.find(session, record.member_number) is not None:
        return
    member = Member(
        id=record.member_number,
        name="",
        tier=LOWEST_TIER,
        status=MemberStatus.ACTIVE.value,
        created_at=from_epoch_ms(event.at_ms),
        joined_via=JoinedVia.COUNTER.value,
        activity=Activity.NEW.value,
    )
    session.add(member)
    await session.flush()
    if not is_told:
        tell_joined(session, member)


async def _take_back(session: WriteSession, member_number: int) -> None:
    member = await repository.lock(session, member_number)
    if member is None or member.joined_via != JoinedVia.COUNTER.value:
        return
    try:
        async with session.begin_nested():
            await session.delete(member)
            await session.flush()
    except IntegrityError:
        # Something here refers to them already: they stay on record, and may do nothing.
        member.status, member.status_reason = MemberStatus.BLOCKED.value, _TAKEN_BACK
        member.status_at = member.status_at or member.created_at
        await session.flush()
