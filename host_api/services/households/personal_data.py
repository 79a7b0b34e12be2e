"""What the households service holds of a member, for export and erasing."""

from pydantic import JsonValue

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.households import logic, repository


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    listed: list[JsonValue] = []
    for row in await repository.memberships(session, member_id):
        household = await logic.find(session, row.household_id)
        listed.append(
            {
                "household": household.number,
                "name": household.name,
                "relation": row.relation,
                "joined_at": row.joined_at.isoformat(),
                "left_at": None if row.left_at is None else row.left_at.isoformat(),
            }
        )
    return {"households": listed} if listed else {}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    await logic.withdraw(session, member_id)
    rows = await repository.memberships(session, member_id)
    erased: list[InProgramme] = [*rows]
    for household_id in sorted({row.household_id for row in rows}):
        household = await logic.find(session, household_id)
        if household.dissolved_at is not None:
            household.name = None
            erased.append(household)
    for row in rows:
        await session.delete(row)
    await session.flush()
    return erased


PERSONAL_DATA = PersonalData(
    name="households",
    title="Households",
    title_fa="خانوارها",
    kept="The household of the others, with its name and pooled units.",
    kept_fa="خانوار برای دیگر عضوها، با نام و واحدهای مشترک آن.",
    export=_export,
    erase=_erase,
)
