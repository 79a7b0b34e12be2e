"""What is held of a marketer and of their customers, for export and erasing."""

from pydantic import JsonValue
from sqlalchemy import func, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.marketers.models import (
    AffiliateAttribution,
    AffiliateLink,
    Marketer,
    MarketerLine,
    MarketerPayment,
    MarketerStatement,
)
from host_api.services.marketers.months import label_of
from host_api.services.marketers.schemas import StatementState

_MOST = 10_000
_ERASED = "حذف‌شده"


async def _marketer(session: AnySession, member_id: int) -> Marketer | None:
    found: Marketer | None = await session.scalar(select(Marketer).where(Marketer.member_id == member_id))
    return found


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    parts: JsonObject = {}
    came = await session.scalar(
        select(AffiliateAttribution).where(AffiliateAttribution.member_id == member_id)
    )
    if came is not None:
        parts["came_by_link"] = {"link": came.link_id, "clicked_at": came.clicked_at.isoformat()}
    marketer = await _marketer(session, member_id)
    if marketer is None:
        return parts
    rows = await session.scalars(
        select(MarketerStatement)
        .where(MarketerStatement.marketer_id == marketer.id)
        .order_by(MarketerStatement.id.desc())
        .limit(_MOST)
    )
    listed: list[JsonValue] = [
        {"month": label_of(row.month), "payable_rials": row.payable_rials, "state": row.state} for row in rows
    ]
    return {**parts, "since": marketer.since.isoformat(), "statements": listed}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    """What people wrote may name them; numbers stay."""
    marketer = await _marketer(session, member_id)
    if marketer is None:
        return []
    marketer.is_active = False
    links = list(await session.scalars(select(AffiliateLink).where(AffiliateLink.marketer_id == marketer.id)))
    for link in links:
        link.title, link.is_active = _ERASED, False
    for line in await session.scalars(
        select(MarketerLine).where(MarketerLine.marketer_id == marketer.id, MarketerLine.note.is_not(None))
    ):
        line.note = None
    payments = list(
        await session.scalars(
            select(MarketerPayment)
            .join(MarketerStatement, MarketerStatement.id == MarketerPayment.statement_id)
            .where(MarketerStatement.marketer_id == marketer.id)
        )
    )
    for payment in payments:
        payment.note = None
    await session.flush()
    return [*links, *payments]


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_due = select(func.count(MarketerStatement.id)).where(
        MarketerStatement.marketer_id == Marketer.id,
        Marketer.member_id == member_id,
        MarketerStatement.state == StatementState.DUE.value,
    )
    if not await session.scalar(is_due):
        return []
    return [
        Hindrance(
            "marketer-statements-due",
            "A statement of the marketer is to be paid",
            "صورت‌حساب پرداخت‌نشده‌ای برای بازاریاب هست.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="marketers",
    title="Marketers",
    title_fa="بازاریاب‌ها",
    kept="What counted, and what was owed and paid, by member number, as long as the ledger.",
    kept_fa="آنچه به شمار آمده و آنچه بدهی و پرداخت بوده با شمارهٔ عضویت، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
