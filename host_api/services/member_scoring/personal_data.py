"""What the scoring service holds of a member, for export and erasing."""

from collections.abc import Sequence

from pydantic import JsonValue
from sqlalchemy import delete, exists, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.member_scoring.models import ScoredMember
from host_api.services.member_scoring.schemas import ScoringAwardState

_MOST = 10_000
_ON_ITS_WAY = (ScoringAwardState.SENT.value, ScoringAwardState.DOUBTFUL.value)


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    rows = await session.scalars(
        select(ScoredMember)
        .where(ScoredMember.member_id == member_id)
        .order_by(ScoredMember.run_id.desc())
        .limit(_MOST)
    )
    listed: list[JsonValue] = [
        {
            "run": row.run_id,
            "score": row.score,
            "band": row.band,
            "measured": list(row.measured),
            "award_units": row.award_units,
            "award_state": row.award_state,
        }
        for row in rows
    ]
    return {"scores": listed} if listed else {}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> Sequence[InProgramme]:
    await session.execute(
        delete(ScoredMember)
        .where(ScoredMember.member_id == member_id)
        .execution_options(synchronize_session=False)
    )
    return ()


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_on_its_way = exists().where(
        ScoredMember.member_id == member_id, ScoredMember.award_state.in_(_ON_ITS_WAY)
    )
    if not await session.scalar(select(is_on_its_way)):
        return []
    return [
        Hindrance(
            "scoring-award-open",
            "An award of a scoring run is on its way",
            "پاداشی از امتیازدهی هوشمند در راه است.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="member_scoring",
    title="Scores",
    title_fa="امتیازدهی هوشمند",
    kept="Nothing: scores and what was measured for them go.",
    kept_fa="هیچ؛ امتیازها و سنجه‌هایشان پاک می‌شوند.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
