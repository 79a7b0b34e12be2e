"""Campaigns without HTTP: written, started, run by their jobs at a clock that the test turns."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import select

from host_api.core.access.caller import Caller, CallerKind
from host_api.core.database import Database
from host_api.core.jobs.declaration import Job
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.campaigns import job, logic, results
from host_api.services.campaigns.models import Campaign, CampaignAct, CampaignEntry
from host_api.services.campaigns.schemas import CampaignCreate, CampaignResultsRead
from tests.host_api.core.jobs.working_jobs import Runners, TurnedClock, tools_on

# Half past twelve in Tehran.
NOON = datetime(2026, 11, 22, 9, tzinfo=UTC)
WRITER = Caller(CallerKind.API_KEY, "writer", "writer", FIRST_PROGRAMME, frozenset())
STARTER = Caller(CallerKind.API_KEY, "starter", "starter", FIRST_PROGRAMME, frozenset())

MESSAGE: dict[str, object] = {"kind": "message", "text": "Hello", "text_fa": "سلام"}


@dataclass
class CampaignBench:
    """The jobs of campaigns on one database."""

    database: Database
    runners: Runners

    @property
    def clock(self) -> TurnedClock:
        return self.runners.clock

    async def start(self, steps: list[dict[str, object]], **changes: object) -> int:
        """Write a campaign with one variant and start it as another person."""
        values: dict[str, object] = {
            "title": "Hello",
            "title_fa": "سلام",
            "goal": "activate",
            "trigger": {"kind": "at", "at": "2026-11-22T09:00:00Z"},
            "last_day": "2030-01-01",
            "control_percent": 0,
            "variants": [{"code": "a", "steps": steps}],
        }
        async with self.database.writing(FIRST_PROGRAMME) as session:
            campaign = await logic.create(session, CampaignCreate.model_validate(values | changes), WRITER)
            await logic.start(session, campaign.id, STARTER, self.clock.now)
            return campaign.id

    async def run(self) -> dict[str, object]:
        """What the minute's job did."""
        return await self._run(job.RUN_CAMPAIGNS)

    async def measure(self, campaign_id: int) -> CampaignResultsRead:
        await self._run(results.MEASURE_CAMPAIGNS)
        async with self.database.reading(FIRST_PROGRAMME) as session:
            return await results.read(session, campaign_id)

    async def _run(self, name: str) -> dict[str, object]:
        run_id = await self.runners.enqueue(name)
        await self.runners.work_off(self.runners.new())
        run = await self.runners.run(run_id)
        assert run.state == "succeeded", run.error_kind
        return dict(run.outcome or {})

    async def acts(self) -> list[tuple[int, int, str]]:
        """Member, step and kind of what was done, in order."""
        async with self.database.reading(FIRST_PROGRAMME) as session:
            rows = await session.scalars(select(CampaignAct).order_by(CampaignAct.id))
            return [(row.member_id, row.step, row.kind) for row in rows]

    async def entries(self) -> dict[tuple[int, int], tuple[str, str]]:
        """Arm and state by member and occasion."""
        async with self.database.reading(FIRST_PROGRAMME) as session:
            rows = await session.scalars(select(CampaignEntry))
            return {(row.member_id, row.occasion): (row.arm, row.state) for row in rows}

    async def state(self, campaign_id: int) -> tuple[str, str | None]:
        async with self.database.reading(FIRST_PROGRAMME) as session:
            campaign = await session.get_one(Campaign, campaign_id)
            return campaign.state, campaign.paused_because


async def bench_on(database: Database, settings: Settings, now: datetime = NOON) -> CampaignBench:
    # Their schedules would make them due by themselves, too: the test says when.
    jobs = [_unscheduled(job.RUN), _unscheduled(results.MEASURE)]
    runners = Runners(await tools_on(database, settings), *jobs)
    runners.clock.now = now
    return CampaignBench(database, runners)


def _unscheduled(declared: Job) -> Job:
    return replace(declared, schedule=None)
