"""What the achievements service holds of a member, for export."""

from pydantic import JsonValue

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.services.achievements.logic import awards_of

_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    listed: list[JsonValue] = [
        {
            "achievement": award.achievement_id,
            "level": award.level,
            "period": award.period,
            "reached_at": award.reached_at.isoformat(),
        }
        for award in await awards_of(session, member_id, _MOST)
    ]
    return {"awards": listed} if listed else {}


PERSONAL_DATA = PersonalData(
    name="achievements",
    title="Achievements",
    title_fa="دستاوردها",
    kept="Levels reached by member number, so that nothing is given twice.",
    kept_fa="پله‌های به‌دست‌آمده با شمارهٔ عضویت، تا چیزی دو بار داده نشود.",
    export=_export,
)
