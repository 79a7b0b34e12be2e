"""The frame's own parts: what it holds of members beside the services' tables."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.ledger.open_requests import open_requests
from host_api.core.outbox import OutboxRow, OutboxState, SubjectKind
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.members.personal_data import ERASED_NAME
from protocol.dialect import Tag

# Of a record that was sent; the rest tells of the member.
_KEPT_TAGS: Final = (Tag.MEMBER_NUMBER.value, Tag.MEMBER_TIER.value, Tag.STATUS.value)


async def _nothing(_session: AnySession, _cipher: FieldCipher, _member_id: int) -> JsonObject:
    return {}


async def _rows(session: AnySession, member_id: int) -> list[OutboxRow]:
    rows = await session.scalars(
        select(OutboxRow).where(
            OutboxRow.subject_kind == SubjectKind.MEMBER.value, OutboxRow.subject_id == member_id
        )
    )
    return list(rows)


async def _erase_records(session: WriteSession, _cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    for row in await _rows(session, member_id):
        row.record = _anonymous(row.record)
    return []


def _anonymous(record: Mapping[str, str]) -> dict[str, str]:
    kept = {tag: record[tag] for tag in _KEPT_TAGS if tag in record}
    return kept | {Tag.MEMBER_NAME.value: ERASED_NAME}


async def _records_on_the_way(session: AnySession, member_id: int) -> list[Hindrance]:
    # One that was sent must stay the same message until it is answered.
    rows = await _rows(session, member_id)
    if not any(row.state == OutboxState.WAITING and row.sent_at is not None for row in rows):
        return []
    return [
        Hindrance(
            "records-on-the-way",
            "A record of the member waits for the switch's answer",
            "رکوردی از عضو در انتظار پاسخ سوئیچ است.",
        )
    ]


async def _requests_open(session: AnySession, member_id: int) -> list[Hindrance]:
    if not await open_requests(session, member_id):
        return []
    return [
        Hindrance(
            "requests-open",
            "Movements of points are on their way to the switch",
            "جابه‌جایی‌هایی از امتیاز در راه سوئیچ است.",
        )
    ]


FRAME_DATA: Final = (
    PersonalData(
        name="switch_records",
        title="Records sent to the switch",
        title_fa="رکوردهای فرستاده به سوئیچ",
        kept="Number, tier and status; the switch has an anonymous name from then on.",
        kept_fa="شماره، سطح و وضعیت؛ از آن پس سوئیچ نامی بی‌نشان دارد.",
        export=_nothing,
        erase=_erase_records,
        hindrances=_records_on_the_way,
    ),
    PersonalData(
        name="ledger_requests",
        title="Requests to the ledger",
        title_fa="درخواست‌ها به دفتر",
        kept="Amounts and member number, as long as the ledger.",
        kept_fa="مقدارها و شمارهٔ عضویت، تا زمانی که دفتر نگه داشته می‌شود.",
        export=_nothing,
        hindrances=_requests_open,
    ),
    PersonalData(
        name="audit",
        title="Audit log",
        title_fa="ردپای تغییرها",
        kept="Who changed the member's records and when, and who erased them; no longer what.",
        kept_fa="این که چه کسی و کی رکوردها را تغییر داده و پاک کرده است؛ نه این که چه بوده.",
        export=_nothing,
    ),
    PersonalData(
        name="stored_answers",
        title="Answers kept for repeats",
        title_fa="پاسخ‌های نگه‌داشته برای تکرار",
        kept="Nothing: answers that show the member are emptied; all are sealed, and deleted after 72 hours.",
        kept_fa="هیچ: پاسخ‌هایی که عضو را نشان می‌دهد خالی می‌شود؛ همه مهرشده‌اند و پس از ۷۲ ساعت پاک می‌شوند.",
        export=_nothing,
    ),
    PersonalData(
        name="files",
        title="Files",
        title_fa="فایل‌ها",
        kept="Files of imports and their reports, sealed, until 30 days after they came; the member's own "
        "exports are deleted at once.",
        kept_fa="فایل‌های ورود و گزارش آن‌ها، مهرشده، تا ۳۰ روز پس از دریافت؛ خروجی‌های خود عضو "
        "همان لحظه پاک می‌شود.",
        export=_nothing,
    ),
    PersonalData(
        name="privacy_requests",
        title="Exports and erasings",
        title_fa="خروجی‌ها و پاک‌سازی‌ها",
        kept="That, when and by whom a member number was exported or erased, as proof.",
        kept_fa="این که شمارهٔ عضویت کی و به دست چه کسی خروجی گرفته یا پاک شده است، برای اثبات.",
        export=_nothing,
    ),
    PersonalData(
        name="jobs_and_events",
        title="Jobs, events and webhooks",
        title_fa="کارها، رویدادها و وب‌هوک‌ها",
        kept="Member numbers only; nothing else of a person is ever in them.",
        kept_fa="تنها شمارهٔ عضویت؛ جز آن چیزی از اشخاص در آن‌ها نیست.",
        export=_nothing,
    ),
)
