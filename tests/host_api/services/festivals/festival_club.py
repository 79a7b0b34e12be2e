"""A club with a festival, whose clock the test turns."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import to_epoch_ms
from host_api.core.database import Database
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.festivals import awards, definitions, taking_part
from host_api.services.festivals.award_schemas import FestivalAwardCreate, FestivalAwardRead
from host_api.services.festivals.jobs import JOB
from host_api.services.festivals.models import FestivalMember, FestivalWin
from host_api.services.festivals.schemas import FestivalCreate
from tests.host_api.core.jobs.working_jobs import Runners, TurnedClock, tools_on

START = datetime(2026, 11, 22, 9, tzinfo=UTC)


@dataclass
class FestivalClub:
    database: Database
    runners: Runners
    cipher: FieldCipher
    caller: Caller = field(default_factory=lambda: system_caller("app", FIRST_PROGRAMME))

    @property
    def clock(self) -> TurnedClock:
        return self.runners.clock

    async def festival(self, *, days: int = 10, **values: object) -> int:
        wanted: dict[str, object] = {
            "title": "F",
            "title_fa": "ج",
            "indicators": [{"kind": "purchase_amount", "per": 100}],
            "starts_at": self.clock(),
            "ends_at": self.clock() + timedelta(days=days),
        }
        async with self.database.writing(FIRST_PROGRAMME) as session:
            made = await definitions.create(
                session, FestivalCreate.model_validate(wanted | values), self.caller, self.clock()
            )
            return made.id

    async def join(self, festival_id: int, *member_ids: int) -> None:
        async with self.database.writing(FIRST_PROGRAMME) as session:
            for member_id in member_ids:
                await taking_part.join(session, festival_id, member_id, self.clock())

    async def award(self, festival_id: int, *, days: float, **values: object) -> FestivalAwardRead:
        wanted: dict[str, object] = {
            "title": "A",
            "title_fa": "ج",
            "winners": 2,
            "at": START + timedelta(days=days),
        }
        async with self.database.writing(FIRST_PROGRAMME) as session:
            return await awards.create(
                session,
                self.cipher,
                festival_id,
                FestivalAwardCreate.model_validate(wanted | values),
                caller=self.caller,
                now=self.clock(),
            )

    async def awards(self, festival_id: int) -> list[FestivalAwardRead]:
        async with self.database.reading(FIRST_PROGRAMME) as session:
            return [
                await awards.shown(session, award) for award in await awards.of_festival(session, festival_id)
            ]

    async def settle(self) -> None:
        """Let the job do all that is due."""
        await self.runners.enqueue(JOB.name)
        await self.runners.work_off(self.runners.new())

    async def members(self, festival_id: int) -> list[FestivalMember]:
        async with self.database.reading(FIRST_PROGRAMME) as session:
            found = await session.scalars(
                select(FestivalMember)
                .where(FestivalMember.festival_id == festival_id)
                .order_by(FestivalMember.place, FestivalMember.member_id)
            )
            return list(found)

    async def wins(self) -> list[FestivalWin]:
        async with self.database.reading(FIRST_PROGRAMME) as session:
            found = await session.scalars(
                select(FestivalWin).order_by(FestivalWin.award_id, FestivalWin.category, FestivalWin.rank)
            )
            return list(found)

    async def joined_at(self, festival_id: int, member_id: int, at: datetime) -> None:
        """Have a member have joined then."""
        async with self.database.writing(FIRST_PROGRAMME) as session:
            await session.execute(
                update(FestivalMember)
                .where(FestivalMember.festival_id == festival_id, FestivalMember.member_id == member_id)
                .values(joined_ms=to_epoch_ms(at))
            )


async def festival_club(database: Database, settings: Settings) -> FestivalClub:
    tools = await tools_on(database, settings)
    return FestivalClub(database, Runners(tools, JOB), tools.vault.cipher)
