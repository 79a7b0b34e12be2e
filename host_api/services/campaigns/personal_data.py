"""What the campaigns service holds of a member, for export and erasing."""

from collections.abc import Sequence

from pydantic import JsonValue
from sqlalchemy import func, select, update

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.campaigns.models import CampaignAct, CampaignEntry
from host_api.services.campaigns.schemas import CampaignEntryState

_MOST = 10_000
_OPEN = ("asked", "doubtful")


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    entries = await session.scalars(
        select(CampaignEntry).where(CampaignEntry.member_id == member_id).order_by(CampaignEntry.entered_at)
    )
    entered: list[JsonValue] = [
        {
            "campaign_id": row.campaign_id,
            "occasion": row.occasion,
            "arm": row.arm,
            "state": row.state,
            "entered_at": row.entered_at.isoformat(),
        }
        for row in entries
    ]
    acts = await session.scalars(
        select(CampaignAct)
        .where(CampaignAct.member_id == member_id)
        .order_by(CampaignAct.at.desc())
        .limit(_MOST)
    )
    got: list[JsonValue] = [
        {
            "campaign_id": act.campaign_id,
            "kind": act.kind,
            "units": act.units,
            "state": act.state,
            "at": act.at.isoformat(),
        }
        for act in acts
    ]
    parts: JsonObject = {"entered": entered, "got": got}
    return {name: part for name, part in parts.items() if part}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> Sequence[InProgramme]:
    """Whoever is on the way leaves; the rows hold only the number, and results are counted by them."""
    await session.execute(
        update(CampaignEntry)
        .where(CampaignEntry.member_id == member_id, CampaignEntry.due_at.is_not(None))
        .values(state=CampaignEntryState.LEFT.value, due_at=None)
        .execution_options(synchronize_session=False)
    )
    return []


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    waiting = select(func.count(CampaignAct.id)).where(
        CampaignAct.member_id == member_id, CampaignAct.state.in_(_OPEN)
    )
    if not await session.scalar(waiting):
        return []
    return [
        Hindrance(
            "campaign-points-open",
            "Points of a campaign wait for the switch",
            "امتیاز کمپینی در انتظار پاسخ سوئیچ است.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="campaigns",
    title="Campaigns",
    title_fa="کمپین‌ها",
    kept="Which campaigns the member number went through and what it got, as long as the campaigns.",
    kept_fa="این‌که شمارهٔ عضو از کدام کمپین‌ها گذشت و چه گرفت، تا زمانی که کمپین‌ها هستند.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
