"""What the offers service holds of a member, for export and erasing."""

from collections.abc import Sequence

from pydantic import JsonValue
from sqlalchemy import delete, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.offers import claims
from host_api.services.offers.models import PassageTold
from host_api.services.offers.suggestions.models import MemberSuggestion


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    offered: list[JsonValue] = [
        {
            "offer_id": row.offer_id,
            "state": row.state,
            "offered_at": row.offered_at.isoformat(),
            "claimed_at": None if row.claimed_at is None else row.claimed_at.isoformat(),
            "used_at": None if row.used_at is None else row.used_at.isoformat(),
        }
        for row in await claims.of_member(session, member_id)
    ]
    told: list[JsonValue] = [
        {"offer_id": row.offer_id, "at": row.at.isoformat()}
        for row in await session.scalars(
            select(PassageTold).where(PassageTold.member_id == member_id).order_by(PassageTold.at)
        )
    ]
    kept = await session.scalar(select(MemberSuggestion).where(MemberSuggestion.member_id == member_id))
    suggested: list[JsonValue] = [] if kept is None else list(kept.suggestions)
    parts: JsonObject = {"offered": offered, "told_in_passing": told, "suggested": suggested}
    return {name: part for name, part in parts.items() if part}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> Sequence[InProgramme]:
    for table in (PassageTold, MemberSuggestion):
        await session.execute(
            delete(table).where(table.member_id == member_id).execution_options(synchronize_session=False)
        )
    return []


PERSONAL_DATA = PersonalData(
    name="offers",
    title="Offers",
    title_fa="پیشنهادها",
    kept="Which offers the member number had and used, as long as the offers. Suggestions go.",
    kept_fa="پیشنهادهایی که شمارهٔ عضو داشت و به کار برد، تا زمانی که هستند. پیشنهادهای خودکار پاک می‌شود.",
    export=_export,
    erase=_erase,
)
