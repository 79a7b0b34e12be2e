"""What paid notices hold of a member, for export and erasing."""

from collections.abc import Sequence

from pydantic import JsonValue
from sqlalchemy import exists, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.paid_notices.models import NoticeConsent, PaidNotice, PaidNoticeMessage
from host_api.services.paid_notices.states import PaidNoticeState
from host_api.services.sellers.logic import ids_of_member

_OPEN = tuple(
    state.value
    for state in (
        PaidNoticeState.PAYING,
        PaidNoticeState.ASKED,
        PaidNoticeState.SENDING,
        PaidNoticeState.SETTLING,
    )
)
_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    consent = await session.scalar(select(NoticeConsent).where(NoticeConsent.member_id == member_id))
    rows = await session.scalars(
        select(PaidNoticeMessage)
        .where(PaidNoticeMessage.member_id == member_id)
        .order_by(PaidNoticeMessage.id.desc())
        .limit(_MOST)
    )
    got: list[JsonValue] = [
        {"notice_id": row.notice_id, "state": row.state, "queued_at": row.queued_at.isoformat()}
        for row in rows
    ]
    return {
        **({} if consent is None else {"consent_given_at": consent.given_at.isoformat()}),
        **({"messages": got} if got else {}),
    }


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> Sequence[InProgramme]:
    consent = await session.scalar(select(NoticeConsent).where(NoticeConsent.member_id == member_id))
    if consent is not None:
        await session.delete(consent)
    return []


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_open = exists().where(PaidNotice.seller_id.in_(ids_of_member(member_id)), PaidNotice.state.in_(_OPEN))
    if not await session.scalar(select(is_open)):
        return []
    return [
        Hindrance(
            "paid-notices-open",
            "A notice that the member pays for is not billed yet",
            "اطلاع‌رسانی‌ای به هزینهٔ این عضو هنوز حساب نشده است.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="paid_notices",
    title="Sellers' notices",
    title_fa="اطلاع‌رسانی فروشندگان",
    kept="That a notice went to the member's number, as long as its bill; the consent goes.",
    kept_fa="این که اطلاع‌رسانی‌ای به شمارهٔ عضویت رفته، تا زمانی که صورت‌حسابش می‌ماند؛ رضایت پاک می‌شود.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
