"""What messages hold of a member, for export and erasing."""

from pydantic import JsonValue
from sqlalchemy import delete, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.messages.consent import logic as consent
from host_api.services.messages.inbox import logic as inbox
from host_api.services.messages.models import MemberCode, MemberLanguage, WaitingText

_MOST = 10_000


async def _export(session: AnySession, cipher: FieldCipher, member_id: int) -> JsonObject:
    texts = await session.scalars(
        select(WaitingText)
        .where(WaitingText.member_id == member_id)
        .order_by(WaitingText.id.desc())
        .limit(_MOST)
    )
    listed: list[JsonValue] = [
        {
            "topic": row.topic,
            "channel": row.channel,
            "state": row.state,
            "created_at": row.created_at.isoformat(),
            "sent_at": None if row.sent_at is None else row.sent_at.isoformat(),
        }
        for row in texts
    ]
    language = await _language(session, member_id)
    consents: list[JsonValue] = [
        {"channel": each.channel, "is_allowed": each.is_allowed, "changed_at": each.changed_at.isoformat()}
        for each in await consent.rows_of(session, member_id)
    ]
    letters: list[JsonValue] = [
        each.model_dump(mode="json") for each in await inbox.of_member(session, cipher, member_id)
    ]
    return {
        **({"consents": consents} if consents else {}),
        **({"inbox": letters} if letters else {}),
        **({} if language is None else {"language": language.language}),
        **({"texts": listed} if listed else {}),
    }


async def _language(session: AnySession, member_id: int) -> MemberLanguage | None:
    return await session.scalar(select(MemberLanguage).where(MemberLanguage.member_id == member_id))


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    for statement in (
        delete(WaitingText).where(WaitingText.member_id == member_id),
        delete(MemberCode).where(MemberCode.member_id == member_id),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))
    await inbox.forget(session, member_id)
    forgotten: list[InProgramme] = [*await consent.forget(session, member_id)]
    language = await _language(session, member_id)
    if language is not None:
        await session.delete(language)
        forgotten.append(language)
    return forgotten


PERSONAL_DATA = PersonalData(
    name="messages",
    title="Messages",
    title_fa="پیام‌ها",
    kept="Nothing. While a member stays: consents, inbox, texts until sent, and for 60 days that they were.",
    kept_fa="هیچ. تا عضو هست: رضایت‌ها و صندوق پیام، متن پیام تا زمان ارسال، و خود ارسال ۶۰ روز.",
    export=_export,
    erase=_erase,
)
